"""Reads what ties records together: scored edges, shared identifiers, common profiles and judgements."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import LiteralString

from graph.batches import batches
from graph.transactions import Graph, Row

_BATCH = 1000

_NEIGHBOURS = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[edge:MATCHES]-(n:SourceRecord) WHERE edge.weight >= $floor
RETURN DISTINCT n.key AS neighbour
UNION
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[membership:RESOLVES_TO]->(p:Profile) WHERE membership.until IS NULL
WITH DISTINCT p
MATCH (p)<-[other:RESOLVES_TO]-(n:SourceRecord) WHERE other.until IS NULL
RETURN DISTINCT n.key AS neighbour
UNION
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
WITH DISTINCT i
WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
    <= coalesce($limits[i.kind], $limit)
MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL
RETURN DISTINCT n.key AS neighbour
UNION
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) WHERE j.until IS NULL RETURN j.right AS neighbour
  UNION
  MATCH (j:Judgement {right: key}) WHERE j.until IS NULL RETURN j.left AS neighbour
}
RETURN DISTINCT neighbour
"""


_SHARING: LiteralString = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[:HAS_IDENTIFIER]->(i:Identifier)
WITH DISTINCT i
WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
    <= coalesce($limits[i.kind], $limit) + size($keys)
MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL
RETURN DISTINCT n.key AS neighbour
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What leads from one record to the next: edges of at least `floor`, and identifiers with at most
    `holders[kind]` holders (`others` for a kind not listed)."""

    floor: float
    holders: Mapping[str, int]
    others: int


async def closure(graph: Graph, touched: Collection[str], reached: Collection[str], reach: Reach) -> set[str]:
    """All keys that hang together with `touched` and `reached`: by edges, identifiers, profiles and judgements.

    An identifier that the touched records hold or held leads on even where just they brought it over its limit
    or back under it: its state changed for all its holders.
    """
    found = {*touched, *reached}
    limits = {"limits": dict(reach.holders), "limit": reach.others}
    if touched:
        rows = await graph.read(_SHARING, keys=sorted(touched), **limits)
        found.update(row["neighbour"] for row in rows)
    frontier = set(found)
    while frontier:
        beyond: set[str] = set()
        for batch in batches(sorted(frontier), _BATCH):
            rows = await graph.read(_NEIGHBOURS, keys=batch, floor=reach.floor, **limits)
            beyond.update(row["neighbour"] for row in rows)
        frontier = beyond - found
        found |= frontier
    return found


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


_HOLDER_COUNTS = """
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
RETURN key, COUNT { (i)<-[held:HAS_IDENTIFIER]-(r:SourceRecord) WHERE held.until IS NULL } AS holders
"""


async def holder_counts(graph: Graph, identifier_keys: Collection[str]) -> dict[str, int]:
    """How many records hold each identifier now."""
    found: dict[str, int] = {}
    for batch in batches(sorted(identifier_keys), _BATCH):
        for row in await graph.read(_HOLDER_COUNTS, keys=batch):
            found[row["key"]] = row["holders"]
    return found


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
