"""Pins: a steward's word on which value a profile shows; superseded, never overwritten."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import uuid4

from graph.batches import batches
from graph.transactions import Graph, Statement

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Pin:
    """A value that a steward pinned; it stands until `until`, when `ended_by` unpinned or replaced it.

    It hangs on the record `record_key`, the founder of the profile at that time, and goes where that record goes;
    when the record is gone (`orphaned`), it goes with whoever carries the profile's id on. `author` is the id of
    an API key. Instants are UTC.
    """

    id: str
    record_key: str
    profile_id: str
    attribute: str
    value: str
    author: str
    reason: str
    at: datetime
    until: datetime | None = None
    ended_by: str | None = None
    orphaned: bool = False


_VIEW: LiteralString = """
RETURN p {.*, orphaned: NOT EXISTS { MATCH (r:SourceRecord {key: p.record_key}) WHERE r.removed_at IS NULL }} AS pin
"""
_ALL: LiteralString = "MATCH (p:Pin) WHERE p.until IS NULL" + _VIEW
_OF: LiteralString = (
    """
UNWIND $keys AS key
CALL (key) {
  MATCH (p:Pin {record_key: key}) RETURN p UNION MATCH (p:Pin {profile_id: key}) RETURN p
}
WITH DISTINCT p WHERE p.until IS NULL
"""
    + _VIEW
)


async def all_pins(graph: Graph) -> list[Pin]:
    """Every pin that stands."""
    return [_pin(row["pin"]) async for row in graph.stream(_ALL)]


async def pins_of(graph: Graph, keys: Collection[str]) -> list[Pin]:
    """The standing pins on these records or profiles (`keys` are record keys and profile ids), by id."""
    found: dict[str, Pin] = {}
    for batch in batches(sorted(keys), _BATCH):
        found |= {row["pin"]["id"]: _pin(row["pin"]) for row in await graph.read(_OF, keys=batch)}
    return [found[name] for name in sorted(found)]


def _pin(properties: Mapping[str, Any]) -> Pin:
    return Pin(**properties)


_FOUNDER: LiteralString = """
MATCH (p:Profile {id: $profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)
WHERE m.until IS NULL AND r.removed_at IS NULL
RETURN r.key AS key ORDER BY r.accepted_at, r.key LIMIT 1
"""


async def founder_of(graph: Graph, profile_id: str) -> str | None:
    """The key of the oldest record of a current profile, None when no record is in it."""
    rows = await graph.read(_FOUNDER, profile_id=profile_id)
    return rows[0]["key"] if rows else None


_TOUCH: LiteralString = "MATCH (r:SourceRecord {key: $key}) SET r.updated_at = $at, r:Pending"
_WRITE: LiteralString = "MERGE (p:Pin {id: $pin.id}) ON CREATE SET p = $pin"
_END: LiteralString = """
UNWIND $ids AS id
MATCH (p:Pin {id: id}) WHERE p.until IS NULL
SET p.until = $at, p.ended_by = $author
"""


async def write_pin(graph: Graph, pin: Pin, former: Collection[Pin]) -> None:
    """Write a pin and end those it replaces; its record waits to be resolved."""
    ids = sorted(one.id for one in former)
    await graph.write_all(
        [
            Statement(_TOUCH, {"key": pin.record_key, "at": pin.at}),
            Statement(_END, {"ids": ids, "at": pin.at, "author": pin.author}),
            Statement(
                _WRITE, {"pin": {name: value for name, value in asdict(pin).items() if name != "orphaned"}}
            ),
        ]
    )


async def end_pins(graph: Graph, pins: Collection[Pin], founder: str, author: str) -> None:
    """End pins of one profile; its `founder` record waits to be resolved."""
    at = datetime.now(UTC)
    await graph.write_all(
        [
            Statement(_TOUCH, {"key": founder, "at": at}),
            Statement(_END, {"ids": sorted(one.id for one in pins), "at": at, "author": author}),
        ]
    )


def new_pin_id() -> str:
    """An id for a new pin."""
    return str(uuid4())
