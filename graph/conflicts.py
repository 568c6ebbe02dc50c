"""Conflicts: the merges that evidence asked for and a constraint refused."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, LiteralString

from graph.batches import batches
from graph.transactions import Graph

_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Conflict:
    """A merge that was refused: the smallest record keys of both sides, the weight that pulled, and why not."""

    left: str
    right: str
    weight: float
    reason: str

    @property
    def key(self) -> str:
        """Unique key of the conflict in the graph."""
        return f"{self.left}|{self.right}"


_ALL: LiteralString = """
MATCH (c:Conflict) RETURN c.left AS left, c.right AS right, c.weight AS weight, c.reason AS reason
"""


async def all_conflicts(graph: Graph) -> list[Conflict]:
    """Every conflict."""
    return [Conflict(**row) async for row in graph.stream(_ALL)]


_OF: LiteralString = """
UNWIND $keys AS key
CALL (key) {
  MATCH (c:Conflict {left: key}) RETURN c UNION MATCH (c:Conflict {right: key}) RETURN c
}
RETURN DISTINCT c.left AS left, c.right AS right, c.weight AS weight, c.reason AS reason
"""


async def conflicts_of(graph: Graph, keys: Collection[str]) -> list[Conflict]:
    """The conflicts that name one of the records `keys`."""
    found: set[Conflict] = set()
    for batch in batches(sorted(keys), _BATCH):
        found.update(Conflict(**row) for row in await graph.read(_OF, keys=batch))
    return sorted(found, key=lambda one: one.key)


RECORD_CONFLICTS: LiteralString = """
CALL () { UNWIND $dissolved AS key MATCH (c:Conflict {key: key}) DELETE c }
CALL () { UNWIND $arisen AS row MERGE (c:Conflict {key: row.key}) SET c = row, c.at = $at }
"""
"""Writes the conflicts that arose and deletes those which are none any more."""


def recorded(arisen: Sequence[Conflict], dissolved: Sequence[Conflict]) -> dict[str, Any]:
    """The parameters of `RECORD_CONFLICTS` beside the instant `at`."""
    rows = [{**asdict(one), "key": one.key} for one in sorted(arisen, key=lambda one: one.key)]
    return {"arisen": rows, "dissolved": sorted(one.key for one in dissolved)}
