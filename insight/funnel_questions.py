"""Puts a funnel to the columnar copy: one SQL question, and the report made of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from graph.moments import EARLIEST, LATEST
from insight.analysis import Analysis, Answer
from insight.funnels import Exclusion, FunnelDefinition, Step

MOST_GROUPS = 100


class Grouping(StrEnum):
    """By what a funnel's profiles are told apart: something of the touchpoint they entered with, or their segments."""

    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    SOURCE = "source"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Question:
    """Which attempts count: those that began within [`since`, `until`), of the members of a `segment`."""

    since: datetime = EARLIEST
    until: datetime = LATEST
    segment: str | None = None
    by: Grouping | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """How far profiles came: `profiles` reached the step. Seconds are counted from the required step before, over the
    profiles that reached it; None at the first step."""

    step: str
    optional: bool
    profiles: int
    median_seconds: float | None
    slow_seconds: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """One funnel's answer for everybody, or for one group: `seconds` from the first to the last step, at the median and
    for the slowest tenth."""

    group: str | None
    stages: list[Stage]
    median_seconds: float | None
    slow_seconds: float | None


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """The report on everybody, those on groups (the largest 100, by who entered), and when the copy was made (UTC)."""

    whole: Report
    groups: list[Report]
    copied_at: datetime


@dataclass(slots=True)
class _Query:
    """A question being written: values travel as parameters."""

    parameters: dict[str, Any] = field(default_factory=dict[str, Any])

    def take(self, value: Any) -> str:
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def matches(self, one: Step | Exclusion) -> str:
        tests = [("type", one.types), ("channel", one.channels), ("campaign", one.campaigns)]
        return " AND ".join(
            f"coalesce(list_contains({self.take(list(wanted))}, {column}), false)"
            for column, wanted in tests
            if wanted is not None
        )


async def measure(analysis: Analysis, funnel: FunnelDefinition, question: Question) -> FunnelAnswer:
    """Put a funnel to the copy; raises what `Analysis.ask` does.

    An attempt begins at each touchpoint of the first step. Each next required step is the first of its touchpoints
    after the step before, within the funnel's time from the beginning; an excluded touchpoint in between ends the
    attempt. An optional step is reached by a touchpoint after the required step before it and before the next. Of a
    profile the attempt that came furthest counts, of several the first.
    """
    answer = await analysis.ask(*written(funnel, question))
    return told(funnel, answer)


def written(funnel: FunnelDefinition, question: Question) -> tuple[str, dict[str, Any]]:
    """The question as SQL over the table `journeys` of the copy, and its parameters."""
    query = _Query()
    text = "WITH " + ",\n".join(_attempts(query, funnel, question)) + _counted(funnel, question)
    return text, query.parameters


def told(funnel: FunnelDefinition, answer: Answer) -> FunnelAnswer:
    """What the rows of an answer say."""
    reports = [_report(funnel, row) for row in answer.rows]
    whole = next(one for one in reports if one.group is None)
    return FunnelAnswer(whole, [one for one in reports if one.group is not None], answer.copied_at)


def _attempts(query: _Query, funnel: FunnelDefinition, question: Question) -> list[str]:
    """The common table expressions up to `best`: one row a profile with the place and instant of each step."""
    required = funnel.required
    optional = [step for step in funnel.steps if step.optional]
    parts = [_relevant(query, funnel, question)]
    since, until = (_naive(moment) for moment in (question.since, question.until))
    parts.append(
        "attempt0 AS (SELECT profile_id, place AS p0, moment AS t0, channel, campaign, source FROM relevant "
        f"WHERE s0 AND moment >= {query.take(since)} AND moment < {query.take(until)})"
    )
    within = "true"
    if funnel.within_hours is not None:
        within = (
            f"n.moment <= a.t0 + to_microseconds({query.take(round(funnel.within_hours * 3_600_000_000))})"
        )
    for gap in range(len(required) - 1):
        beside = [step for step in optional if funnel.gap_of(step) == gap]
        parts.append(_next(funnel, gap, within, beside))
    last = len(required) - 1
    depth = " + ".join(f"(p{place} IS NOT NULL)::INT" for place in range(last + 1))
    parts.append(
        f"best AS (SELECT DISTINCT ON (profile_id) * FROM attempt{last} ORDER BY profile_id, {depth} DESC, p0)"
    )
    return parts


