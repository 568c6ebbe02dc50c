"""API keys: made once, shown once, checked on every request against their stored hash."""

import asyncio
import hmac
import math
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from api.access import Viewer
from graph import keys as stored
from graph.errors import (
    GraphTimeoutError,
    GraphUnavailableError,
    InputError,
    NotFoundError,
    UnauthenticatedError,
)
from graph.keys import StoredKey
from graph.transactions import Graph
from graph.vocabulary import Role

_FORM = re.compile(r"of_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_TRUSTED_KEYS = 1_000
_PATIENCE_SECONDS = 1.0
"""How long the graph is waited for about a key that was good a moment ago."""


async def issue_key(
    graph: Graph,
    role: Role,
    lifetime: timedelta | None = None,
    source: str | None = None,
    scopes: Sequence[str] = (),
) -> tuple[str, StoredKey]:
    """Make a key, one with a source to send its events with, one with scopes for those operations only.

    Answers its text and its record; raises InputError for a scope that is no operation of the role.
    """
    _check_scopes(role, scopes)
    key, record = _new_key(role, lifetime)
    record = replace(record, source=source, scopes=tuple(sorted(scopes)))
    await stored.create_key(graph, record)
    return key, record


async def rotate_key(
    graph: Graph, key_id: str, overlap: timedelta, lifetime: timedelta | None = None
) -> tuple[str, StoredKey]:
    """Make a key that takes the place of another, with its role, source, scopes and, unless told, its lifetime.

    Both are good until the old one ends, after `overlap` at the latest. Answers as `issue_key`; raises NotFoundError,
    and InputError for a key that is revoked, expired or has a successor: never are more than two good at once.
    """
    old = await stored.read_key(graph, key_id)
    if old is None:
        raise NotFoundError("There is no API key with this id: see `onefold key list`.")
    former = old.expires_at - old.created_at if old.expires_at else None
    key, record = _new_key(old.role, lifetime or former)
    record = replace(record, source=old.source, scopes=old.scopes)
    until, ended = record.created_at + overlap, old.expires_at and old.expires_at <= record.created_at
    if ended or not await stored.rotate_key(graph, key_id, record, until):
        raise InputError(
            f"{key_id} has ended or was rotated already: rotate its successor, or make a new key."
        )
    return key, record


def _new_key(role: Role, lifetime: timedelta | None) -> tuple[str, StoredKey]:
    """A key `of_<prefix>_<secret>` with 256 random bits, and its record."""
    prefix = secrets.token_hex(6)
    key = f"of_{prefix}_{secrets.token_urlsafe(32)}"
    now = datetime.now(UTC)
    expires_at = now + lifetime if lifetime else None
    return key, StoredKey(f"key_{prefix}", prefix, _digest(key), role, now, expires_at, revoked_at=None)


def _check_scopes(role: Role, scopes: Sequence[str]) -> None:
    for scope in scopes:
        if not Viewer("", role).may(scope):
            raise InputError(f"The role {role.value} has no operation {scope}: see docs/operations.md.")


class Keyring:
    """Checks keys; one that was found good is trusted for `seconds` without asking the graph again, and while the
    graph does not answer: events are taken then too."""

    def __init__(self, graph: Graph, seconds: float) -> None:
        self._graph = graph
        self._seconds = seconds
        self._trusted: OrderedDict[str, tuple[float, StoredKey]] = OrderedDict()

    async def learn(self) -> None:
        """Have seen every key, so that those nobody used yet are known too should the graph go away."""
        for record in await stored.list_keys(self._graph):
            self._remember(record.hash, record, -math.inf)

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who sent this Authorization header; raises UnauthenticatedError, always with the same sentence."""
        scheme, _, key = (authorization or "").partition(" ")
        form = _FORM.fullmatch(key.strip()) if scheme.lower() == "bearer" else None
        if form is None:
            raise _refusal()
        digest = _digest(form.string)
        record = self._remembered(digest)
        if record is None:
            record = await self._find(form.group(1), digest)
            if record is None or not hmac.compare_digest(record.hash, digest):
                raise _refusal()
            self._remember(digest, record)
        if record.revoked_at or (record.expires_at and record.expires_at <= datetime.now(UTC)):
            raise _refusal()
        return Viewer(record.id, record.role, record.source, frozenset(record.scopes))

    async def _find(self, prefix: str, digest: str) -> StoredKey | None:
        """The key as stored or, while the graph does not answer, as it was last seen."""
        _, former = self._trusted.get(digest, (0.0, None))
        if former is None:
            return await stored.find_key(self._graph, prefix)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await stored.find_key(self._graph, prefix)
        except (GraphUnavailableError, GraphTimeoutError, TimeoutError):
            return former

    def _remembered(self, digest: str) -> StoredKey | None:
        checked_at, record = self._trusted.get(digest, (0.0, None))
        return record if time.monotonic() - checked_at < self._seconds else None

    def _remember(self, digest: str, record: StoredKey, checked_at: float | None = None) -> None:
        self._trusted[digest] = (time.monotonic() if checked_at is None else checked_at, record)
        self._trusted.move_to_end(digest)
        while len(self._trusted) > _TRUSTED_KEYS:
            self._trusted.popitem(last=False)


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _refusal() -> UnauthenticatedError:
    return UnauthenticatedError("Send `Authorization: Bearer KEY` with a valid API key (onefold key create).")
