"""What an indicator makes of a profile's touchpoints at an instant, and when that changes without a new one.

Every function is of a set: the order in which touchpoints came does not matter, and sums are exactly rounded.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import fsum, sqrt
from typing import Any, NamedTuple

import orjson

from graph.vocabulary import IndicatorFunction
from insight.histories import MICROSECOND, History, instant, number
from insight.indicators import IndicatorDefinition

MOST_DISTINCT = 100
"""A list of distinct values holds the first so many, in alphabetical order."""

_DAY = timedelta(days=1) // MICROSECOND

Computed = int | float | str | datetime | list[str]
Choice = Sequence[tuple[int, Any]]
"""Instant (microseconds since 1970) and value of each touchpoint that counts."""


class Worked(NamedTuple):
    """An indicator's value, None when it is of nothing, and the instant (microseconds) from which it may be another
    even if nothing happens."""

    value: Computed | None
    changes_at: int | None


def work_out(definition: IndicatorDefinition, history: History, at: int) -> Worked:
    """The value of one indicator at the instant `at` (microseconds since 1970)."""
    chosen = history.chosen(definition)
    if definition.as_number:
        chosen = [(moment, found) for moment, value in chosen if (found := number(value)) is not None]
    if definition.function in _SERIES:
        return _of_series(definition, chosen, at)
    if definition.window is None:
        inside = [one for one in chosen if one[0] <= at]
        return Worked(_AGGREGATES[definition.function](inside), _first_after(chosen, at))
    length = definition.window // MICROSECOND
    inside = [one for one in chosen if at - length < one[0] <= at]
    leaving = min((moment for moment, _ in inside), default=None)
    changes = (_first_after(chosen, at), None if leaving is None else leaving + length)
    return Worked(_AGGREGATES[definition.function](inside), _earliest(*changes))


def _first_after(chosen: Choice, at: int) -> int | None:
    return min((moment for moment, _ in chosen if moment > at), default=None)


def _earliest(*moments: int | None) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _numbers(chosen: Choice) -> list[float]:
    return [found for _, value in chosen if (found := number(value)) is not None]


def _words(chosen: Choice) -> list[str]:
    return [value if isinstance(value, str) else orjson.dumps(value).decode() for _, value in chosen]


def _sum(chosen: Choice) -> float | None:
    return fsum(_numbers(chosen)) or None


def _average(chosen: Choice) -> float | None:
    numbers = _numbers(chosen)
    return fsum(numbers) / len(numbers) if numbers else None


def _first(chosen: Choice) -> Computed | None:
    return min(chosen, key=_by_instant)[1] if chosen else None


def _last(chosen: Choice) -> Computed | None:
    return max(chosen, key=_by_instant)[1] if chosen else None


def _by_instant(one: tuple[int, Any]) -> tuple[int, str]:
    return one[0], str(one[1])


def _most_frequent(chosen: Choice) -> str | None:
    counted = Counter(_words(chosen))
    return min(counted, key=lambda word: (-counted[word], word)) if counted else None


def _recency(chosen: Choice) -> datetime | None:
    return instant(max(chosen)[0]) if chosen else None


_AGGREGATES: Mapping[IndicatorFunction, Callable[[Choice], Computed | None]] = {
    IndicatorFunction.COUNT: lambda chosen: len(chosen) or None,
    IndicatorFunction.SUM: _sum,
    IndicatorFunction.AVERAGE: _average,
    IndicatorFunction.MINIMUM: lambda chosen: min(_numbers(chosen), default=None),
    IndicatorFunction.MAXIMUM: lambda chosen: max(_numbers(chosen), default=None),
    IndicatorFunction.FIRST: _first,
    IndicatorFunction.LAST: _last,
    IndicatorFunction.MOST_FREQUENT: _most_frequent,
    IndicatorFunction.DISTINCT: lambda chosen: sorted(set(_words(chosen)))[:MOST_DISTINCT] or None,
    IndicatorFunction.DISTINCT_COUNT: lambda chosen: len(set(_words(chosen))) or None,
    IndicatorFunction.RECENCY: _recency,
}


def _of_series(definition: IndicatorDefinition, chosen: Choice, at: int) -> Worked:
    window = definition.window
    if window is None:  # held by the definition
        return Worked(None, None)
    length = window // MICROSECOND
    running = at // length
    count = definition.periods + (definition.function == IndicatorFunction.Z_SCORE)
    periods = [(moment // length - (running - count), value) for moment, value in chosen]
    past = [(place, value) for place, value in periods if 0 <= place < count]
    totals = _totals(past, count, counting=definition.of is None)
    value = _SERIES[definition.function](totals, length / _DAY, definition.deviation_at_least)
    coming = min((place for place, _ in periods if place >= count), default=None)
    ends = (count if past else None, coming)
    ending = _earliest(*ends)
    changes_at = None if ending is None else (running - count + ending + 1) * length
    return Worked(value or None, changes_at)


def _totals(past: Choice, count: int, *, counting: bool) -> list[float]:
    """The number of touchpoints, or the sum of their values, in each complete period, oldest first."""
    values: list[list[float]] = [[] for _ in range(count)]
    for place, value in past:
        if counting:
            values[place].append(1.0)
        elif (found := number(value)) is not None:
            values[place].append(found)
    return [fsum(one) for one in values]


def slope(totals: Sequence[float], days: float, _deviation_at_least: float = 1.0) -> float:
    """The slope of the least-squares line through totals of periods that are so many days long, per day."""
    middle = (len(totals) - 1) / 2
    above = fsum((place - middle) * total for place, total in enumerate(totals))
    below = fsum((place - middle) ** 2 for place in range(len(totals)))
    return above / below / days


def z_score(totals: Sequence[float], _days: float, deviation_at_least: float) -> float:
    """How many standard deviations (of a sample) the last total lies above the mean of those before."""
    *former, latest = totals
    mean = fsum(former) / len(former)
    variance = fsum((total - mean) ** 2 for total in former) / (len(former) - 1)
    return (latest - mean) / max(sqrt(variance), deviation_at_least)


_SERIES: Mapping[IndicatorFunction, Callable[[Sequence[float], float, float], float]] = {
    IndicatorFunction.TREND: slope,
    IndicatorFunction.Z_SCORE: z_score,
}
