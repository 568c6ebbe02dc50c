"""Lets insight follow the facts: brings what is derived from profiles up to date for those that are due."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from graph import due
from graph import segments as stored
from graph.batches import batches
from graph.transactions import Graph, Row, Run
from insight.definitions import Definitions
from insight.indicator_values import refresh_values
from insight.indicators import store_indicators
from insight.segments import define, following, refresh_stale

_AT_ONCE = 1_000
_MANY, _MANY_SHARE = 5_000, 0.05
"""Of so many due profiles, and this share of all, working out everything anew is cheaper than following each."""

_CAUSE = "facts changed"


@dataclass(slots=True)
class Followed:
    """How many profiles were followed one by one, and how many entered and left each segment."""

    profiles: int = 0
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
    followed = Followed(len(waiting))

    async def work(run: Run) -> list[list[Row]]:
        await _values_follow(run, definitions, waiting, moment)
        return [
            await run(statement)
            for statement in following(definitions.segments, sorted(waiting), moment, _CAUSE)
        ]

    if waiting:
        for rows in await graph.transact(work):
            followed.add(rows)
    return followed


async def _values_follow(run: Run, definitions: Definitions, ids: Iterable[str], at: datetime) -> None:
    """Take the marks off and bring the indicators of some profiles up to date."""
    await run(due.clearing(ids))
    await refresh_values(run, definitions.indicators, ids, at)


async def catch_up(graph: Graph, definitions: Definitions, *, at: datetime | None = None) -> Followed:
    """Store the definitions and bring everything up to date: what is stale as a whole, then profile by profile."""
    moment = at or datetime.now(UTC)
    await define(graph, definitions.segments)
    await store_indicators(graph, definitions.indicators)
    count, profiles = await due.count_due(graph)
    if count > max(_MANY, _MANY_SHARE * profiles):
        await stored.make_stale(graph)
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
