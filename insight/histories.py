"""The touchpoints of one profile in columns, and which values of them an indicator is of."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, cast

import orjson

from graph.indicator_values import MISSING, TouchpointColumns
from insight.indicators import PROPERTY, IndicatorDefinition

MICROSECOND = timedelta(microseconds=1)
LONGEST_TEXT = 500
"""A text is cut to this many characters."""

_LARGEST_NUMBER = 1e100  # sums of larger ones could overflow
_NUMBER = re.compile(r"[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, in which instants are compared here."""
    return (moment - _EPOCH) // MICROSECOND


def instant(moment: int) -> datetime:
    """The instant so many microseconds after 1970, UTC."""
    return _EPOCH + moment * MICROSECOND


class History:
    """One profile's touchpoints, in any order."""

    def __init__(self, columns: TouchpointColumns) -> None:
        self._columns = columns
        self._values: dict[str, list[Any]] = {}

    def chosen(self, definition: IndicatorDefinition) -> list[tuple[int, Any]]:
        """Instant (microseconds) and value of each touchpoint that has a value and that the definition chooses by
        type and channel, whenever it was. Without `of` the value is `MISSING`."""
        columns, types, channels = self._columns, definition.types, definition.channels
        rows = zip(columns.at, columns.type, columns.channel, self._of(definition.of), strict=True)
        return [
            (at, value)
            for at, type_, channel, value in rows
            if (types is None or type_ in types)
            and (channels is None or channel in channels)
            and (value != MISSING or definition.of is None)
        ]

    def _of(self, of: str | None) -> list[Any]:
        if of is None:
            return [MISSING] * len(self._columns.at)
        if of not in self._values:
            self._values[of] = self._read(of)
        return self._values[of]

    def _read(self, of: str) -> list[Any]:
        if of == "occurred_at":
            return [instant(at) for at in self._columns.at]
        if not of.startswith(PROPERTY):
            return cast("list[Any]", getattr(self._columns, of))
        name = of.removeprefix(PROPERTY)
        return [properties.get(name, MISSING)[:LONGEST_TEXT] for properties in self._properties]

    @cached_property
    def _properties(self) -> list[Mapping[str, str]]:
        return [orjson.loads(text) if text else {} for text in self._columns.properties]


def number(value: Any) -> float | None:
    """A number, or what reads as one, such as "12.50"; None for anything else."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, int | float) and abs(value) <= _LARGEST_NUMBER else None
