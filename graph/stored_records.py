"""Reads source records as resolution sees them: all, the pending, by key, or by a shared block."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS, block_columns
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, Slice, StoredRecord
from graph.transactions import Graph
from graph.vocabulary import ATTRIBUTES, RecordKind

_BATCH = 1000

_FIELDS: Mapping[str, LiteralString] = {
    "key": "r.key",
    "source": "r.source",
    "kind": "r.kind",
    # As text: the driver takes 40 µs for an instant, Python 0.2 µs to read one.
    "accepted_at": "toString(r.accepted_at)",
    "updated_at": "toString(r.updated_at)",
    "observed_at": "toString(r.observed_at)",
    "removed": "r.removed_at IS NOT NULL",
    "pending": "r:Pending",
    "carried_id": "r.carried_id",
    "verified": "r.verified",
    "attributes": "[" + ", ".join(f"r.{name}" for name in ATTRIBUTES) + "]",
    "compared": "CASE WHEN r:Pending THEN [" + ", ".join(f"r.{name}" for name in BLOCK_COLUMNS) + "] END",
    "memberships": """[(r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL |
        CASE WHEN m.valid_from IS NULL AND m.valid_until IS NULL THEN [p.id]
          ELSE [p.id, toString(m.valid_from), toString(m.valid_until)] END]""",
    "held": """[(r)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL |
        [i.key, i.kind, i.value, i.state, i.reason, h.since.epochSeconds]]""",
}

VIEW: LiteralString = "[" + ", ".join(_FIELDS.values()) + "]"
"""Cypher for what `stored_record` takes, of the record `r`: a list, which is quicker than a map. Around it no other
variable may be called h, i, m or p."""

_ALL: LiteralString = "MATCH (r:SourceRecord) RETURN " + VIEW + " AS record"


async def stream_records(graph: Graph) -> AsyncIterator[StoredRecord]:
    """Every source record, the removed ones included."""
    async for row in graph.stream(_ALL):
        yield stored_record(row["record"])


async def all_records(graph: Graph) -> dict[str, StoredRecord]:
    """Every source record by key, the removed ones included."""
    return {record.key: record async for record in stream_records(graph)}


_BY_KEY: LiteralString = (
    "UNWIND $keys AS key MATCH (r:SourceRecord {key: key}) RETURN collect(" + VIEW + ") AS records"
)


async def read_records(graph: Graph, keys: Collection[str]) -> dict[str, StoredRecord]:
    """The records of `keys` by key; unknown keys are left out."""
    found: dict[str, StoredRecord] = {}
    for batch in batches(sorted(keys), _BATCH):
        for values in (await graph.read(_BY_KEY, keys=batch))[0]["records"]:
            record = stored_record(values)
            found[record.key] = record
    return found


def stored_record(values: Sequence[Any]) -> StoredRecord:
    """The record of a `VIEW`. Its blocks are worked out anew: that is cheaper than reading them."""
    row = dict(zip(_FIELDS, values, strict=True))
    kind = RecordKind(row["kind"])
    attributes = _present(ATTRIBUTES, row["attributes"])
    held = tuple(
        HeldIdentifier(key, Identifier(name, value), state, reason, since)
        for key, name, value, state, reason, since in sorted(row["held"])
    )
    blocks = block_columns(kind, attributes, [one.identifier for one in held])
    home, slices = _memberships(row["memberships"])
    return StoredRecord(
        key=row["key"],
        source=row["source"],
        kind=kind,
        accepted_at=datetime.fromisoformat(row["accepted_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        attributes=attributes,
        identifiers=held,
        blocks=blocks,
        compared=blocks if row["compared"] is None else _present(BLOCK_COLUMNS, row["compared"]),
        observed_at=datetime.fromisoformat(row["observed_at"]) if row["observed_at"] else None,
        removed=row["removed"],
        pending=row["pending"],
        carried_id=row["carried_id"],
        profile_id=home,
        verified=frozenset(row["verified"] or ()),
        slices=slices,
    )


def _memberships(rows: Sequence[Sequence[str | None]]) -> tuple[str | None, tuple[Slice, ...]]:
    """The profile of the earliest membership, and all of them where they are of parts of the record's history."""
    if not rows:
        return None, ()
    if len(rows) == 1:
        return rows[0][0], ()
    told = [Slice(str(home), _instant(begun), _instant(ended)) for home, begun, ended in rows]
    slices = sorted(told, key=lambda one: (one.valid_from is not None, one.valid_from))
    return slices[0].profile_id, tuple(slices)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _present(names: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


_PENDING: LiteralString = "MATCH (r:Pending) RETURN r.key AS key"


async def pending_keys(graph: Graph) -> set[str]:
    """The keys of all records that wait to be resolved."""
    return {row["key"] async for row in graph.stream(_PENDING)}


_SOME_PENDING: LiteralString = "MATCH (r:Pending) RETURN r.key AS key LIMIT $most"


async def some_pending_keys(graph: Graph, most: int) -> list[str]:
    """The keys of `most` records that wait to be resolved, any of them."""
    return [row["key"] for row in await graph.read(_SOME_PENDING, most=most)]


_COUNTS = """
RETURN COUNT { MATCH (:SourceRecord) } AS records, COUNT { MATCH (:Pending) } AS pending
"""


async def count_records(graph: Graph) -> tuple[int, int]:
    """How many source records there are, and how many of them wait to be resolved."""
    row = (await graph.read(_COUNTS))[0]
    return row["records"], row["pending"]
