"""The change feed: every transaction that changes what is believed of profiles takes the next number, and stamps it."""

import asyncio
import heapq
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, LiteralString

from graph.errors import InputError
from graph.transactions import Graph
from graph.vocabulary import ChangeKind

LARGEST_PAGE = 1_000

TAKE_NUMBER: LiteralString = """
MERGE (counter:ChangeCounter {id: 'changes'})
REMOVE counter.held
SET counter.number = coalesce(counter.number, 0) + 1
WITH counter.number AS number
"""
"""Begins a statement that changes profiles, the ledger or segment memberships; `number` stamps what it changes.

The removal of a property that is never there locks the counter before its number is read. The lock is held until the
transaction has ended, so that numbers are committed in their order.
"""

FIRST_NUMBER = 1
"""The number of all that the offline importer brings."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the feed: what it has of `number` after the item `kind`, `key`, and all later numbers lie ahead."""

    number: int
    kind: str = ""
    key: str = ""

    def text(self) -> str:
        """The position as clients keep it: the number alone when nothing of it lies ahead."""
        return str(self.number) if self.kind == _LAST_KIND else f"{self.number}~{self.kind}~{self.key}"

    @classmethod
    def of(cls, text: str) -> "Position":
        """The position of a text; raises InputError when it is none."""
        found = _POSITION.fullmatch(text)
        if found is None:
            raise InputError("This is no position of the feed: send back the one that came with the changes.")
        number, kind, key = found.groups()
        return cls(int(number), kind or "", key) if kind is not None else _behind(int(number))


_LAST_KIND = "~"
"""Behind the name of every kind."""
_POSITION = re.compile(r"([0-9]{1,15})(?:~([a-z]{0,20})~([^\x00]{0,500}))?", re.DOTALL)