def _relevant(query: _Query, funnel: FunnelDefinition, question: Question) -> str:
    marks = [f"{query.matches(step)} AS s{place}" for place, step in enumerate(funnel.required)]
    optional = [step for step in funnel.steps if step.optional]
    marks += [f"{query.matches(step)} AS o{funnel.steps.index(step)}" for step in optional]
    marks += [f"{query.matches(one)} AS x{place}" for place, one in enumerate(funnel.excluded)]
    types = sorted({name for one in (*funnel.steps, *funnel.excluded) for name in one.types})
    text = f"SELECT *, {', '.join(marks)} FROM journeys WHERE list_contains({query.take(types)}, type)"
    if question.segment is not None:
        members = f"SELECT profile_id FROM segments WHERE segment = {query.take(question.segment)}"
        text += f" AND profile_id IN ({members})"
    return f"relevant AS MATERIALIZED ({text})"


def _next(funnel: FunnelDefinition, gap: int, within: str, optional: Sequence[Step]) -> str:
    """The table with the required step behind a gap, and with the optional ones in it."""
    # The first touchpoint behind a step is the nearest with a larger place: an AS OF join finds it in one pass.
    joins = [_nearest("n", f"s{gap + 1}", gap)]
    ends = [place for place, one in enumerate(funnel.excluded) if gap in funnel.gaps(one)]
    open_until = "true"
    if ends:
        joins.append(_nearest("x", " OR ".join(f"x{place}" for place in ends), gap))
        open_until = "(x.place IS NULL OR n.place < x.place)"
    reached = f"n.place IS NOT NULL AND {within} AND {open_until}"
    columns = [
        f"CASE WHEN {reached} THEN n.place END AS p{gap + 1}",
        f"CASE WHEN {reached} THEN n.moment END AS t{gap + 1}",
    ]
    for step in optional:
        mark = f"o{funnel.steps.index(step)}"
        joins.append(_nearest(mark, mark, gap))
        in_time = f"{within} AND {open_until}".replace("n.", f"{mark}.")
        in_between = f"(NOT coalesce({reached}, false) OR {mark}.place < n.place)"
        columns.append(f"coalesce({mark}.place IS NOT NULL AND {in_time} AND {in_between}, false) AS {mark}")
    return f"attempt{gap + 1} AS (SELECT a.*, {', '.join(columns)} FROM attempt{gap} a {' '.join(joins)})"


def _nearest(name: str, mark: str, gap: int) -> str:
    matching = f"(SELECT profile_id, place, moment FROM relevant WHERE {mark})"
    return f"ASOF LEFT JOIN {matching} {name} ON a.profile_id = {name}.profile_id AND a.p{gap} < {name}.place"


def _counted(funnel: FunnelDefinition, question: Question) -> str:
    """The last part: one row for everybody and one a group, of counts a step and of seconds a required step."""
    columns: list[str] = []
    required = funnel.required
    for place, step in enumerate(funnel.steps):
        reached = f"o{place}" if step.optional else f"p{required.index(step)} IS NOT NULL"
        columns.append(f"count(*) FILTER ({reached})")
    last = len(required) - 1
    for place, before in [*((n, n - 1) for n in range(1, last + 1)), (last, 0)]:
        seconds = f"epoch_us(t{place} - t{before}) / 1000000"
        columns += [f"quantile_cont({seconds}, {share})" for share in (0.5, 0.9)]
    whole = f"SELECT true AS everybody, NULL AS found, {', '.join(columns)} FROM best"
    if question.by is None:
        return "\n" + whole
    if question.by is Grouping.SEGMENT:
        grouped = "SELECT segments.segment AS found, best.* FROM best JOIN segments USING (profile_id)"
    else:
        grouped = f"SELECT coalesce({question.by.value}, '') AS found, * FROM best"
    groups = f"SELECT false, found, {', '.join(columns)} FROM ({grouped}) GROUP BY found"
    largest = f"({groups} ORDER BY 3 DESC, found LIMIT {MOST_GROUPS})"
    return f"\n({whole}) UNION ALL {largest} ORDER BY everybody DESC, 3 DESC, found"


def _report(funnel: FunnelDefinition, row: Sequence[Any]) -> Report:
    counts = row[2 : 2 + len(funnel.steps)]
    seconds = list(row[2 + len(funnel.steps) :])
    of_required = iter([(None, None), *zip(seconds[::2], seconds[1::2], strict=True)])
    stages = [
        Stage(step.name, step.optional, count, *((None, None) if step.optional else next(of_required)))
        for step, count in zip(funnel.steps, counts, strict=True)
    ]
    median, slow = next(of_required)
    return Report(None if row[0] else row[1], stages, median, slow)


def _naive(moment: datetime) -> datetime:
    """The moment as the copy has instants: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
