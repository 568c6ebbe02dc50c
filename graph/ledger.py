"""The append-only ledger of identity events: what happened to each profile, and what triggered it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import uuid4

from graph.moments import LATEST
from graph.transactions import Graph
from graph.vocabulary import IdentityChange


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """One entry: the profile, what happened, the profiles it involved and the records that moved or arrived."""

    profile_id: str
    change: IdentityChange
    cause: str
    related: tuple[str, ...] = ()
    record_keys: tuple[str, ...] = ()
    model: str = ""
    id: str = field(default_factory=_new_id, compare=False)


RECORD_EVENTS: LiteralString = """
CALL (number) {
  UNWIND $events AS row
  MERGE (event:IdentityEvent {id: row.id})
  ON CREATE SET event += row, event.at = $at, event.changed_in = number
}
"""
"""Appends events, stamped with the change number `number`; written twice it appends once."""


def recorded(events: Sequence[IdentityEvent]) -> dict[str, Any]:
    """The parameters of `RECORD_EVENTS` beside the instant `at`."""
    rows = [
        {**asdict(event), "related": list(event.related), "record_keys": list(event.record_keys)}
        for event in events
    ]
    return {"events": rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry(IdentityEvent):
    """An event as it stands in the ledger, with the instant (UTC) at which it happened."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The `size` newest entries before the place (`at`, `id`)."""

    size: int
    at: datetime = LATEST
    id: str = ""


_HISTORY: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (event:IdentityEvent {profile_id: profile_id})
  WHERE event.at < $at OR event.at = $at AND event.id < $id
  RETURN event ORDER BY event.at DESC, event.id DESC LIMIT $size
}
RETURN event {.id, .profile_id, .change, .at, .cause, .related, .record_keys, .model} AS event
ORDER BY event.at DESC, event.id DESC
"""


async def read_history(
    graph: Graph, profile_ids: Sequence[str], page: LedgerPage
) -> dict[str, list[LedgerEntry]]:
    """One page of the ledger for each of `profile_ids`, newest first."""
    rows = await graph.read(
        _HISTORY, profile_ids=sorted(set(profile_ids)), at=page.at, id=page.id, size=page.size
    )
    found: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        found[row["event"]["profile_id"]].append(_entry(row["event"]))
    return found


def _entry(properties: Mapping[str, Any]) -> LedgerEntry:
    return LedgerEntry(
        profile_id=properties["profile_id"],
        change=IdentityChange(properties["change"]),
        cause=properties["cause"],
        related=tuple(properties["related"] or ()),
        record_keys=tuple(properties["record_keys"] or ()),
        model=properties["model"] or "",
        id=properties["id"],
        at=properties["at"],
    )
