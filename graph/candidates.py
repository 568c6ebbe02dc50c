"""Finds the records that share a block with given ones: the candidates worth comparing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import LiteralString

from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS, Block
from graph.neighbourhood import StoredRecord
from graph.transactions import Graph

_BATCH = 1000

_IN_ONE_COLUMN: LiteralString = """
UNWIND $blocks.block_column AS value
CALL (value) {
  MATCH (r:SourceRecord {block_column: value}) RETURN r.key AS key LIMIT $limit
}
RETURN 'block_column' AS column, value, collect(key) AS keys
"""
_HOLDERS: LiteralString = (
    "CALL () {"
    + "UNION ALL".join(_IN_ONE_COLUMN.replace("block_column", column) for column in BLOCK_COLUMNS)
    + "} RETURN collect([column, value, keys]) AS blocks"
)


async def block_holders(graph: Graph, records: Iterable[StoredRecord], limit: int) -> dict[Block, list[str]]:
    """For each block that one of `records` is or was in, the keys of the records in it: at most `limit` + 1.

    A record is in the blocks that it was compared under last: not before it was resolved, and until a change or its
    removal was.
    """
    blocks = {block for record in records for block in (*record.blocks.items(), *record.compared.items())}
    found: dict[Block, list[str]] = {}
    for batch in batches(sorted(blocks), _BATCH):
        values: defaultdict[str, list[str]] = defaultdict(list)
        for column, value in batch:
            values[column].append(value)
        rows = await graph.read(_HOLDERS, blocks=values, limit=limit + 1)
        found |= {(column, value): keys for column, value, keys in rows[0]["blocks"]}
    return found


_CO_HOLDERS: LiteralString = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
WITH i, collect(key) AS holding
WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
    <= coalesce($limits[i.kind], $limit)
MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL AND n.removed_at IS NULL
UNWIND holding AS key
WITH key, n WHERE n.key <> key
RETURN key, collect(DISTINCT n.key) AS neighbours
"""


async def co_holders(
    graph: Graph, keys: Iterable[str], limits: Mapping[str, int], limit: int
) -> set[tuple[str, str]]:
    """Pairs (given key, other key) that share an identifier with at most `limits[kind]` holders, else `limit`."""
    found: set[tuple[str, str]] = set()
    for batch in batches(sorted(keys), _BATCH):
        rows = await graph.read(_CO_HOLDERS, keys=batch, limits=dict(limits), limit=limit)
        found.update((row["key"], neighbour) for row in rows for neighbour in row["neighbours"])
    return found


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
