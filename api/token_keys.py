"""The public keys of an OIDC provider: found by discovery, kept a while, fetched anew when it has rotated them."""

import asyncio
import time
from http import HTTPStatus
from typing import Any, cast

import httpx
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from api.errors import ProviderError
from api.oidc import OidcSettings, is_trustworthy
from api.tokens import RefusedTokenError, TokenHeader

log = structlog.get_logger()

_KEPT_SECONDS = 600.0
_COOLDOWN_SECONDS = 10.0
"""An unknown key id asks the provider again, but not more often than this: a stranger's tokens must not flood it."""
_PATIENCE_SECONDS = 5.0
_LARGEST_ANSWER = 200_000
_MOST_KEYS = 50
_SMALLEST_RSA_BITS = 2_048
_BITS_PER_CHARACTER = 6
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class TokenKeys:
    """Answers which key a token must be signed with."""

    def __init__(self, settings: OidcSettings, cooldown_seconds: float = _COOLDOWN_SECONDS) -> None:
        self._settings = settings
        self._cooldown = cooldown_seconds
        self._keys: tuple[Key, ...] = ()
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def find(self, header: TokenHeader) -> Key:
        """The key of a token's header; raises RefusedTokenError, or ProviderError while no keys are to be had."""
        if time.monotonic() - self._fetched_at > _KEPT_SECONDS:
            await self._renew()
        found = self._fitting(header)
        if found is None:
            await self._renew()
            found = self._fitting(header)
        if found is None:
            raise RefusedTokenError("key_unknown")
        return found

    def _fitting(self, header: TokenHeader) -> Key | None:
        """The only key with that id that fits the algorithm; without an id the only one that fits at all."""
        fitting = [key for key in self._keys if fits(key, header.algorithm)]
        named = [key for key in fitting if header.key_id is None or key.kid == header.key_id]
        return named[0] if len(named) == 1 else None

    async def _renew(self) -> None:
        """Fetch the keys unless that was tried just now; while that fails, those known before stay good."""
        async with self._fetching:
            if time.monotonic() - self._tried_at < self._cooldown:
                return
            self._tried_at = time.monotonic()
            try:
                self._keys = await self._fetch()
                self._fetched_at = time.monotonic()
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TimeoutError) as error:
                log.warning("token_keys_failed", error=type(error).__name__)
                if not self._keys:
                    self._tried_at = float("-inf")
                    raise ProviderError("The provider's keys cannot be read.") from None

    async def _fetch(self) -> tuple[Key, ...]:
        issuer = self._settings.issuer
        async with asyncio.timeout(_PATIENCE_SECONDS), httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:
            said = await _read(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if said["issuer"] != issuer or not is_trustworthy(str(said["jwks_uri"])):
                raise ValueError
            listed = (await _read(client, str(said["jwks_uri"])))["keys"]
        keys = [_usable(one) for one in listed[:_MOST_KEYS]]
        return tuple(key for key in keys if key is not None)


async def _read(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    """A JSON object at an address: no redirects, no more than the cap."""
    async with client.stream("GET", address) as response:
        if response.status_code != HTTPStatus.OK:
            raise ValueError
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LARGEST_ANSWER:
                raise ValueError
    said = orjson.loads(body)
    if not isinstance(said, dict):
        raise ValueError
    return cast("dict[str, Any]", said)


def _usable(said: Any) -> Key | None:
    """A public key for signatures that is strong enough; None for everything else that a provider may list."""
    kinds: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    try:
        if said.get("use", "sig") != "sig" or "verify" not in said.get("key_ops", ["verify"]):
            return None
        if said["kty"] == "RSA" and len(said["n"]) * _BITS_PER_CHARACTER < _SMALLEST_RSA_BITS:
            return None
        return kinds[said["kty"]].import_key(said)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None


def fits(key: Key, algorithm: str) -> bool:
    """Whether signatures of this algorithm can be by this key."""
    if (declared := key.get("alg")) and declared not in {
        algorithm,
        "EdDSA" if algorithm == "Ed25519" else algorithm,
    }:
        return False
    if isinstance(key, RSAKey):
        return algorithm.startswith(("RS", "PS"))
    if isinstance(key, ECKey):
        return _CURVES.get(algorithm) == key.curve_name
    return isinstance(key, OKPKey) and algorithm == "Ed25519" and key.curve_name == "Ed25519"
