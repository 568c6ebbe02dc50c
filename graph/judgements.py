"""Judgements as stored: what stewards said of pairs of records, when, why, and what replaced it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.neighbourhood import Judgement
from graph.transactions import Graph
from graph.vocabulary import Verdict

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJudgement(Judgement):
    """A judgement with its circumstances; it stands until `until`, and `superseded_by` is the decision that ended it.

    At `expires_at` it ends by itself. Instants are UTC.
    """

    id: str
    decision_id: str
    author: str
    reason: str
    at: datetime
    expires_at: datetime | None = None
    until: datetime | None = None
    superseded_by: str | None = None


_STANDING: LiteralString = """
MATCH (j:Judgement) WHERE j.until IS NULL
RETURN j.left AS left, j.right AS right, j.verdict AS verdict, coalesce(j.locked, false) AS locked
"""
_STANDING_OF: LiteralString = """
UNWIND $keys AS key
MATCH (j:Judgement {left: key}) WHERE j.until IS NULL
RETURN j.left AS left, j.right AS right, j.verdict AS verdict, coalesce(j.locked, false) AS locked
"""


async def standing_judgements(graph: Graph, keys: Collection[str] | None = None) -> list[Judgement]:
    """The judgements that stand, all or those whose smaller key is in `keys`."""
    if keys is None:
        return [_judgement(row) async for row in graph.stream(_STANDING)]
    found: list[Judgement] = []
    for batch in batches(sorted(keys), _BATCH):
        found += [_judgement(row) for row in await graph.read(_STANDING_OF, keys=batch)]
    return found


def _judgement(row: Mapping[str, Any]) -> Judgement:
    return Judgement(row["left"], row["right"], Verdict(row["verdict"]), row["locked"])


_NAMING: LiteralString = """
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) RETURN j UNION MATCH (j:Judgement {right: key}) RETURN j
}
WITH DISTINCT j WHERE j.until IS NULL
RETURN j {.*} AS judgement
"""


async def judgements_around(graph: Graph, keys: Collection[str]) -> list[StoredJudgement]:
    """The standing judgements that name a record of `keys`, or one judged the same as it, step by step."""
    found: dict[str, StoredJudgement] = {}
    seen, frontier = set(keys), set(keys)
    while frontier:
        beyond: set[str] = set()
        for batch in batches(sorted(frontier), _BATCH):
            for row in await graph.read(_NAMING, keys=batch):
                one = stored_judgement(row["judgement"])
                found[one.id] = one
                if one.verdict is Verdict.SAME:
                    beyond.update(one.pair)
        frontier = beyond - seen
        seen |= frontier
    return [found[name] for name in sorted(found)]


_FIELDS = frozenset(field.name for field in fields(StoredJudgement))


def stored_judgement(properties: Mapping[str, Any]) -> StoredJudgement:
    """The judgement of a node's property map."""
    known = {name: value for name, value in properties.items() if name in _FIELDS}
    verdict = Verdict(known.pop("verdict"))
    return StoredJudgement(verdict=verdict, **known)


_PAGE: LiteralString = """
MATCH (j:Judgement) WHERE j.id > $after AND ($ended OR j.until IS NULL)
RETURN j {.*} AS judgement ORDER BY j.id LIMIT $size
"""
_PAGE_OF: LiteralString = """
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) RETURN j UNION MATCH (j:Judgement {right: key}) RETURN j
}
WITH DISTINCT j WHERE j.id > $after AND ($ended OR j.until IS NULL)
RETURN j {.*} AS judgement ORDER BY j.id LIMIT $size
"""


async def read_judgements(
    graph: Graph, keys: Collection[str] | None, *, size: int, after: str = "", ended: bool = False
) -> list[StoredJudgement]:
    """One page, oldest first, those after the id `after`; all, or those that name a record of `keys`; those that
    ended too when asked for."""
    if keys is None:
        rows = await graph.read(_PAGE, size=size, after=after, ended=ended)
    else:
        rows = await graph.read(_PAGE_OF, keys=sorted(keys), size=size, after=after, ended=ended)
    return [stored_judgement(row["judgement"]) for row in rows]


_OVER: LiteralString = """
MATCH (j:Judgement) WHERE j.expires_at <= $at AND j.until IS NULL RETURN count(j) AS judgements
"""
_EXPIRE: LiteralString = """
MATCH (j:Judgement) WHERE j.expires_at <= $at AND j.until IS NULL
SET j.until = j.expires_at REMOVE j.standing
WITH j
UNWIND [j.left, j.right] AS key
WITH DISTINCT key ORDER BY key
MATCH (r:SourceRecord {key: key})
SET r:Pending, r.updated_at = $at
"""


async def expire_judgements(graph: Graph, at: datetime) -> int:
    """End the judgements whose time is over at `at` (UTC) and mark their records pending; answers how many."""
    count = (await graph.read(_OVER, at=at))[0]["judgements"]
    if count:
        await graph.write(_EXPIRE, at=at)
    return count
