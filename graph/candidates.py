"""Finds the records that share a block with given ones: the candidates worth comparing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import LiteralString

from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS, Block
from graph.neighbourhood import Reach, StoredRecord
from graph.stored_records import VIEW, stored_record
from graph.transactions import Graph, Row

_BATCH = 100
_FEW, _MOST_ALONG = 10, 500
"""For so few records, so many of those they meet are read along; many meet the same ones again and again."""

_IN_ONE_COLUMN: LiteralString = """
UNWIND $blocks.block_column AS value
CALL (value) {
  MATCH (r:SourceRecord {block_column: value}) RETURN r LIMIT $most
}
RETURN 'block_column' AS column, value, collect(r) AS found
"""
_BLOCKS: LiteralString = (
    "CALL () {"
    + "UNION ALL".join(_IN_ONE_COLUMN.replace("block_column", column) for column in BLOCK_COLUMNS)
    + "} WITH collect([column, value, found]) AS lists "
)
_KEYS: LiteralString = "[one IN lists | [one[0], one[1], [r IN one[2] | r.key]]] AS blocks"

_SHARED: LiteralString = """
CALL () {
  UNWIND $keys AS key
  MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
  WITH i, collect(key) AS holding
  WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
      <= coalesce($limits[i.kind], $limit)
  MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL AND n.removed_at IS NULL
  UNWIND holding AS key
  WITH key, n WHERE n.key <> key
  RETURN collect(DISTINCT [key, n]) AS shared
}
"""
_ALONG: LiteralString = (
    """
CALL (lists, shared) {
  UNWIND [one IN lists WHERE size(one[2]) < $most | one[2]] + [[one IN shared | one[1]]] AS list
  UNWIND list AS r
  WITH DISTINCT r WHERE NOT r.key IN $keys
  WITH r LIMIT $along
  RETURN collect("""
    + VIEW
    + """) AS records
}
"""
)

_HOLDERS: LiteralString = _BLOCKS + "RETURN " + _KEYS
_MEETING: LiteralString = (
    _BLOCKS
    + _SHARED
    + _ALONG
    + "RETURN "
    + _KEYS
    + ", [one IN shared | [one[0], one[1].key]] AS shared, records"
)


async def block_holders(graph: Graph, records: Iterable[StoredRecord], limit: int) -> dict[Block, list[str]]:
    """For each block that one of `records` is or was in, the keys of the records in it: at most `limit` + 1.

    A record is in the blocks that it was compared under last: not before it was resolved, and until a change or its
    removal was.
    """
    found: dict[Block, list[str]] = {}
    for batch in batches(list(records), _BATCH):
        rows = await graph.read(_HOLDERS, blocks=_values(batch), most=limit + 1)
        found |= _holders(rows[0])
    return found


@dataclass(frozen=True, slots=True)
class Meeting:
    """Whom records meet: the holders of each of their blocks, the pairs (record, other) that share an identifier, and
    as many of all these as were read along, by key."""

    holders: dict[Block, list[str]] = field(default_factory=dict[Block, list[str]])
    shared: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    records: dict[str, StoredRecord] = field(default_factory=dict[str, StoredRecord])


async def meeting(graph: Graph, records: Collection[StoredRecord], limit: int, reach: Reach) -> Meeting:
    """Whom `records` meet in blocks, as `block_holders`, and through identifiers within `reach`."""
    found = Meeting()
    for batch in batches(list(records), _BATCH):
        rows = await graph.read(
            _MEETING,
            blocks=_values(batch),
            most=limit + 1,
            keys=sorted(record.key for record in batch),
            limits=dict(reach.holders),
            limit=reach.others,
            along=_MOST_ALONG if len(records) <= _FEW else 0,
        )
        found.holders.update(_holders(rows[0]))
        found.shared.update((key, other) for key, other in rows[0]["shared"])
        found.records.update((one.key, one) for one in map(stored_record, rows[0]["records"]))
    return found


def _values(records: Iterable[StoredRecord]) -> dict[str, list[str]]:
    """The values of each block column that the records are or were in."""
    values: dict[str, set[str]] = {column: set() for column in BLOCK_COLUMNS}
    for record in records:
        for column, value in (*record.blocks.items(), *record.compared.items()):
            values[column].add(value)
    return {column: sorted(found) for column, found in values.items()}


def _holders(row: Row) -> dict[Block, list[str]]:
    return {(column, value): keys for column, value, keys in row["blocks"]}


_OF_IDENTIFIERS: LiteralString = """
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
WHERE i.state = 'linking' OR i.state = 'demoted'
  AND COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL } <= $limit
MATCH (i)<-[held:HAS_IDENTIFIER]-(r:SourceRecord) WHERE held.until IS NULL AND r.removed_at IS NULL
RETURN DISTINCT r.key AS key LIMIT $limit
"""


async def holders_of(graph: Graph, identifier_keys: Iterable[str], limit: int) -> set[str]:
    """The keys of at most `limit` live records that hold one of these identifiers: one that links, or one that is
    demoted but not on more records than that."""
    rows = await graph.read(_OF_IDENTIFIERS, keys=sorted(identifier_keys), limit=limit)
    return {row["key"] for row in rows}
