"""Reads the scored edges between records, and the digests of the profiles that came of them."""

from collections.abc import Collection, Iterable
from typing import LiteralString

from graph.batches import batches
from graph.transactions import Graph, Row

_BATCH = 1000

_EDGES_OF: LiteralString = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[edge:MATCHES]-(:SourceRecord)
WITH DISTINCT edge
RETURN startNode(edge).key AS left, collect([endNode(edge).key, edge.weight]) AS edges
"""

_ALL_EDGES: LiteralString = """
MATCH (l:SourceRecord)-[edge:MATCHES]->(r:SourceRecord)
RETURN l.key AS left, collect([r.key, edge.weight]) AS edges
"""


async def weights_of(graph: Graph, keys: Collection[str]) -> dict[tuple[str, str], float]:
    """The weights of the stored edges with an end in `keys`."""
    found: dict[tuple[str, str], float] = {}
    for batch in batches(sorted(keys), _BATCH):
        found |= _weights(await graph.read(_EDGES_OF, keys=batch))
    return found


async def all_weights(graph: Graph) -> dict[tuple[str, str], float]:
    """The weights of all stored edges."""
    return _weights([row async for row in graph.stream(_ALL_EDGES)])


def _weights(rows: Iterable[Row]) -> dict[tuple[str, str], float]:
    return {(row["left"], right): weight for row in rows for right, weight in row["edges"]}


_DIGESTS = """
UNWIND $ids AS id
MATCH (p:Profile {id: id}) WHERE p.retired_at IS NULL
RETURN p.id AS id, p.digest AS digest
"""


async def profile_digests(graph: Graph, ids: Collection[str]) -> dict[str, str]:
    """The digest of the golden record of each current profile among `ids`."""
    found: dict[str, str] = {}
    for batch in batches(sorted(ids), _BATCH):
        for row in await graph.read(_DIGESTS, ids=batch):
            found[row["id"]] = row["digest"]
    return found
