"""The touchpoints of one profile in columns, and which values of them an indicator is of."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, cast

import orjson

from graph.indicator_values import MISSING, TouchpointColumns
from insight.indicators import PROPERTY, IndicatorDefinition

Value = int | float | str | datetime
"""One value of a touchpoint."""

MICROSECOND = timedelta(microseconds=1)
LONGEST_TEXT = 500
"""A text is cut to this many characters."""

_LARGEST_NUMBER = 1e100  # sums of larger ones could overflow
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
        path = of.removeprefix(PROPERTY).split(".")
        return [_scalar(_at_path(properties, path)) for properties in self._properties]

    @cached_property
    def _properties(self) -> list[Any]:
        return [orjson.loads(text) if text else {} for text in self._columns.properties]


def _at_path(value: Any, path: list[str]) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = cast("Mapping[str, Any]", value).get(name)
    return value


def _scalar(value: Any) -> Value:
    """A number or a text; of true and false the word, of lists and objects nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value if abs(value) <= _LARGEST_NUMBER else MISSING
    return value[:LONGEST_TEXT] if isinstance(value, str) else MISSING
