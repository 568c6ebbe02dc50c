"""Who sends a request: the holder of an API key, or whom an OIDC provider names in a token."""

import hashlib
import time
from collections import OrderedDict

import structlog

from api.access import Viewer
from api.keys import Keyring
from api.oidc import OidcSettings
from api.token_keys import TokenKeys
from api.tokens import RefusedTokenError, looks_like_token, read_header, read_nonce, verify
from graph.errors import PermissionDeniedError, UnauthenticatedError

log = structlog.get_logger()

_TRUSTED_TOKENS = 1_000


class Callers:
    """Tells who sent an Authorization header; a token found good is trusted for `seconds`, but not beyond its end."""

    def __init__(self, keyring: Keyring, oidc: OidcSettings | None, seconds: float) -> None:
        self._keyring = keyring
        self._oidc = oidc
        self._keys = TokenKeys(oidc) if oidc else None
        self._seconds = seconds
        self._trusted: OrderedDict[bytes, tuple[float, Viewer]] = OrderedDict()

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who is asking; raises UnauthenticatedError, PermissionDeniedError for a token without a role here."""
        scheme, _, given = (authorization or "").partition(" ")
        credential = given.strip()
        if self._oidc is None or scheme.lower() != "bearer" or not looks_like_token(credential):
            return await self._keyring.viewer(authorization)
        try:
            return await self._of_token(credential, self._oidc)
        except RefusedTokenError as error:
            log.info("token_refused", why=error.why)
            raise UnauthenticatedError(str(error)) from None

    async def of_id_token(self, token: str, nonce: str) -> Viewer:
        """Whom the ID token of a sign-in names, if it answers the request with this nonce; raises as `viewer`."""
        assert self._oidc is not None
        viewer = await self._of_token(token, self._oidc)
        if read_nonce(token) != nonce:
            raise RefusedTokenError("nonce")
        return viewer

    async def _of_token(self, token: str, oidc: OidcSettings) -> Viewer:
        digest, now = hashlib.sha256(token.encode()).digest(), time.time()
        until, known = self._trusted.get(digest, (0.0, None))
        if known is not None and now < until:
            return known
        header = read_header(token, oidc)
        assert self._keys is not None
        claims = verify(token, header, await self._keys.find(header), oidc, now)
        role = next((here for there, here in oidc.roles.items() if there in claims.roles), None)
        if role is None:
            raise PermissionDeniedError(
                "The token has none of the roles that [oidc.roles] of onefold.toml names."
            )
        viewer = Viewer(f"oidc:{claims.subject}", role)
        self._trusted[digest] = (min(now + self._seconds, claims.expires_at + oidc.leeway_seconds), viewer)
        while len(self._trusted) > _TRUSTED_TOKENS:
            self._trusted.popitem(last=False)
        return viewer
