"""Pins: a steward's word on which value a profile shows; superseded, never overwritten."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import LiteralString

from graph.transactions import Graph, Statement


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
    decision_id: str | None = None


_ALL: LiteralString = """
MATCH (p:Pin) WHERE p.until IS NULL
RETURN p {.*, orphaned: NOT EXISTS { MATCH (r:SourceRecord {key: p.record_key}) WHERE r.removed_at IS NULL }} AS pin
"""


async def all_pins(graph: Graph) -> list[Pin]:
    """Every pin that stands."""
    return [Pin(**row["pin"]) async for row in graph.stream(_ALL)]


# As resolve finds them (graph/closure.py): the pin of a record goes with the record, that of a record gone with the id.
_OF: LiteralString = """
UNWIND $profile_ids AS profile_id
MATCH (home:Profile {id: profile_id})
CALL (home) {
  MATCH (home)<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  MATCH (p:Pin {record_key: r.key}) RETURN p
  UNION
  MATCH (p:Pin {profile_id: home.id})
  WHERE NOT EXISTS { MATCH (r:SourceRecord {key: p.record_key}) WHERE r.removed_at IS NULL }
  RETURN p
}
WITH DISTINCT profile_id, p WHERE p.until IS NULL
RETURN profile_id, p {.*} AS pin ORDER BY p.at DESC, p.id
"""


async def pins_of(graph: Graph, profile_ids: Sequence[str]) -> dict[str, list[Pin]]:
    """The pins that stand for each profile, newest first; of two on one attribute the newer one shows."""
    found: defaultdict[str, list[Pin]] = defaultdict(list)
    for row in await graph.read(_OF, profile_ids=sorted(set(profile_ids))):
        found[row["profile_id"]].append(Pin(**row["pin"]))
    return found


_BY_ID: LiteralString = """
UNWIND $ids AS id
MATCH (p:Pin {id: id})
RETURN p {.*, orphaned: NOT EXISTS { MATCH (r:SourceRecord {key: p.record_key}) WHERE r.removed_at IS NULL }} AS pin
ORDER BY p.id
"""


async def read_pins(graph: Graph, ids: Sequence[str]) -> list[Pin]:
    """The pins with these ids, standing or not."""
    return [Pin(**row["pin"]) for row in await graph.read(_BY_ID, ids=list(ids))] if ids else []


_FOUNDER: LiteralString = """
MATCH (p:Profile {id: $profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)
WHERE m.until IS NULL AND m.valid_from IS NULL AND r.removed_at IS NULL
RETURN r.key AS key ORDER BY r.accepted_at, r.key LIMIT 1
"""


async def founder_of(graph: Graph, profile_id: str) -> str | None:
    """The key of the oldest record of a current profile, None when no record is in it."""
    rows = await graph.read(_FOUNDER, profile_id=profile_id)
    return rows[0]["key"] if rows else None


_END: LiteralString = """
UNWIND $ids AS id
MATCH (p:Pin {id: id}) WHERE p.until IS NULL
SET p.until = $at, p.ended_by = $author
"""
_WRITE: LiteralString = """
UNWIND $rows AS row
MERGE (p:Pin {id: row.id}) ON CREATE SET p = row
"""


def recording(
    given: Collection[Pin], ended: Collection[Pin], author: str, at: datetime
) -> Iterator[Statement]:
    """The statements that end pins and write new ones."""
    if ended:
        yield Statement(_END, {"ids": sorted(one.id for one in ended), "at": at, "author": author})
    if given:
        rows = [{name: value for name, value in asdict(one).items() if name != "orphaned"} for one in given]
        yield Statement(_WRITE, {"rows": rows})
