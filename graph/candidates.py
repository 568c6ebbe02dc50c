"""Finds the records that share a block with given ones: the candidates worth comparing."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import LiteralString

from graph.batches import batches
from graph.neighbourhood import StoredRecord
from graph.transactions import Graph

_BATCH = 1000

_HOLDERS: Mapping[str, LiteralString] = {
    "block_name": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_name: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_sounds": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_sounds: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_surname": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_surname: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_birth": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_birth: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_birth_given": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_birth_given: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_name_year": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_name_year: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_surname_year": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_surname_year: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_given_month": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_given_month: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_address": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_address: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_postcode": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_postcode: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_postcode_surname": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_postcode_surname: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_postcode_given": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_postcode_given: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_place_surname": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_place_surname: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_place_given": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_place_given: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_place_month": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_place_month: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_mailbox": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_mailbox: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
    "block_phone_tail": """
        UNWIND $values AS value
        CALL (value) {
            MATCH (r:SourceRecord {block_phone_tail: value}) WHERE r.removed_at IS NULL
            RETURN r.key AS key LIMIT $limit
        }
        RETURN value, collect(key) AS keys""",
}


async def block_holders(
    graph: Graph, records: Iterable[StoredRecord], limit: int
) -> dict[tuple[str, str], list[str]]:
    """For each (block column, value) of `records`, the keys of all live records with it: at most `limit` + 1."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        for column, value in record.blocks.items():
            wanted[column].add(value)
    answers = await asyncio.gather(
        *(
            _holders(graph, column, batch, limit + 1)
            for column, values in wanted.items()
            for batch in batches(sorted(values), _BATCH)
        )
    )
    return {block: keys for answer in answers for block, keys in answer.items()}


async def _holders(
    graph: Graph, column: str, values: list[str], limit: int
) -> dict[tuple[str, str], list[str]]:
    rows = await graph.read(_HOLDERS[column], values=values, limit=limit)
    return {(column, row["value"]): row["keys"] for row in rows}


_CO_HOLDERS: LiteralString = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
WITH i, collect(key) AS holding
WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
    <= coalesce($limits[i.kind], $limit)
MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL AND n.removed_at IS NULL
UNWIND holding AS key
WITH key, n WHERE n.key <> key
RETURN DISTINCT key, n.key AS neighbour
"""


async def co_holders(
    graph: Graph, keys: Iterable[str], limits: Mapping[str, int], limit: int
) -> set[tuple[str, str]]:
    """Pairs (given key, other key) that share an identifier with at most `limits[kind]` holders, else `limit`."""
    found: set[tuple[str, str]] = set()
    for batch in batches(sorted(keys), _BATCH):
        rows = await graph.read(_CO_HOLDERS, keys=batch, limits=dict(limits), limit=limit)
        found.update((row["key"], row["neighbour"]) for row in rows)
    return found


_OF_IDENTIFIERS: LiteralString = """
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
WHERE i.state = 'linking'
MATCH (i)<-[held:HAS_IDENTIFIER]-(r:SourceRecord) WHERE held.until IS NULL AND r.removed_at IS NULL
RETURN DISTINCT r.key AS key LIMIT $limit
"""


async def holders_of(graph: Graph, identifier_keys: Iterable[str], limit: int) -> set[str]:
    """The keys of at most `limit` live records that hold one of these identifiers while it links."""
    rows = await graph.read(_OF_IDENTIFIERS, keys=sorted(identifier_keys), limit=limit)
    return {row["key"] for row in rows}
