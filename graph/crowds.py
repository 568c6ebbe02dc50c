"""Counts how many records share each block value and each identifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from graph.blocking import BLOCK_COLUMNS
from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` values of a rule (block column or identifier kind) on `holders` records each.

    Where that is over the limit, one crowd for each, with the block's `value` or the identifier's key.
    """

    rule: str
    value: str | None
    holders: int
    count: int


_OF_ONE_COLUMN: LiteralString = """
MATCH (r:SourceRecord) WHERE r.block_column IS NOT NULL
WITH r.block_column AS value, count(*) AS holders WHERE holders > 1
RETURN 'block_column' AS rule, CASE WHEN holders > $limit THEN value END AS value, holders, count(*) AS count
"""
_BLOCKS: LiteralString = "UNION ALL".join(
    _OF_ONE_COLUMN.replace("block_column", column) for column in BLOCK_COLUMNS
)

_IDENTIFIERS: LiteralString = """
MATCH (i:Identifier)
WITH i, COUNT { (i)<-[held:HAS_IDENTIFIER]-(:SourceRecord) WHERE held.until IS NULL } AS holders WHERE holders > 1
WITH i, holders, holders > coalesce($limits[i.kind], $limit) AS crowded
RETURN i.kind AS rule, CASE WHEN crowded THEN i.key END AS value, holders, count(*) AS count
"""


async def read_crowds(
    graph: Graph, block_limit: int, limits: Mapping[str, int], other_limit: int
) -> list[Crowd]:
    """The crowds of at least two, by the limits of blocks and of identifier kinds (others: `other_limit`)."""
    blocks = graph.stream(_BLOCKS, limit=block_limit)
    identifiers = graph.stream(_IDENTIFIERS, limits=dict(limits), limit=other_limit)
    return [Crowd(**row) for rows in (blocks, identifiers) async for row in rows]
