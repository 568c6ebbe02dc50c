"""Writes what clients state of somebody bit by bit: each statement is joined to what is stored, in any order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import orjson

from graph.blocking import BLOCK_COLUMNS
from graph.cleaning import CLEANING
from graph.due import RECORD_NEWS
from graph.errors import GraphError
from graph.facts import SourceRecord
from graph.identifiers import identifier_key
from graph.records import IDENTIFIERS, OPEN, Links, WriteCounts, utc_instant
from graph.transactions import Graph
from graph.vocabulary import RecordKind

Join = Callable[[SourceRecord, SourceRecord], SourceRecord]
"""Makes one statement of two about the same record; commutative, associative and idempotent (loaders/traits.py)."""

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class _Stored:
    record: SourceRecord
    was: str
    removed: bool
    again: bool
    held: frozenset[str]
    outdated: bool


_STORED: LiteralString = """
UNWIND $keys AS key
MATCH (r:SourceRecord {key: key})
RETURN r {.source, .record_id, .kind, .raw, .trait_times, .observed_at} AS said,
  r.removed_at IS NOT NULL AS removed, r.updated_at = $at AS again,
  coalesce(r.cleaning, 0) < $cleaning AS outdated,
  [(r)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL | i.key] AS held
"""


async def state_records(
    graph: Graph, records: Sequence[SourceRecord], join: Join, stated_at: datetime | None = None
) -> WriteCounts:
    """Join partial statements to the records as stored: traits by their times, identifiers only add.

    One statement per key. A statement that says nothing new costs no write, unless older
    rules cleaned the record; otherwise as `graph.records.write_records`.
    What two writers state at once is joined too: whoever comes second reads again.
    """
    waiting = {record.key: record for record in records}
    at = utc_instant(stated_at)
    created: set[str] = set()
    updated: set[str] = set()
    repeated: set[str] = set()
    for _ in range(_ATTEMPTS):
        stored = await _read(graph, waiting, at)
        news = {
            key: said
            for key, record in waiting.items()
            if (said := _news(record, stored.get(key), join, graph.salt)) is not None
        }
        done = await _write(graph, news, stored, at)
        created |= done - stored.keys()
        updated |= done & stored.keys()
        repeated |= {key for key in done & stored.keys() if stored[key].again}
        waiting = {key: waiting[key] for key in news.keys() - done}
        if not waiting:
            unchanged = {record.key for record in records} - created - updated
            return WriteCounts(
                frozenset(created), frozenset(updated), frozenset(unchanged), frozenset(repeated)
            )
    raise GraphError("Others keep writing to the same records: try again.")


async def _read(graph: Graph, keys: Mapping[str, SourceRecord], at: datetime) -> dict[str, _Stored]:
    found = [_stored(row) for row in await graph.read(_STORED, keys=sorted(keys), at=at, cleaning=CLEANING)]
    return {one.record.key: one for one in found}


def _stored(row: Mapping[str, Any]) -> _Stored:
    said = row["said"]
    record = SourceRecord(
        source=said["source"],
        record_id=said["record_id"],
        kind=RecordKind(said["kind"]),
        attributes={},
        raw=said["raw"] if said["trait_times"] else "{}",
        observed_at=said["observed_at"],
        trait_times=orjson.loads(said["trait_times"] or "{}"),
    )
    was = said["trait_times"] or ""
    return _Stored(record, was, row["removed"], bool(row["again"]), frozenset(row["held"]), row["outdated"])


def _news(record: SourceRecord, stored: _Stored | None, join: Join, salt: bytes) -> SourceRecord | None:
    """The statement to write, None when it says nothing new."""
    if stored is None:
        return record
    said = join(record, stored.record)
    known = said.raw == stored.record.raw and said.trait_times == stored.record.trait_times
    new = [one for one in record.identifiers if identifier_key(one, salt) not in stored.held]
    return None if known and not new and not stored.removed and not stored.outdated else said


# As in graph/records.py: records are locked in key order, then identifiers; setting a property takes the lock, so
# that what is compared cannot change before it is written. What a lost answer had written already counts as written.
_JOINED: LiteralString = (
    """
UNWIND $rows AS row
MERGE (r:SourceRecord {key: row.key})
SET r.updated_at = $at
WITH r, row WHERE coalesce(r.trait_times, '') = row.was
  OR r.trait_times = row.properties.trait_times AND r.raw = row.properties.raw
WITH r, row, r.removed_at IS NOT NULL AND NOT r:Pending AS back
WITH r, row, CASE WHEN back THEN $at ELSE coalesce(r.accepted_at, $at) END AS accepted_at,
  CASE WHEN NOT back THEN r.carried_id END AS carried_id, """
    + RECORD_NEWS
    + """ AS news, r {"""
    + ", ".join(f".{column}" for column in BLOCK_COLUMNS)
    + """} AS blocks
SET r = row.properties
SET r += blocks
SET r.accepted_at = accepted_at, r.carried_id = carried_id, r.updated_at = $at, r.news = news, r:Pending
RETURN collect(r.key) AS keys
"""
)

_WRITE: LiteralString = (
    " ".join("CALL () {" + part + "}" for part in (_JOINED, IDENTIFIERS, OPEN)) + " RETURN keys"
)


async def _write(
    graph: Graph, news: Mapping[str, SourceRecord], stored: Mapping[str, _Stored], at: datetime
) -> set[str]:
    """Write statements whose records are still as they were read; answers their keys."""
    if not news:
        return set()
    links = Links.of([news[key] for key in sorted(news)], graph.salt)
    rows = [{**row, "was": stored[row["key"]].was if row["key"] in stored else ""} for row in links.rows]
    written = await graph.write(_WRITE, **{**links.parameters(), "rows": rows}, at=at)
    return set(written[0]["keys"])
