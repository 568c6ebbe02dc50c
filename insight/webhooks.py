"""Sends signed messages over HTTP: one attempt, no redirect, bounded in time and size, to safe addresses only."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore
from standardwebhooks.webhooks import Webhook

from insight.addresses import safe_addresses

_LARGEST_ANSWER = 64_000
_LONGEST_WAIT = 86_400


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, or a word for why none did, and when the receiver wants to be asked again."""

    status: int | None = None
    error: str | None = None
    retry_seconds: float | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def final(self) -> bool:
        """Whether the receiver wants no more of it."""
        return self.status == 410


class Sender:
    """Sends messages for all actions of a process."""

    def __init__(self) -> None:
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(),
                max_connections=50,
                keepalive_expiry=30,
                network_backend=_Safe(scheme),
            )
            for scheme in ("https", "http")
        }

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def send(self, url: str, secret: str, message_id: str, body: bytes, seconds: float) -> Answer:
        """Post a body, signed as Standard Webhooks has it (https://www.standardwebhooks.com); never raises for what
        the other side does."""
        now = datetime.now(UTC)
        headers: dict[str | bytes, str | bytes] = {
            "content-type": "application/json",
            "user-agent": "onefold",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, now, body.decode()),
        }
        try:
            async with asyncio.timeout(seconds):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Answer(error="timeout")
        except UnsafeAddressError:
            return Answer(error="address_not_allowed")
        except ssl.SSLError:
            return Answer(error="tls_failed")
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError):
            return Answer(error="not_reached")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
            return Answer(error="no_http")

    async def _post(self, url: str, headers: Mapping[str | bytes, str | bytes], body: bytes) -> Answer:
        pool = self._pools[urlsplit(url).scheme]
        async with pool.stream("POST", url, headers=headers, content=body) as response:
            size = 0
            async for part in response.aiter_stream():  # read, so that the connection can be used again
                size += len(part)
                if size > _LARGEST_ANSWER:
                    break
            return Answer(response.status, retry_seconds=_retry_after(response.headers))


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return float(min(int(value[:9]), _LONGEST_WAIT))
    return None


class UnsafeAddressError(Exception):
    """A host has no address that may be spoken to."""


class _Safe(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, not to names: what a name means may change between two questions."""

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - of the interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first safe address of `host` that answers."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=1)
        addresses = safe_addresses(self._scheme, dict.fromkeys(str(one[4][0]) for one in found))
        if not addresses:
            raise UnsafeAddressError
        failure: Exception = UnsafeAddressError()
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
