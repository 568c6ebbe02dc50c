"""The public keys of an OIDC provider: found by discovery, kept a while, fetched anew when it has rotated them."""

import asyncio
import time
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from api.discovery import PATIENCE_SECONDS, discover, read_object
from api.errors import ProviderError
from api.oidc import OidcSettings
from api.tokens import RefusedTokenError, TokenHeader

log = structlog.get_logger()

_KEPT_SECONDS = 600.0
_COOLDOWN_SECONDS = 10.0
"""An unknown key id asks the provider again, but not more often than this: a stranger's tokens must not flood it."""
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
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            said = await discover(client, issuer, "jwks_uri")
            listed = (await read_object(client, "GET", str(said["jwks_uri"])))["keys"]
        keys = [_usable(one) for one in listed[:_MOST_KEYS]]
        return tuple(key for key in keys if key is not None)


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
