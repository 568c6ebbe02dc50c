"""Signing in at an OIDC provider: the authorization code flow with PKCE, a state and a nonce."""

import asyncio
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from urllib.parse import urlencode

import httpx
import structlog

from api.discovery import PATIENCE_SECONDS, discover, read_object
from api.errors import ProviderError
from api.oidc import OidcSettings

log = structlog.get_logger()

_FAILURES = (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in, kept sealed in the browser while its provider asks who that is.

    `back` is the address to come back to; the others are secrets of this attempt alone.
    """

    back: str
    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls, back: str) -> Self:
        """An attempt that comes back to an address."""
        return cls(back, *(secrets.token_urlsafe(32) for _ in range(3)))

    async def address(self, oidc: OidcSettings) -> str:
        """Where the browser has to go; raises ProviderError while the provider does not answer."""
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": oidc.client_id,
            "redirect_uri": self.back,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as client:
                said = await discover(client, oidc.issuer, "authorization_endpoint")
        except _FAILURES as error:
            log.warning("sign_in_failed", error=type(error).__name__)
            raise ProviderError("The provider cannot be asked who you are.") from None
        return f"{said['authorization_endpoint']}?{urlencode(asked)}"

    async def token(self, oidc: OidcSettings, code: str, state: str) -> str:
        """The ID token for the code that came back; raises ValueError when it is not this attempt's, or no good."""
        if not code or not hmac.compare_digest(state.encode(), self.state.encode()):
            raise ValueError
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": self.verifier,
            "client_id": oidc.client_id,
        }
        sent: dict[str, object] = {"data": form}
        if oidc.client_secret:
            sent["auth"] = (oidc.client_id, oidc.client_secret)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as client:
                said = await discover(client, oidc.issuer, "token_endpoint")
                answer = await read_object(client, "POST", str(said["token_endpoint"]), **sent)
                return str(answer["id_token"])
        except _FAILURES as error:
            log.warning("sign_in_failed", error=type(error).__name__)
            raise ValueError from None
