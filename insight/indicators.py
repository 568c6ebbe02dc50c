"""Indicators: what is worked out of a profile's touchpoints, declared once under a name."""

from collections.abc import Mapping
from datetime import timedelta

from orjson import OPT_SORT_KEYS, dumps
from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph import indicators as stored
from graph.due import mark_all
from graph.transactions import Graph
from graph.vocabulary import IndicatorFunction
from insight.tables import checked

PROPERTY = "properties."
"""What the name of a touchpoint's own property starts with in `of`; dots in the rest are of objects in objects."""

_NUMBERS = frozenset({"revenue"})
_TEXTS = frozenset({"type", "channel", "campaign", "source"})
_INSTANT = "occurred_at"

_NUMERIC = frozenset(
    {
        IndicatorFunction.SUM,
        IndicatorFunction.AVERAGE,
        IndicatorFunction.MINIMUM,
        IndicatorFunction.MAXIMUM,
    }
)
_OF_ANYTHING = frozenset(
    {
        IndicatorFunction.FIRST,
        IndicatorFunction.LAST,
        IndicatorFunction.MOST_FREQUENT,
        IndicatorFunction.DISTINCT,
        IndicatorFunction.DISTINCT_COUNT,
    }
)
_SERIES = frozenset({IndicatorFunction.TREND, IndicatorFunction.Z_SCORE})
_OF_INSTANTS = frozenset({IndicatorFunction.FIRST, IndicatorFunction.LAST})
_NOTHING: Mapping[IndicatorFunction, int | float] = {
    IndicatorFunction.COUNT: 0,
    IndicatorFunction.DISTINCT_COUNT: 0,
    IndicatorFunction.SUM: 0.0,
    IndicatorFunction.TREND: 0.0,
    IndicatorFunction.Z_SCORE: 0.0,
}


class IndicatorDefinition(BaseModel):
    """One `[indicators.NAME]` table: a function, of which value, over which touchpoints, in which window."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1)
    function: IndicatorFunction
    of: str | None = None
    types: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    within_days: int | None = Field(default=None, ge=1, le=36_500)
    within_hours: int | None = Field(default=None, ge=1, le=876_000)
    periods: int = Field(default=8, ge=2, le=400)
    as_number: bool = False
    deviation_at_least: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _fits(self) -> "IndicatorDefinition":
        if self.within_days is not None and self.within_hours is not None:
            raise ValueError("give within_days or within_hours, not both")
        if self.function in _SERIES and self.window is None:
            raise ValueError(f"{self.function} needs within_days or within_hours: the length of one period")
        if self.as_number and self.function not in _OF_INSTANTS:
            raise ValueError("as_number is for first and last: the others know whether they are of numbers")
        extra = {"periods", "deviation_at_least"} & self.model_fields_set
        if extra and self.function not in _SERIES:
            raise ValueError(f"{min(extra)} is for trend and z_score")
        self._check_of()
        return self

    def _check_of(self) -> None:
        if self.function in {IndicatorFunction.COUNT, IndicatorFunction.RECENCY}:
            if self.of is not None:
                raise ValueError(f"{self.function} is of touchpoints themselves: leave out of")
        elif self.of is None:
            if self.function in _NUMERIC | _OF_ANYTHING:
                raise ValueError(f"{self.function} needs of: the value it is of")
        elif not self._may_be_of(self.of):
            raise ValueError(f"{self.function} cannot be of {self.of!r}")

    def _may_be_of(self, of: str) -> bool:
        if of.startswith(PROPERTY):
            return of != PROPERTY
        if of == _INSTANT:
            return self.function in _OF_INSTANTS
        return of in _NUMBERS or (of in _TEXTS and self.function in _OF_ANYTHING)

    @property
    def window(self) -> timedelta | None:
        """How far back it looks, or the length of one period of a trend and a z-score; None is without end."""
        if self.within_hours is not None:
            return timedelta(hours=self.within_hours)
        return None if self.within_days is None else timedelta(days=self.within_days)

    @property
    def reach(self) -> timedelta | None:
        """How far back a touchpoint can matter; None is without end."""
        if self.window is None or self.function not in _SERIES:
            return self.window
        return self.window * (self.periods + 2)  # the running period and, of a z-score, the latest

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers, which grow and shrink (of a recency: days)."""
        return (
            self.as_number
            or self.function in _NUMERIC
            or self.function in _NOTHING
            or self.function == IndicatorFunction.RECENCY
        )

    @property
    def nothing(self) -> int | float | None:
        """Its value for a profile without such touchpoints; it is not stored."""
        return _NOTHING.get(self.function)

    def text(self) -> str:
        """The definition as JSON text, equal for equal definitions."""
        said = self.model_dump(mode="json", exclude_none=True, exclude={"description"}, exclude_defaults=True)
        ordered = {key: sorted(value) if isinstance(value, list) else value for key, value in said.items()}
        return dumps(ordered, option=OPT_SORT_KEYS).decode()


async def store_indicators(graph: Graph, definitions: Mapping[str, IndicatorDefinition]) -> None:
    """Store the definitions. When one is new or has changed, every profile becomes due; one that is gone takes its
    values with it. Cut off before the end, the next time does it again."""
    indicators = [
        stored.Indicator(name, one.description, one.function, one.text(), one.nothing)
        for name, one in sorted(definitions.items())
    ]
    if await stored.create_indicators(graph, indicators):
        await mark_all(graph)
    await stored.define_indicators(graph, indicators)
    await stored.drop_indicators(graph, definitions)


async def rebuild_indicators(graph: Graph, definitions: Mapping[str, IndicatorDefinition]) -> None:
    """Have all values worked out anew by what follows, whatever is stored."""
    await store_indicators(graph, definitions)
    await mark_all(graph)


def define_indicators(tables: Mapping[str, object]) -> dict[str, IndicatorDefinition]:
    """The definitions in the `[indicators]` tables of a configuration.

    Raises ConfigurationError naming the indicator and the key that does not fit.
    """
    return {name: checked(IndicatorDefinition, table, "indicators", name) for name, table in tables.items()}
