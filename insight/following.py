"""Lets insight follow the facts: brings what is derived from profiles up to date for those that are due."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graph import due
from graph import segments as stored
from graph.transactions import Graph, Row
from insight.segments import SegmentDefinition, define, following, refresh_stale

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
    definitions: Mapping[str, SegmentDefinition],
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
    if waiting:
        statements = [due.clearing(waiting), *following(definitions, sorted(waiting), moment, _CAUSE)]
        for rows in (await graph.write_all(statements))[1:]:
            followed.add(rows)
    return followed


async def catch_up(
    graph: Graph, definitions: Mapping[str, SegmentDefinition], *, at: datetime | None = None
) -> Followed:
    """Store the definitions and bring everything up to date: what is stale as a whole, then profile by profile."""
    moment = at or datetime.now(UTC)
    await define(graph, definitions)
    count, profiles = await due.count_due(graph)
    if count > max(_MANY, _MANY_SHARE * profiles):
        await stored.make_stale(graph)
        await due.clear_all(graph)
    followed = Followed()
    for change in await refresh_stale(graph, definitions, moment):
        followed.entered[change.name] += change.entered
        followed.left[change.name] += change.left
    while (step := await follow(graph, definitions, at=moment)).profiles:
        followed.profiles += step.profiles
        followed.entered += step.entered
        followed.left += step.left
    return followed
