"""The clauses about indicators: how large a value is, and whether it crossed a threshold."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal, LiteralString

from pydantic import Field, model_validator

from graph.due import TIME
from insight.clauses import Clause, Parameters, Reach, earliest

# An instant counts as the days until now. `nothing` is what the value is where none is stored, such as 0 of a count.
_STORED: LiteralString = """COLLECT {
  MATCH (indicator:Indicator {name: """
_OF: LiteralString = """})
  OPTIONAL MATCH ("""
_HAS: LiteralString = """)-[valued:HAS_INDICATOR]->(indicator)
  RETURN coalesce(valued.value, indicator.nothing)
}[0]"""


def _stored(name: str, parameters: Parameters) -> LiteralString:
    return _STORED + parameters.take(name) + _OF + parameters.profile + _HAS


def _number(name: str, parameters: Parameters) -> LiteralString:
    """The Cypher expression of a number; of an instant, the days since."""
    at = parameters.take(parameters.at)
    stored = _stored(name, parameters)
    days: LiteralString = "(" + at + ".epochMillis - stored.epochMillis) / 86400000.0"
    return (
        "COLLECT { WITH "
        + stored
        + " AS stored RETURN CASE WHEN stored IS :: ZONED DATETIME NOT NULL THEN "
        + days
        + " WHEN stored IS :: INTEGER NOT NULL OR stored IS :: FLOAT NOT NULL THEN toFloat(stored) END }[0]"
    )


def _passing(name: str, days: list[float], parameters: Parameters) -> LiteralString:
    """The Cypher expression of the next instant at which so many days have passed since a stored instant."""
    stored, listed, at = _stored(name, parameters), parameters.take(days), parameters.take(parameters.at)
    return (
        "COLLECT { WITH "
        + stored
        + " AS stored UNWIND CASE WHEN stored IS :: ZONED DATETIME NOT NULL THEN "
        + listed
        # A millisecond later both "at least" and "at most" have changed.
        + " ELSE [] END AS days WITH stored + duration({days: days, milliseconds: 1}) AS turn WHERE turn > "
        + at
        + " RETURN min(turn) }[0]"
    )


class IndicatorIs(Clause):
    """An indicator's value keeps within every bound given. Numbers compare as they are, of instants the days since;
    `equals` and `in` compare texts, of a list of texts any of them."""

    indicator: str
    at_least: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    at_most: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    equals: str | None = None
    one_of: list[str] | None = Field(default=None, alias="in")
    exists: bool | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> "IndicatorIs":
        if all(getattr(self, name) is None for name in type(self).model_fields if name != "indicator"):
            raise ValueError("an indicator needs a bound: at_least, at_most, equals, in or exists")
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + " AND ".join(self._bounds(parameters)) + ")"

    def _bounds(self, parameters: Parameters) -> Iterator[LiteralString]:
        name = self.indicator
        for bound, sign in ((self.at_least, ">="), (self.at_most, "<=")):
            if bound is not None:
                number, limit = _number(name, parameters), parameters.take(bound)
                yield "coalesce(" + number + (" >= " if sign == ">=" else " <= ") + limit + ", false)"
        wanted = [self.equals] if self.equals is not None else self.one_of
        if wanted is not None:
            stored, texts = _stored(name, parameters), parameters.take(wanted)
            yield "any(text IN [] + coalesce(" + stored + ", []) WHERE text IN " + texts + ")"
        if self.exists is not None:
            yield _stored(name, parameters) + (" IS NOT NULL" if self.exists else " IS NULL")

    def value(self, parameters: Parameters) -> LiteralString:
        """The value as stored, and the number it compares as."""
        stored, number = _stored(self.indicator, parameters), _number(self.indicator, parameters)
        return "{value: " + stored + ", number: " + number + "}"

    def turns(self, parameters: Parameters) -> LiteralString | None:
        """When the days since a stored instant pass a bound."""
        days = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        return _passing(self.indicator, days, parameters) if days else None

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Another value, or days that pass."""
        del rules
        yield Reach((), frozenset({f"indicator:{self.indicator}", TIME}))


class Crossing(Clause):
    """The rule of a threshold, which remembers: who is outside enters at `enter_at`, who is inside stays until the
    value is beyond `leave_at`. After entering, nobody enters again while the threshold cools down."""

    threshold: str
    indicator: str
    direction: Literal["above", "below"] = "above"
    enter_at: float = Field(strict=False, allow_inf_nan=False)
    leave_at: float = Field(strict=False, allow_inf_nan=False)
    cool_down_hours: int = 0

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        number = _number(self.indicator, parameters)
        enter, leave = parameters.take(self.enter_at), parameters.take(self.leave_at)
        beyond: LiteralString = " >= " if self.direction == "above" else " <= "
        held = self._held(parameters)
        cooling = "EXISTS {" + held + " WHERE held.since > " + self._since(parameters) + "}"
        inside = "EXISTS {" + held + " WHERE held.until IS NULL}"
        limit = "CASE WHEN " + inside + " THEN " + leave + " WHEN NOT " + cooling + " THEN " + enter + " END"
        return "coalesce(" + number + beyond + limit + ", false)"

    def _held(self, parameters: Parameters) -> LiteralString:
        name = parameters.take(self.threshold)
        return " MATCH (" + parameters.profile + ")-[held:IN_SEGMENT]->(:Segment {name: " + name + "})"

    def _since(self, parameters: Parameters) -> LiteralString:
        return parameters.take(parameters.at - timedelta(hours=self.cool_down_hours))

    def value(self, parameters: Parameters) -> LiteralString:
        """The value beside the limits."""
        enter, leave = parameters.take(self.enter_at), parameters.take(self.leave_at)
        return "{number: " + self.seen(parameters) + ", enter_at: " + enter + ", leave_at: " + leave + "}"

    def seen(self, parameters: Parameters) -> LiteralString:
        """The value."""
        return _number(self.indicator, parameters)

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Where the value lets a profile enter and leave."""
        return self.enter_at, self.leave_at

    def turns(self, parameters: Parameters) -> LiteralString | None:
        """When it has cooled down, and when the days since a stored instant pass a limit."""
        days = _passing(self.indicator, [self.enter_at, self.leave_at], parameters)
        cooled = "COLLECT {" + self._held(parameters) + " WHERE held.since > " + self._since(parameters)
        hours = parameters.take(self.cool_down_hours)
        again = cooled + " RETURN max(held.since) + duration({hours: " + hours + "})}[0]"
        return earliest((days, again))

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Another value, or time that passes."""
        del rules
        yield Reach((), frozenset({f"indicator:{self.indicator}", TIME}))
