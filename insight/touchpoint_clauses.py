"""The clause about touchpoints: how many, how much revenue, how long ago; and how a rule chooses touchpoints."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import LiteralString

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.due import TIME
from insight.clauses import ANY_TYPE, Clause, Parameters, Reach, earliest

_LONGEST_DAYS = 36_500


class TouchpointFilter(BaseModel):
    """Which touchpoints count: types, channels, campaigns, sources, and how many days back from now they begin
    (`within_days`) and end (`before_days`). What lies in the future never counts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    types: list[str] | None = None
    channels: list[str] | None = None
    campaigns: list[str] | None = None
    sources: list[str] | None = None
    within_days: int | None = Field(default=None, ge=1, le=_LONGEST_DAYS)
    before_days: int = Field(default=0, ge=0, le=_LONGEST_DAYS)

    @model_validator(mode="after")
    def _not_empty(self) -> "TouchpointFilter":
        if self.within_days is not None and self.within_days <= self.before_days:
            raise ValueError("before_days must be less than within_days: the window is empty")
        return self

    def chosen(self, parameters: Parameters) -> LiteralString:
        """The Cypher clauses that find each touchpoint chosen as `t`."""
        until = parameters.at - timedelta(days=self.before_days)
        found = (
            journey(parameters) + self.fits(parameters) + " AND t.occurred_at <= " + parameters.take(until)
        )
        if self.within_days is not None:
            since = parameters.at - timedelta(days=self.within_days)
            found = found + " AND t.occurred_at > " + parameters.take(since)
        return found

    def fits(self, parameters: Parameters) -> LiteralString:
        """The Cypher condition on `t`, windows aside, to be added to others."""
        fits: LiteralString = ""
        if self.types is not None:
            fits = fits + " AND t.type IN " + parameters.take(self.types)
        if self.channels is not None:
            fits = fits + " AND t.channel IN " + parameters.take(self.channels)
        if self.campaigns is not None:
            fits = fits + " AND t.campaign IN " + parameters.take(self.campaigns)
        if self.sources is not None:
            fits = fits + " AND t.source IN " + parameters.take(self.sources)
        return fits

    def turns(self, parameters: Parameters) -> LiteralString:
        """When the first touchpoint moves into the window or out of it, as a Cypher expression."""
        enters = parameters.take(timedelta(days=self.before_days))
        until = parameters.take(parameters.at - timedelta(days=self.before_days))
        found = "COLLECT {" + journey(parameters) + self.fits(parameters)
        if self.within_days is None:
            return found + " AND t.occurred_at > " + until + " RETURN min(t.occurred_at + " + enters + ")}[0]"
        since = parameters.take(parameters.at - timedelta(days=self.within_days))
        leaves = parameters.take(timedelta(days=self.within_days))
        moves = "t.occurred_at + CASE WHEN t.occurred_at > " + until + " THEN " + enters + " ELSE " + leaves
        return found + " AND t.occurred_at > " + since + " RETURN min(" + moves + " END)}[0]"

    def news(self) -> frozenset[str]:
        """What can add to the touchpoints chosen, or take from them."""
        return frozenset(
            {TIME, *(f"type:{one}" for one in self.types)} if self.types is not None else {TIME, ANY_TYPE}
        )


def journey(parameters: Parameters) -> LiteralString:
    """The Cypher clauses that find the profile's touchpoints as `t`, those of shared devices within its slices."""
    return (
        " MATCH (" + parameters.profile + ")<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL"
        " MATCH (t:Touchpoint) WHERE t.record_key = r.key"
        " AND CASE WHEN m.valid_from IS NULL THEN true ELSE t.occurred_at >= m.valid_from END"
        " AND CASE WHEN m.valid_until IS NULL THEN true ELSE t.occurred_at < m.valid_until END"
    )


class Touchpoints(Clause):
    """How many touchpoints, how much revenue, or how long ago the last one; at least one bound is given.

    `last_at_most_days` and `last_at_least_days` hold only for somebody who has such a touchpoint.
    """

    touchpoints: TouchpointFilter
    count_at_least: int | None = Field(default=None, ge=0)
    count_at_most: int | None = Field(default=None, ge=0)
    revenue_at_least: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    revenue_at_most: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    last_at_most_days: int | None = Field(default=None, ge=0, le=_LONGEST_DAYS)
    last_at_least_days: int | None = Field(default=None, ge=0, le=_LONGEST_DAYS)

    @model_validator(mode="after")
    def _some_bound(self) -> "Touchpoints":
        if all(getattr(self, name) is None for name in type(self).model_fields if name != "touchpoints"):
            raise ValueError("touchpoints need a bound: count_…, revenue_… or last_…")
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        chosen = self.touchpoints.chosen(parameters)
        count = "COUNT {" + chosen + "}"
        revenue = "COLLECT {" + chosen + " RETURN coalesce(sum(t.revenue), 0.0)}[0]"
        last = _last(chosen)
        bounds: list[LiteralString] = []
        if self.count_at_least is not None:
            bounds.append(count + " >= " + parameters.take(self.count_at_least))
        if self.count_at_most is not None:
            bounds.append(count + " <= " + parameters.take(self.count_at_most))
        if self.revenue_at_least is not None:
            bounds.append(revenue + " >= " + parameters.take(self.revenue_at_least))
        if self.revenue_at_most is not None:
            bounds.append(revenue + " <= " + parameters.take(self.revenue_at_most))
        if self.last_at_most_days is not None:
            since = parameters.at - timedelta(days=self.last_at_most_days)
            bounds.append("coalesce(" + last + " >= " + parameters.take(since) + ", false)")
        if self.last_at_least_days is not None:
            until = parameters.at - timedelta(days=self.last_at_least_days)
            bounds.append("coalesce(" + last + " <= " + parameters.take(until) + ", false)")
        return "(" + " AND ".join(bounds) + ")"

    def value(self, parameters: Parameters) -> LiteralString:
        """Count, revenue and the last of the touchpoints chosen."""
        chosen = self.touchpoints.chosen(parameters)
        told: LiteralString = (
            "{count: count(t), revenue: coalesce(sum(t.revenue), 0.0), last_at: max(t.occurred_at)}"
        )
        return "COLLECT {" + chosen + " RETURN " + told + "}[0]"

    def turns(self, parameters: Parameters) -> LiteralString:
        """When a touchpoint moves into the window or out of it, or the last one is as old as a bound says."""
        instants: list[LiteralString] = [self.touchpoints.turns(parameters)]
        # One at most so old becomes too old just after, one at least so old is old enough just then.
        ages = ((self.last_at_most_days, timedelta(microseconds=1)), (self.last_at_least_days, timedelta(0)))
        for days, later in ages:
            if days is not None:
                age = parameters.take(timedelta(days=days) + later)
                turn = _last(self.touchpoints.chosen(parameters)) + " + " + age
                instants.append(
                    "CASE WHEN " + turn + " > " + parameters.take(parameters.at) + " THEN " + turn + " END"
                )
        return earliest(instants)

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Touchpoints of these types, and time."""
        del rules
        yield Reach((), self.touchpoints.news())


def _last(chosen: LiteralString) -> LiteralString:
    return "COLLECT {" + chosen + " RETURN max(t.occurred_at)}[0]"
