"""A steward's session: who signed in, sealed in a cookie, and a secret against forged forms."""

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import Request, Response
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from api.access import Viewer
from graph.errors import UnauthenticatedError

COOKIE = "onefold_steward"
PROOF_HEADER = "x-onefold-secret"
"""The header in which pages repeat the secret of their session."""
_HEADER = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie holds: a key, which is checked again with every request, or the id and role of somebody whom a
    provider signed in; the secret that forms repeat; the end (Unix seconds)."""

    secret: str
    until: int
    credential: str = ""
    signed_in: tuple[str, str] | None = None


class Seal:
    """Opens and closes cookies with a key that all processes of an installation derive from its salt."""

    def __init__(self, salt: bytes, seconds: float) -> None:
        """A session ends after `seconds`."""
        digest = blake2b(b"steward session", key=salt[:64], digest_size=32).digest()
        self._key = OctKey.import_key(digest)
        self._seconds = seconds

    def of_key(self, credential: str) -> Session:
        """A new session for whoever holds an API key or a token."""
        return Session(secrets.token_urlsafe(24), int(time.time() + self._seconds), credential)

    def of_viewer(self, viewer: Viewer) -> Session:
        """A new session for somebody whom a provider has just signed in."""
        until = int(time.time() + self._seconds)
        return Session(secrets.token_urlsafe(24), until, signed_in=(viewer.key_id, viewer.role.value))

    def close(self, session: Session) -> str:
        """The text of the cookie."""
        return self.lock([session.secret, session.until, session.credential, session.signed_in])

    def open(self, cookie: str) -> Session:
        """The session of a cookie; raises UnauthenticatedError when it was not sealed here, or is over."""
        try:
            secret, until, credential, signed_in = self.unlock(cookie)
        except (ValueError, TypeError):
            raise UnauthenticatedError("Sign in.") from None
        if until <= time.time():
            raise UnauthenticatedError("Your session is over: sign in again.")
        return Session(secret, until, credential, tuple(signed_in) if signed_in else None)

    def lock(self, value: Any) -> str:
        """A JSON value as text that only this installation can read and make (JWE, A256GCM)."""
        return jwe.encrypt_compact(_HEADER, orjson.dumps(value), self._key)

    def unlock(self, text: str) -> Any:
        """The value that was locked; raises ValueError for anything else."""
        try:
            opened = jwe.decrypt_compact(text, self._key, algorithms=list(_HEADER.values()))
        except (JoseError, TypeError):
            raise ValueError from None
        return orjson.loads(opened.plaintext or b"")


def is_genuine(session: Session, repeated: str) -> bool:
    """Whether a form repeats the secret of its session, which only our own pages know."""
    return hmac.compare_digest(session.secret.encode(), repeated.encode())


def keep(response: Response, request: Request, sealed: str, seconds: float) -> Response:
    """Give a response the cookie: for the workbench only, out of reach of scripts, not sent with others' forms."""
    response.set_cookie(
        COOKIE,
        sealed,
        max_age=int(seconds),
        path=request.scope["root_path"] or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def forget(response: Response, request: Request) -> Response:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path=request.scope["root_path"] or "/")
    return response
