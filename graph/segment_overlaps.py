"""Counts how many profiles segments have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many profiles are in `left` and `right` at once; of a segment with itself, how many it has."""

    left: str
    right: str
    count: int


_OVERLAPS: LiteralString = """
MATCH (l:Segment)<-[m:IN_SEGMENT]-(p:Profile) WHERE l.name IN $names AND m.until IS NULL
MATCH (p)-[n:IN_SEGMENT]->(r:Segment) WHERE r.name IN $names AND n.until IS NULL AND l.name <= r.name
RETURN l.name AS left, r.name AS right, count(*) AS count ORDER BY left, right
"""
_POPULATION: LiteralString = """
MATCH (p:Profile) WHERE p.retired_at IS NULL AND p.kind <> 'VISITOR' RETURN count(p) AS count
"""


async def overlaps(graph: Graph, names: Sequence[str]) -> tuple[list[Overlap], int]:
    """Every pair of the segments that has a profile in common, each once, and how many people and organisations there
    are. The cost grows with the memberships of the segments."""
    rows = await graph.read(_OVERLAPS, names=sorted(set(names)))
    population = await graph.read(_POPULATION)
    return [Overlap(**row) for row in rows], population[0]["count"]
