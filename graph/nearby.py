"""Reads what lies between profiles that are near each other: the heaviest match edge, and how large both are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from graph.transactions import Graph
from graph.vocabulary import RecordKind


@dataclass(frozen=True, slots=True)
class CrossEdge:
    """The heaviest match edge between the records of two profiles, `left` < `right`."""

    left: str
    right: str
    left_profile: str
    right_profile: str
    weight: float


# Equally heavy ones by key, so that both profiles find the same.
_CROSS: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id})<-[m:RESOLVES_TO]-(near:SourceRecord) WHERE m.until IS NULL AND m.valid_from IS NULL
MATCH (near)-[e:MATCHES]-(far:SourceRecord) WHERE e.weight >= $floor
MATCH (far)-[n:RESOLVES_TO]->(q:Profile)
WHERE n.until IS NULL AND n.valid_from IS NULL AND q.id <> id
WITH id, q.id AS other, near.key AS near, far.key AS far, startNode(e).key AS left, endNode(e).key AS right,
  e.weight AS weight ORDER BY weight DESC, left, right
WITH id, other, head(collect({near: near, left: left, right: right, weight: weight})) AS best
RETURN best.left AS left, best.right AS right, best.weight AS weight,
  CASE WHEN best.near = best.left THEN id ELSE other END AS left_profile,
  CASE WHEN best.near = best.left THEN other ELSE id END AS right_profile
"""


async def cross_edges(graph: Graph, profile_ids: Collection[str], *, floor: float) -> set[CrossEdge]:
    """The heaviest edge of at least `floor` (log2 odds) to each profile that one of `profile_ids` has an edge to."""
    rows = await graph.read(_CROSS, ids=sorted(profile_ids), floor=floor)
    return {CrossEdge(**row) for row in rows}


_SIZES: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id}) WHERE p.retired_at IS NULL
RETURN id, p.kind AS kind, p.record_count AS count
"""


async def profile_sizes(graph: Graph, profile_ids: Collection[str]) -> dict[str, tuple[RecordKind, int]]:
    """The kind and the number of records of each current profile among `profile_ids`."""
    rows = await graph.read(_SIZES, ids=sorted(profile_ids))
    return {row["id"]: (RecordKind(row["kind"]), row["count"]) for row in rows}
