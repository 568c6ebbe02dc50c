"""Keeps which profiles are due: something became of them, or time passed, since segments last followed them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.changes import TAKE_NUMBER
from graph.transactions import Graph, Statement

_BATCH = 5_000

News = frozenset[str] | None
"""What became of a profile: `attribute:NAME`, `type:TYPE` of a touchpoint, `record` for what a record says
beside that, or `time`; None stands for anything."""

TIME = "time"
"""The news that a time window may have passed a touchpoint."""

RECORD_NEWS: LiteralString = (
    "CASE WHEN r:Pending AND r.news IS NULL THEN null"
    " ELSE [said IN coalesce(r.news, []) WHERE said <> 'record'] + 'record' END"
)
"""The news of the record `r` whose own content changes, as a Cypher expression."""

# In these fragments an absent `news` of a node that waits stands for anything: unknown news outweighs what is known.
MARK_SETTLED: LiteralString = """
UNWIND $settled AS row
MATCH (r:SourceRecord {key: row.key})
OPTIONAL MATCH (r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
FOREACH (one IN CASE WHEN p IS NULL THEN [] ELSE [p] END |
  SET one.news = CASE WHEN r.news IS NULL OR (one:Due AND one.news IS NULL) THEN null
    ELSE coalesce(one.news, []) + [said IN r.news WHERE NOT said IN coalesce(one.news, [])] END
  SET one:Due:ReviewDue)
WITH DISTINCT r
SET r.news = null
"""
"""Marks the profiles of the records `$settled`, and hands the records' news on to them."""

MARK_MOVED: LiteralString = """
UNWIND $moved AS id
MATCH (p:Profile {id: id})
SET p:Due:ReviewDue, p.news = null
"""
"""Marks the profiles `$moved`, which gained or lost records: anything may be new of them."""

_DUE: LiteralString = """
CALL () {
  MATCH (p:Due) RETURN p, p.news AS news LIMIT $most
  UNION ALL
  MATCH (p:Profile) WHERE p.turns_at <= $at AND NOT p:Due RETURN p, ['time'] AS news ORDER BY p.turns_at LIMIT $most
}
WITH p, news LIMIT $most
RETURN p.id AS id, CASE WHEN news IS NULL THEN null WHEN p.turns_at <= $at THEN news + 'time' ELSE news END AS news
ORDER BY id
"""


async def read_due(graph: Graph, most: int, at: datetime) -> dict[str, News]:
    """At most `most` profiles that are due at `at`, and what became of each."""
    rows = await graph.read(_DUE, most=most, at=at)
    return {row["id"]: None if row["news"] is None else frozenset(row["news"]) for row in rows}


_COUNT: LiteralString = """
RETURN COUNT { MATCH (:Due) } AS due, COUNT { MATCH (:Profile) } AS profiles
"""


async def count_due(graph: Graph) -> tuple[int, int]:
    """How many profiles are marked, and how many there are, retired ones too."""
    row = (await graph.read(_COUNT))[0]
    return row["due"], row["profiles"]


# The counter is locked before profiles, as by everybody who changes what is believed of them.
_CLEAR: LiteralString = (
    TAKE_NUMBER
    + """
UNWIND $ids AS id
MATCH (p:Profile {id: id})
SET p.news = null, p.turns_at = null, p.left_households = null
REMOVE p:Due
"""
)


def clearing(ids: Iterable[str]) -> Statement:
    """The statement that takes the marks off, to be the first of its transaction.

    It locks the profiles, so what becomes of them afterwards waits, and marks them again: nothing is overlooked.
    """
    return Statement(_CLEAR, {"ids": sorted(ids)})


_BEFORE_TURN: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id}) WHERE p.retired_at IS NULL AND p.kind IN $kinds
WITH p, """
_AFTER_TURN: LiteralString = """ AS turn
WHERE turn < coalesce(p.turns_at, datetime('9999-12-31T00:00Z'))
SET p.turns_at = turn
"""


def scheduling(turn: LiteralString, ids: Iterable[str], parameters: Mapping[str, Any]) -> Statement:
    """The statement that makes the profiles `ids` due at `turn`, unless they are earlier: a Cypher expression over the
    profile `p`, null for never. `parameters` has the `kinds` it is for beside its values."""
    return Statement(_BEFORE_TURN + turn + _AFTER_TURN, {**parameters, "ids": sorted(ids)})


_CURRENT: LiteralString = "MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id"


async def schedule_all(graph: Graph, turn: LiteralString, parameters: Mapping[str, Any]) -> None:
    """Make every current profile due at `turn`, as `scheduling` does."""
    ids = sorted([row["id"] async for row in graph.stream(_CURRENT)])
    for batch in batches(ids, _BATCH):
        statement = scheduling(turn, batch, parameters)
        await graph.write(statement.query, **statement.parameters)


_ALL: LiteralString = "MATCH (p:Due) RETURN p.id AS id"


async def all_due(graph: Graph) -> list[str]:
    """The ids of all marked profiles, sorted."""
    return sorted([row["id"] async for row in graph.stream(_ALL)])


_MARK: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id})
SET p:Due, p.news = null
"""


async def mark_all(graph: Graph) -> None:
    """Mark every profile: anything may be new of them."""
    ids = sorted([row["id"] async for row in graph.stream(_CURRENT)])
    for batch in batches(ids, _BATCH):
        await graph.write(_MARK, ids=batch)
