"""A steward's session: the key or token that was signed in with, sealed in a cookie, and a secret against forgery."""

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import blake2b

import orjson
from fastapi import Request, Response
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from graph.errors import UnauthenticatedError

COOKIE = "onefold_steward"
_HEADER = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie holds: the credential as after `Bearer`, the secret that forms repeat, the end (Unix seconds)."""

    credential: str
    secret: str
    until: int


class Seal:
    """Opens and closes cookies with a key that all processes of an installation derive from its salt."""

    def __init__(self, salt: bytes, seconds: float) -> None:
        """A session ends after `seconds`."""
        digest = blake2b(b"steward session", key=salt[:64], digest_size=32).digest()
        self._key = OctKey.import_key(digest)
        self._seconds = seconds

    def begin(self, credential: str) -> Session:
        """A new session for whoever holds a credential."""
        return Session(credential, secrets.token_urlsafe(24), int(time.time() + self._seconds))

    def close(self, session: Session) -> str:
        """The text of the cookie: encrypted and authenticated (JWE, A256GCM)."""
        text = orjson.dumps([session.credential, session.secret, session.until])
        return jwe.encrypt_compact(_HEADER, text, self._key)

    def open(self, cookie: str) -> Session:
        """The session of a cookie; raises UnauthenticatedError when it was not sealed here, or is over."""
        try:
            opened = jwe.decrypt_compact(cookie, self._key, algorithms=list(_HEADER.values()))
            session = Session(*orjson.loads(opened.plaintext or b""))
        except (JoseError, ValueError, TypeError):
            raise UnauthenticatedError("Sign in.") from None
        if session.until <= time.time():
            raise UnauthenticatedError("Your session is over: sign in again.")
        return session


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
