"""Thresholds: segments that an indicator makes, entered at one value and left at another."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.errors import ConfigurationError
from graph.vocabulary import RecordKind
from insight.indicator_clauses import Crossing
from insight.indicators import IndicatorDefinition
from insight.segments import EVERY_NAMED_KIND, SegmentDefinition
from insight.tables import checked


class ThresholdDefinition(BaseModel):
    """One `[thresholds.NAME]` table: whose value lets a profile enter where, and leave where.

    `when` is `above`: entered at `enter_at` or more, left below `leave_at`; or `below`, the other way round.
    Without `leave_at` there is no band between the two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1)
    indicator: str
    when: Literal["above", "below"] = "above"
    enter_at: float = Field(allow_inf_nan=False)
    leave_at: float | None = Field(default=None, allow_inf_nan=False)
    cool_down_hours: int = Field(default=0, ge=0, le=876_000)
    kinds: frozenset[RecordKind] = EVERY_NAMED_KIND

    @model_validator(mode="after")
    def _band(self) -> "ThresholdDefinition":
        leave_at = self.enter_at if self.leave_at is None else self.leave_at
        if leave_at > self.enter_at if self.when == "above" else leave_at < self.enter_at:
            side = "above" if self.when == "above" else "below"
            raise ValueError(f"leave_at may not be {side} enter_at: nobody could stay")
        return self

    def segment(self, name: str) -> SegmentDefinition:
        """The segment that this threshold is."""
        rule = Crossing(
            threshold=name,
            indicator=self.indicator,
            direction=self.when,
            enter_at=self.enter_at,
            leave_at=self.enter_at if self.leave_at is None else self.leave_at,
            cool_down_hours=self.cool_down_hours,
        )
        return SegmentDefinition(description=self.description, kinds=self.kinds, rule=rule)


def define_thresholds(
    tables: Mapping[str, object], indicators: Mapping[str, IndicatorDefinition]
) -> dict[str, SegmentDefinition]:
    """The segments that the `[thresholds]` tables of a configuration make.

    Raises ConfigurationError naming the threshold and the key that does not fit.
    """
    return {name: _definition(name, table, indicators) for name, table in tables.items()}


def _definition(name: str, table: object, indicators: Mapping[str, IndicatorDefinition]) -> SegmentDefinition:
    threshold = checked(ThresholdDefinition, table, "thresholds", name)
    known = indicators.get(threshold.indicator)
    if known is None:
        raise ConfigurationError(
            f"thresholds.{name} is of indicator {threshold.indicator!r}, which is not defined."
        )
    if not known.numeric:
        raise ConfigurationError(
            f"thresholds.{name} is of indicator {threshold.indicator!r}, whose values are no numbers."
        )
    return threshold.segment(name)