BEGINNING = Position(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One item: something about a profile is as it is since the transaction `number`.

    `key` tells the items of one kind and number apart. `change` is "changed" or "retired" of a profile, one of
    IdentityChange of the ledger, "entered" or "left" of a `segment`. `related` are the ids of other profiles.
    """

    number: int
    kind: ChangeKind
    key: str
    profile_id: str
    change: str
    at: datetime
    cause: str = ""
    segment: str | None = None
    related: tuple[str, ...] = ()

    @property
    def position(self) -> Position:
        """The place behind this item."""
        return Position(self.number, self.kind.value, self.key)


@dataclass(frozen=True, slots=True)
class Changes:
    """A page: `next` is where to go on, `more` whether something is there already."""

    items: Sequence[Change]
    next: Position
    more: bool


_NUMBER: LiteralString = "MATCH (counter:ChangeCounter {id: 'changes'}) RETURN counter.number AS number"


async def current_number(graph: Graph) -> int:
    """The last number taken, 0 before the first; what carries it may not be visible as a whole yet."""
    rows = await graph.read(_NUMBER)
    return rows[0]["number"] if rows else 0


# Neo4j shows a commit piece by piece. Its lock is let go of when all of it can be seen, and this waits for the lock.
_SETTLED: LiteralString = """
MATCH (counter:ChangeCounter {id: 'changes'}) REMOVE counter.held RETURN counter.number AS number
"""


async def settled_number(graph: Graph) -> int:
    """The last number taken, once all that carries it or a smaller one can be seen."""
    rows = await graph.write(_SETTLED)
    return rows[0]["number"] if rows else 0


async def end_of_feed(graph: Graph) -> Position:
    """The place behind all there is."""
    return _behind(await settled_number(graph))


def _behind(number: int) -> Position:
    return Position(number, _LAST_KIND)


_PROFILES: LiteralString = """
CALL () {
  MATCH (p:Profile) WHERE p.changed_in = $number AND p.id > $key
  RETURN p ORDER BY p.changed_in, p.id LIMIT $limit
  UNION ALL
  MATCH (p:Profile) WHERE p.changed_in > $number AND p.changed_in <= $upto
  RETURN p ORDER BY p.changed_in, p.id LIMIT $limit
}
RETURN p.changed_in AS number, p.id AS key, p.id AS profile_id, '' AS cause, null AS segment, [] AS related,
  CASE WHEN p.retired_at IS NULL THEN 'changed' ELSE 'retired' END AS change, coalesce(p.retired_at, p.updated_at) AS at
ORDER BY number, key LIMIT $limit
"""

_IDENTITY: LiteralString = """
CALL () {
  MATCH (e:IdentityEvent) WHERE e.changed_in = $number AND e.id > $key
  RETURN e ORDER BY e.changed_in, e.id LIMIT $limit
  UNION ALL
  MATCH (e:IdentityEvent) WHERE e.changed_in > $number AND e.changed_in <= $upto
  RETURN e ORDER BY e.changed_in, e.id LIMIT $limit
}
RETURN e.changed_in AS number, e.id AS key, e.profile_id AS profile_id, e.cause AS cause, null AS segment,
  e.related AS related, e.change AS change, e.at AS at
ORDER BY number, key LIMIT $limit
"""

# What enters or leaves in one transaction is one batch at most: sorted here, not by an index.
_SEGMENTS: LiteralString = """
CALL () {
  MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.entered_in >= $number AND m.entered_in <= $upto
  RETURN m.entered_in AS number, s.name + ' ' + p.id + ' ' + 'entered' AS key, p, s, m, 'entered' AS change
  UNION ALL
  MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.left_in >= $number AND m.left_in <= $upto
  RETURN m.left_in AS number, s.name + ' ' + p.id + ' ' + 'left' AS key, p, s, m, 'left' AS change
}
WITH * WHERE number > $number OR key > $key
RETURN number, key, p.id AS profile_id, change, s.name AS segment, [] AS related,
  CASE change WHEN 'entered' THEN m.since ELSE m.until END AS at,
  CASE change WHEN 'entered' THEN m.cause ELSE coalesce(m.left_cause, '') END AS cause
ORDER BY number, key LIMIT $limit
"""

_READERS: Mapping[ChangeKind, LiteralString] = {
    ChangeKind.IDENTITY: _IDENTITY,
    ChangeKind.PROFILE: _PROFILES,
    ChangeKind.SEGMENT: _SEGMENTS,
}


async def read_changes(
    graph: Graph,
    since: Position,
    limit: int = LARGEST_PAGE,
    kinds: Collection[ChangeKind] = tuple(ChangeKind),
) -> Changes:
    """The changes of some kinds behind `since`, in the order of numbers, of kinds and of keys; at most `limit`.

    A profile is told of once, at its last change; the ledger and memberships in full. Whoever goes on from `next`
    misses nothing, ever, and may be told of one thing twice when a transaction was written again. Raises InputError for
    a position that the feed has not reached.
    """
    if since == _behind(await current_number(graph)):
        return Changes((), since, more=False)
    upto = await settled_number(graph)
    if since.number > upto:
        raise InputError(
            "The feed is not that far: the graph was restored or is another. Start at its beginning."
        )
    chosen = sorted(set(kinds))
    pages = await asyncio.gather(*(_page(graph, kind, since, upto, limit + 1) for kind in chosen))
    items = list(islice(heapq.merge(*pages, key=lambda item: item.position), limit + 1))
    more = len(items) > limit
    return Changes(items[:limit], items[limit - 1].position if more else _behind(upto), more)


async def _page(graph: Graph, kind: ChangeKind, since: Position, upto: int, limit: int) -> list[Change]:
    """The items of one kind. Of the number begun: all of a later kind, none of an earlier one."""
    number, key = since.number, since.key if kind == since.kind else ""
    if kind < since.kind:
        number, key = since.number + 1, ""
    rows = await graph.read(_READERS[kind], number=number, key=key, upto=upto, limit=limit)
    return [_change(kind, row) for row in rows]


def _change(kind: ChangeKind, row: Mapping[str, Any]) -> Change:
    values: dict[str, Any] = {**row, "kind": kind, "related": tuple(row["related"])}
    return Change(**values)
