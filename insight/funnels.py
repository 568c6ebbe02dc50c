"""Funnels: which steps in which order lead to a goal, as `[funnels.NAME]` of a configuration or a client says."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from insight.tables import checked

MOST_STEPS = 12


class _Touchpoints(BaseModel):
    """Which touchpoints count: of one of the types and, where given, of one of the channels and campaigns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: tuple[str, ...] = Field(min_length=1)
    channels: tuple[str, ...] | None = None
    campaigns: tuple[str, ...] | None = None


class Step(_Touchpoints):
    """A step of a funnel: the first touchpoint of this description after the step before.

    An optional one is counted and never waited for. Without a `name` it is called after its first type.
    """

    name: str = ""
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _named(cls, said: Any) -> Any:
        if isinstance(said, Mapping) and not said.get("name") and said.get("types"):
            return {**said, "name": str(said["types"][0])}
        return said


class Exclusion(_Touchpoints):
    """Touchpoints that end an attempt: between two required steps, or from the first to the last."""

    after: str | None = None
    before: str | None = None


class FunnelDefinition(BaseModel):
    """A funnel: its steps, what ends an attempt, and within how many hours from its first step it must succeed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = ""
    steps: tuple[Step, ...] = Field(min_length=2, max_length=MOST_STEPS)
    excluded: tuple[Exclusion, ...] = Field(default=(), max_length=MOST_STEPS)
    within_hours: float | None = Field(default=None, gt=0, le=876_000)

    @model_validator(mode="after")
    def _consistent(self) -> "FunnelDefinition":
        names = [step.name for step in self.steps]
        if len(set(names)) < len(names):
            raise ValueError("two steps have the same name: give them names of their own")
        if self.steps[0].optional or self.steps[-1].optional:
            raise ValueError("the first and the last step cannot be optional")
        for one in self.excluded:
            self.gaps(one)
        return self

    @property
    def required(self) -> list[Step]:
        """The steps that are not optional, in order."""
        return [step for step in self.steps if not step.optional]

    def gaps(self, exclusion: Exclusion) -> range:
        """Between which required steps it counts: gap n lies between the required steps n and n + 1."""
        places = {step.name: place for place, step in enumerate(self.required)}
        for name in (exclusion.after, exclusion.before):
            if name is not None and name not in places:
                raise ValueError(f"an exclusion names {name!r}, which is no required step")
        first = places[exclusion.after] if exclusion.after is not None else 0
        last = places[exclusion.before] if exclusion.before is not None else len(places) - 1
        if first >= last:
            raise ValueError("an exclusion ends before it begins")
        return range(first, last)

    def gap_of(self, optional: Step) -> int:
        """Between which required steps an optional one lies."""
        before = self.steps[: self.steps.index(optional)]
        return sum(not step.optional for step in before) - 1


def define_funnels(tables: Mapping[str, object]) -> dict[str, FunnelDefinition]:
    """The definitions in the `[funnels]` tables of a configuration.

    Raises ConfigurationError naming the funnel and the key that does not fit.
    """
    return {name: define_funnel(table, "funnels", name) for name, table in tables.items()}


def define_funnel(said: object, *above: str) -> FunnelDefinition:
    """The definition that was said; raises ConfigurationError naming the place that does not fit."""
    return checked(FunnelDefinition, said, *above)
