"""Lets insight follow the facts: brings what is derived from profiles up to date for those that are due."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from graph import due
from graph import segments as stored
from graph.batches import batches
from graph.nearness import around
from graph.segment_definitions import make_stale
from graph.transactions import Graph, Row, Run, Statement
from insight.clauses import Reach, concerns
from insight.definitions import Definitions, in_force
from insight.indicator_values import refresh_values
from insight.indicators import store_indicators
from insight.segments import SegmentDefinition, define, membership, refresh_order, refresh_stale, turn_of

_AT_ONCE = 1_000
_MANY, _MANY_SHARE = 5_000, 0.05
"""Of so many due profiles, and this share of all, working out everything anew is cheaper than following each."""

_CAUSE = "facts changed"


@dataclass(slots=True)
class Followed:
    """How many profiles were followed one by one; for each segment how many it was asked of, entered and left."""

    profiles: int = 0
    asked: Counter[str] = field(default_factory=Counter[str])
    entered: Counter[str] = field(default_factory=Counter[str])
    left: Counter[str] = field(default_factory=Counter[str])

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows of segment and belongs."""
        for row in rows:
            (self.entered if row["belongs"] else self.left)[row["segment"]] += 1

    def changes(self) -> dict[str, dict[str, int]]:
        """Who entered and left, by segment."""
        names = sorted({*self.entered, *self.left})
        return {name: {"entered": self.entered[name], "left": self.left[name]} for name in names}


async def follow(
    graph: Graph,
    definitions: Definitions,
    *,
    at: datetime | None = None,
    most: int = _AT_ONCE,
) -> Followed:
    """Bring at most `most` due profiles up to date in one transaction; none is left when none was followed.

    Time windows end at `at` (now when absent). Cut off in the middle, or tried twice at once, nothing is lost: the
    transaction first takes the marks off, which locks the profiles, then looks at them, then writes.
    """
    moment = at or datetime.now(UTC)
    waiting = await due.read_due(graph, most, moment)
    if not waiting:
        return Followed()
    definitions = await in_force(graph, definitions)
    followed = Followed(len(waiting))

    async def work(run: Run) -> list[list[Row]]:
        changed = await _values_follow(run, definitions, waiting, moment)
        told = {one: _with_values(news, changed.get(one, ())) for one, news in waiting.items()}
        asked = await touched(graph, definitions.segments, told)
        followed.asked = Counter({name: len(ids) for name, ids in asked.items()})
        return [await run(one) for one in _statements(definitions.segments, asked, waiting, moment)]

    for rows in await graph.transact(work):
        followed.add(rows)
    return followed


async def _values_follow(
    run: Run, definitions: Definitions, ids: Iterable[str], at: datetime
) -> Mapping[str, frozenset[str]]:
    """Take the marks off and bring the indicators of some profiles up to date; answers which changed, by profile."""
    await run(due.clearing(ids))
    return await refresh_values(run, definitions.indicators, ids, at)


def _with_values(news: due.News, changed: Iterable[str]) -> due.News:
    """The news with those of the indicators that changed."""
    return None if news is None else news.union(f"indicator:{name}" for name in changed)


def _statements(
    definitions: Mapping[str, SegmentDefinition],
    asked: Mapping[str, set[str]],
    waiting: Iterable[str],
    at: datetime,
) -> Iterator[Statement]:
    """What writes the memberships asked for, and when who waited, whose instant is cleared, is due again."""
    for name in refresh_order(definitions):
        if asked[name]:
            yield stored.following(membership(name, definitions[name], at), asked[name], at, _CAUSE)
        if turn := turn_of(definitions[name], at):
            yield due.scheduling(turn[0], {*asked[name], *waiting}, turn[1])


async def touched(
    graph: Graph, definitions: Mapping[str, SegmentDefinition], waiting: Mapping[str, due.News]
) -> dict[str, set[str]]:
    """The profiles for which each segment has to be asked: those whose news it depends on, and those near them where
    it looks at others. Who comes near or goes meanwhile is due for that itself."""
    rules = {name: definition.rule for name, definition in definitions.items()}
    found: dict[str, set[str]] = {}
    for name, rule in rules.items():
        found[name] = set()
        for path, news in _joined(rule.reaches(rules)).items():
            reached = {one for one, said in waiting.items() if concerns(said, news)}
            for way in path:
                reached |= await around(graph, reached, way)
            found[name] |= reached
    return found


def _joined(reaches: Iterable[Reach]) -> dict[tuple[str, ...], frozenset[str]]:
    """All news by path."""
    joined: dict[tuple[str, ...], frozenset[str]] = {}
    for reach in reaches:
        joined[reach.path] = joined.get(reach.path, frozenset()) | reach.news
    return joined


async def rebuild_segments(graph: Graph, definitions: Definitions) -> Followed:
    """Work out all segments anew, whatever is stored; the same facts give the same members."""
    await define(graph, definitions.segments)
    await make_stale(graph)
    return await catch_up(graph, definitions)


async def catch_up(graph: Graph, definitions: Definitions, *, at: datetime | None = None) -> Followed:
    """Store the definitions and bring everything up to date: what is stale as a whole, then profile by profile."""
    moment = at or datetime.now(UTC)
    await define(graph, definitions.segments)
    await store_indicators(graph, definitions.indicators)
    definitions = await in_force(graph, definitions)
    count, profiles = await due.count_due(graph)
    if count > max(_MANY, _MANY_SHARE * profiles):
        await make_stale(graph)
        for ids in batches(await due.all_due(graph), _AT_ONCE):
            await graph.transact(partial(_values_follow, definitions=definitions, ids=ids, at=moment))
    followed = Followed()
    for change in await refresh_stale(graph, definitions.segments, moment):
        followed.entered[change.name] += change.entered
        followed.left[change.name] += change.left
    while (step := await follow(graph, definitions, at=moment)).profiles:
        followed.profiles += step.profiles
        followed.entered += step.entered
        followed.left += step.left
    return followed
