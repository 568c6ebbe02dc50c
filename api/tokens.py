"""OIDC bearer tokens: what a provider's signed token must say before somebody is believed to be who it names."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from api.oidc import OidcSettings
from graph.errors import UnauthenticatedError

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LONGEST = 16_000
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
_FOREIGN = ("jku", "x5u", "x5c", "jwk", "crit", "b64", "zip", "enc", "cty")
"""Headers by which a token would bring its own key, or change how it is read."""
_LONGEST_SUBJECT = 255


class RefusedTokenError(UnauthenticatedError):
    """A token that is not believed; `why` is a code for the log, callers are told no more than of any bad key."""

    def __init__(self, why: str) -> None:
        super().__init__("Send `Authorization: Bearer TOKEN` with a valid token of the configured provider.")
        self.why = why


@dataclass(frozen=True, slots=True)
class TokenHeader:
    """The part of a token by which its key is found; nothing in it is believed yet."""

    algorithm: str
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says: whom it is of, what its provider lets them be, until when (Unix seconds)."""

    subject: str
    roles: tuple[str, ...]
    expires_at: float


def looks_like_token(text: str) -> bool:
    """Whether a bearer credential has the form of a signed token."""
    return len(text) <= _LONGEST and _FORM.fullmatch(text) is not None


def read_header(token: str, settings: OidcSettings) -> TokenHeader:
    """The header of a token; raises RefusedTokenError for what this service never takes."""
    try:
        header: dict[str, Any] = dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError, RecursionError):
        raise RefusedTokenError("malformed") from None
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if any(name in header for name in _FOREIGN):
        raise RefusedTokenError("header_unsafe")
    if algorithm not in settings.algorithms:
        raise RefusedTokenError("algorithm")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise RefusedTokenError("type")
    if key_id is not None and not (isinstance(key_id, str) and 0 < len(key_id) <= 200):
        raise RefusedTokenError("key_id")
    return TokenHeader(cast("str", algorithm), key_id)


def read_nonce(token: str) -> str | None:
    """The nonce of a token that was verified before."""
    claims = orjson.loads(jws.extract_compact(token.encode()).payload)
    return cast("str | None", claims.get("nonce"))


def verify(token: str, header: TokenHeader, key: Key, settings: OidcSettings, now: float) -> Claims:
    """What the token says, once its signature is the key's; raises RefusedTokenError otherwise."""
    try:
        found = jws.deserialize_compact(token.encode(), key, algorithms=[header.algorithm])
        claims = orjson.loads(found.payload)
    except (JoseError, ValueError, TypeError):
        raise RefusedTokenError("signature") from None
    if not isinstance(claims, dict):
        raise RefusedTokenError("malformed")
    return _checked(cast("dict[str, Any]", claims), settings, now)


def _checked(claims: Mapping[str, Any], settings: OidcSettings, now: float) -> Claims:
    audience = claims.get("aud")
    audiences: Sequence[Any] = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    subject, leeway = claims.get("sub"), settings.leeway_seconds
    expires_at = _instant(claims.get("exp"), math.nan)
    conditions: dict[str, Callable[[], bool]] = {
        "issuer": lambda: claims.get("iss") == settings.issuer,
        "audience": lambda: settings.audience in audiences and all(isinstance(one, str) for one in audiences),
        "expired": lambda: now < expires_at + leeway,
        "not_yet": lambda: _instant(claims.get("nbf"), -math.inf) <= now + leeway,
        "issued_later": lambda: _instant(claims.get("iat"), -math.inf) <= now + leeway,
        "subject": lambda: (
            isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()
        ),
    }
    for why, holds in conditions.items():
        if not holds():
            raise RefusedTokenError(why)
    return Claims(cast("str", subject), _roles(claims, settings.role_claim), expires_at)


def _instant(value: Any, absent: float) -> float:
    """A NumericDate; NaN, which no comparison holds for, when it is no number."""
    if value is None:
        return absent
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _roles(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The roles at a path: a list of names, or names with blanks between; nothing for anything else."""
    found: Any = claims
    for part in [path] if path in claims else path.split("."):
        found = cast("dict[str, Any]", found).get(part) if isinstance(found, dict) else None
    if isinstance(found, str):
        return tuple(found.split())
    return (
        tuple(one for one in cast("list[Any]", found) if isinstance(one, str))
        if isinstance(found, list)
        else ()
    )
