"""The conditions a segment's rule is made of, and the Cypher expression each stands for.

Every condition compiles to a literal fragment that is true or false, never null, for the profile `p`;
the values it compares with travel as parameters.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, LiteralString

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from graph.errors import ConfigurationError
from graph.vocabulary import ATTRIBUTES

_NAMES: tuple[LiteralString, ...] = (
    *("$v00", "$v01", "$v02", "$v03", "$v04", "$v05", "$v06", "$v07", "$v08", "$v09"),
    *("$v10", "$v11", "$v12", "$v13", "$v14", "$v15", "$v16", "$v17", "$v18", "$v19"),
    *("$v20", "$v21", "$v22", "$v23", "$v24", "$v25", "$v26", "$v27", "$v28", "$v29"),
    *("$v30", "$v31", "$v32", "$v33", "$v34", "$v35", "$v36", "$v37", "$v38", "$v39"),
    *("$v40", "$v41", "$v42", "$v43", "$v44", "$v45", "$v46", "$v47", "$v48", "$v49"),
)
"""Parameter names are written out, because a query is joined from literals only."""


class Parameters:
    """Collects the values of one compiled rule; `at` is the instant its time windows end at."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.values: dict[str, Any] = {}

    def take(self, value: Any) -> LiteralString:
        """The placeholder under which `value` reaches the query."""
        if len(self.values) == len(_NAMES):
            raise ConfigurationError(
                f"A segment rule may compare with at most {len(_NAMES)} values: split it."
            )
        name = _NAMES[len(self.values)]
        self.values[name[1:]] = value
        return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AllOf(_Strict):
    """Every one of the conditions holds; none at all holds for everybody."""

    all: list["Condition"]

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + " AND ".join(["true", *(one.compile(parameters) for one in self.all)]) + ")"

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to."""
        for one in self.all:
            yield from one.segments()


class AnyOf(_Strict):
    """At least one of the conditions holds."""

    any: list["Condition"]

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + " OR ".join(["false", *(one.compile(parameters) for one in self.any)]) + ")"

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to."""
        for one in self.any:
            yield from one.segments()


class Not(_Strict):
    """The condition does not hold."""

    negated: "Condition" = Field(alias="not")

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(NOT " + self.negated.compile(parameters) + ")"

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to."""
        yield from self.negated.segments()


class AttributeIs(_Strict):
    """A golden value equals, is one of, starts with, or merely exists; exactly one of the four is given."""

    attribute: str
    equals: str | None = None
    one_of: list[str] | None = Field(default=None, alias="in")
    starts_with: str | None = None
    exists: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "AttributeIs":
        if self.attribute not in ATTRIBUTES:
            raise ValueError(
                f"unknown attribute {self.attribute!r}; the attributes are {', '.join(ATTRIBUTES)}"
            )
        tests = (self.equals, self.one_of, self.starts_with, self.exists)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("an attribute needs exactly one of equals, in, starts_with, exists")
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        value = "p[" + parameters.take(self.attribute) + "]"
        if self.exists is not None:
            return "(" + value + (" IS NOT NULL)" if self.exists else " IS NULL)")
        if self.one_of is not None:
            return "coalesce(" + value + " IN " + parameters.take(self.one_of) + ", false)"
        if self.starts_with is not None:
            return "coalesce(" + value + " STARTS WITH " + parameters.take(self.starts_with) + ", false)"
        return "coalesce(" + value + " = " + parameters.take(self.equals) + ", false)"

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to: none."""
        return iter(())


class TouchpointFilter(_Strict):
    """Which touchpoints count: types, channels, and how many days back from the refresh."""

    types: list[str] | None = None
    channels: list[str] | None = None
    within_days: int | None = Field(default=None, ge=1, le=36_500)


class Touchpoints(_Strict):
    """How many touchpoints, how much revenue, or how long ago the last one; at least one bound is given.

    `last_at_most_days` and `last_at_least_days` hold only for somebody who has such a touchpoint.
    """

    touchpoints: TouchpointFilter
    count_at_least: int | None = Field(default=None, ge=0)
    count_at_most: int | None = Field(default=None, ge=0)
    revenue_at_least: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    revenue_at_most: float | None = Field(default=None, strict=False, allow_inf_nan=False)
    last_at_most_days: int | None = Field(default=None, ge=0, le=36_500)
    last_at_least_days: int | None = Field(default=None, ge=0, le=36_500)

    @model_validator(mode="after")
    def _some_bound(self) -> "Touchpoints":
        if all(getattr(self, name) is None for name in type(self).model_fields if name != "touchpoints"):
            raise ValueError("touchpoints need a bound: count_…, revenue_… or last_…")
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        chosen = self._chosen(parameters)
        count = "COUNT {" + chosen + "}"
        revenue = "COLLECT {" + chosen + " RETURN coalesce(sum(t.revenue), 0.0)}[0]"
        last = "COLLECT {" + chosen + " RETURN max(t.occurred_at)}[0]"
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

    def _chosen(self, parameters: Parameters) -> LiteralString:
        wanted = self.touchpoints
        chosen: LiteralString = (
            " MATCH (p)<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL"
            " MATCH (t:Touchpoint) WHERE t.record_key = r.key"
            " AND CASE WHEN m.valid_from IS NULL THEN true ELSE t.occurred_at >= m.valid_from END"
            " AND CASE WHEN m.valid_until IS NULL THEN true ELSE t.occurred_at < m.valid_until END"
            " AND t.occurred_at <= "
        ) + parameters.take(parameters.at)
        if wanted.within_days is not None:
            since = parameters.at - timedelta(days=wanted.within_days)
            chosen = chosen + " AND t.occurred_at > " + parameters.take(since)
        if wanted.types is not None:
            chosen = chosen + " AND t.type IN " + parameters.take(wanted.types)
        if wanted.channels is not None:
            chosen = chosen + " AND t.channel IN " + parameters.take(wanted.channels)
        return chosen

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to: none."""
        return iter(())


class InSegment(_Strict):
    """The profile is in another segment, which is refreshed before this one."""

    segment: str

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        name = parameters.take(self.segment)
        return "EXISTS { (p)-[m:IN_SEGMENT]->(:Segment {name: " + name + "}) WHERE m.until IS NULL }"

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to: that one."""
        yield self.segment


_Kind = Literal["all", "any", "not", "attribute", "touchpoints", "segment"]
_KIND_OF_MODEL: dict[type[Any], _Kind] = {
    AllOf: "all",
    AnyOf: "any",
    Not: "not",
    AttributeIs: "attribute",
    Touchpoints: "touchpoints",
    InSegment: "segment",
}


def _kind_of(value: Any) -> _Kind | None:
    if isinstance(value, dict):
        return next((kind for kind in _KIND_OF_MODEL.values() if kind in value), None)
    return _KIND_OF_MODEL.get(type(value))


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AttributeIs, Tag("attribute")]
    | Annotated[Touchpoints, Tag("touchpoints")]
    | Annotated[InSegment, Tag("segment")],
    Discriminator(
        _kind_of,
        custom_error_type="condition",
        custom_error_message="a condition has one of the keys all, any, not, attribute, touchpoints, segment",
    ),
]
"""One condition of a rule, told apart by the key it carries."""

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()
