"""Reads source records as resolution sees them: all, the pending, by key, or by a shared block."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, LiteralString

from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, StoredRecord
from graph.transactions import Graph, Row
from graph.vocabulary import ATTRIBUTES, RecordKind

_BATCH = 1000

_VIEW: LiteralString = """
RETURN r {.*, raw: null, extra: null} AS record,
    r:Pending AS pending,
    head([(r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL | p.id]) AS profile_id,
    [(r)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL | [i.key, i.kind, i.value, i.state]] AS held
"""

_ALL: LiteralString = "MATCH (r:SourceRecord)" + _VIEW


def stream_records(graph: Graph) -> AsyncIterator[StoredRecord]:
    """Every source record, the removed ones included."""
    return _stored(graph.stream(_ALL))


async def _stored(rows: AsyncIterator[Row]) -> AsyncIterator[StoredRecord]:
    async for row in rows:
        yield _record(row)


_BY_KEY: LiteralString = "UNWIND $keys AS key MATCH (r:SourceRecord {key: key})" + _VIEW


async def read_records(graph: Graph, keys: Collection[str]) -> dict[str, StoredRecord]:
    """The records of `keys` by key; unknown keys are left out."""
    found: dict[str, StoredRecord] = {}
    for batch in batches(sorted(keys), _BATCH):
        for row in await graph.read(_BY_KEY, keys=batch):
            found[row["record"]["key"]] = _record(row)
    return found


def _record(row: Row) -> StoredRecord:
    record: Mapping[str, Any] = row["record"]
    held = [HeldIdentifier(key, Identifier(kind, value), state) for key, kind, value, state in row["held"]]
    return StoredRecord(
        key=record["key"],
        source=record["source"],
        kind=RecordKind(record["kind"]),
        accepted_at=record["accepted_at"],
        updated_at=record["updated_at"],
        attributes={name: record[name] for name in ATTRIBUTES if record.get(name) is not None},
        identifiers=tuple(sorted(held, key=lambda one: one.key)),
        blocks={name: record[name] for name in BLOCK_COLUMNS if record.get(name) is not None},
        observed_at=record.get("observed_at"),
        removed=record.get("removed_at") is not None,
        pending=row["pending"],
        carried_id=record.get("carried_id"),
        profile_id=row["profile_id"],
    )


_PENDING: LiteralString = "MATCH (r:Pending) RETURN r.key AS key"


async def pending_keys(graph: Graph) -> set[str]:
    """The keys of all records that wait to be resolved."""
    return {row["key"] async for row in graph.stream(_PENDING)}


_COUNTS = """
RETURN COUNT { MATCH (:SourceRecord) } AS records, COUNT { MATCH (:Pending) } AS pending
"""


async def count_records(graph: Graph) -> tuple[int, int]:
    """How many source records there are, and how many of them wait to be resolved."""
    row = (await graph.read(_COUNTS))[0]
    return row["records"], row["pending"]
