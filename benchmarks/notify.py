"""How long after a machine's error a webhook and a subscriber hear that its customer is in trouble.

python -m benchmarks.notify --data-dir DIR [--quick]
"""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256

from websockets.asyncio.client import ClientConnection, connect

from api.keys import issue_key
from benchmarks.figures import Figures, Side, memory_of
from benchmarks.loopback import Loopback
from benchmarks.serve import serving
from benchmarks.stage import Stage, perform
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

_TOML = """
[indicators.errors]
description = "Errors in a day"
function = "count"
types = ["machine_error"]
within_hours = 24

[thresholds.trouble]
description = "Three errors in a day"
indicator = "errors"
enter_at = 3

[actions.care]
on = "segment entered"
segment = "trouble"
url = "http://127.0.0.1:{port}/"
secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"
fields = ["profile.given_name", "profile.email", "indicator.errors"]
"""
_SUBSCRIBE = (
    'subscription { segmentChanged(name: "trouble") { change profile { id attributes { surname } } } }'
)
_COUNTED = "MATCH (:Profile)-[h:HAS_INDICATOR]->(:Indicator {name: 'errors'}) RETURN sum(h.value) AS errors"
_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class _Receiver:
    """Answers webhooks, and hands their arrival on."""

    def __init__(self) -> None:
        self.arrivals: asyncio.Queue[float] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the service ended
            while head := (await reader.readuntil(b"\r\n\r\n")).decode().lower():
                length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
                await reader.readexactly(length)
                self.arrivals.put_nowait(time.perf_counter())
                writer.write(_OK)
                await writer.drain()


async def notify(stage: Stage, figures: Figures, quick: bool) -> None:
    """Let customers cross the limit one after the other, and measure from the request with the last error."""
    customers = 30 if quick else 100
    records = [_customer(number) for number in range(customers)]
    await write_records(stage.graph, records)
    await resolve(stage.graph, ResolutionSettings())
    receiver = _Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    configuration = stage.settings.data_dir / "onefold.toml"
    configuration.write_text(_TOML.format(port=server.sockets[0].getsockname()[1]), encoding="utf-8")
    machine, _ = await issue_key(stage.graph, Role.INGEST, source="machines")
    reader, _ = await issue_key(stage.graph, Role.READER)
    async with server, serving(stage) as (address, process), _listening(address, reader) as socket:
        for number in range(customers):
            await _report(address, machine, _errors(number, 0, 2))
        while (await stage.graph.read(_COUNTED))[0]["errors"] < 2 * customers:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        told: list[float] = []
        heard: list[float] = []
        for number in range(customers):
            began = time.perf_counter()
            await _report(address, machine, _errors(number, 2, 1))
            arrived, listened = await asyncio.gather(receiver.arrivals.get(), _hear(socket))
            told.append((arrived - began) * 1000)
            heard.append((listened - began) * 1000)
        for what, spent in (("webhook", told), ("subscriber", heard)):
            figures.add(
                f"notify: error to {what}, p50", "ms", Side([statistics.median(spent)], memory_of(process))
            )
            figures.add("  p95", "ms", Side([statistics.quantiles(spent, n=20)[-1]]))
    configuration.unlink()


async def _report(address: str, key: str, body: bytes) -> None:
    connection = await Loopback.connect(address, key)  # anew: the service closes one that idles
    await connection.post("/v1/batch", body)
    await connection.close()


def _customer(number: int) -> SourceRecord:
    letters = "".join(chr(97 + byte % 26) for byte in sha256(str(number).encode()).digest())
    named = {"given_name": letters[:8], "surname": letters[8:20]}
    identifiers = (
        Identifier("email", f"c{number}@x.org"),
        Identifier("user_id", f"customer-{number}"),
    )
    return SourceRecord("crm", str(number), RecordKind.PERSON, named, identifiers)


def _errors(customer: int, first: int, count: int) -> bytes:
    batch = [
        {
            "type": "track",
            "event": "machine_error",
            "messageId": f"e-{customer}-{number}",
            "userId": f"customer-{customer}",
            "timestamp": datetime.now(UTC).isoformat(),
        }
        for number in range(first, first + count)
    ]
    return json.dumps({"batch": batch}).encode()


@asynccontextmanager
async def _listening(address: str, key: str) -> AsyncIterator[ClientConnection]:
    url = address.replace("http://", "ws://") + "/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send(
            json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}})
        )
        await socket.recv()
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": _SUBSCRIBE}}))
        yield socket


async def _hear(socket: ClientConnection) -> float:
    await socket.recv()
    return time.perf_counter()


if __name__ == "__main__":
    perform("notify", notify)
