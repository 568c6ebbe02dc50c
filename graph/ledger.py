"""The append-only ledger of identity events: what happened to each profile, and what triggered it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, LiteralString
from uuid import uuid4

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


_HISTORY = """
MATCH (event:IdentityEvent {profile_id: $profile_id})
RETURN event {.id, .profile_id, .change, .at, .cause, .related, .record_keys, .model} AS event
ORDER BY event.at DESC, event.id LIMIT $limit
"""


async def history(graph: Graph, profile_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The newest `limit` events of a profile."""
    rows = await graph.read(_HISTORY, profile_id=profile_id, limit=limit)
    return [row["event"] for row in rows]
