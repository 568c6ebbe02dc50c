"""The conditions a segment's rule is made of: all, any, not, those about another segment
or about others nearby, and the clauses about a profile."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, LiteralString

from pydantic import Discriminator, Field, Tag

from graph.due import TIME
from graph.nearness import NEAR
from insight.attribute_clauses import AttributeIs
from insight.clauses import Clause, Parameters, Reach
from insight.consent_clauses import Consented
from insight.indicator_clauses import Crossing, IndicatorIs
from insight.sequence_clauses import Sequence as TouchpointSequence
from insight.touchpoint_clauses import Touchpoints

Way = Literal["device", "contact", "household"]
_SHOWN: LiteralString = "5"
_NEWS: Mapping[Way, frozenset[str]] = {
    "device": frozenset({"record"}),
    "contact": frozenset({"record"}),
    "household": frozenset(
        f"attribute:{name}" for name in ("surname", "house_number", "street", "unit", "city", "postcode")
    ),
}
"""What can bring profiles near each other, beside records that move, of which the news is anything."""


class AllOf(Clause):
    """Every one of the conditions holds; none at all holds for everybody."""

    all: list["Condition"]

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + " AND ".join(["true", *(one.compile(parameters) for one in self.all)]) + ")"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """What reaches one of them."""
        for one in self.all:
            yield from one.reaches(rules)

    def parts(self) -> Sequence[Clause]:
        """The conditions."""
        return self.all


class AnyOf(Clause):
    """At least one of the conditions holds."""

    any: list["Condition"]

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + " OR ".join(["false", *(one.compile(parameters) for one in self.any)]) + ")"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """What reaches one of them."""
        for one in self.any:
            yield from one.reaches(rules)

    def parts(self) -> Sequence[Clause]:
        """The conditions."""
        return self.any


class Not(Clause):
    """The condition does not hold."""

    negated: "Condition" = Field(alias="not")

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(NOT " + self.negated.compile(parameters) + ")"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """What reaches the condition."""
        return self.negated.reaches(rules)

    def parts(self) -> Sequence[Clause]:
        """The condition."""
        return (self.negated,)


class InSegment(Clause):
    """The profile is in another segment, which is brought up to date before this one."""

    segment: str

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "EXISTS {" + self._membership(parameters) + "}"

    def value(self, parameters: Parameters) -> LiteralString:
        """Since when it is in there."""
        return "{since: COLLECT {" + self._membership(parameters) + " RETURN m.since}[0]}"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """What reaches that segment."""
        return rules[self.segment].reaches(rules) if self.segment in rules else super().reaches(rules)

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to: that one."""
        yield self.segment

    def _membership(self, parameters: Parameters) -> LiteralString:
        name = parameters.take(self.segment)
        segment = "(:Segment {name: " + name + "})"
        return "MATCH (" + parameters.profile + ")-[m:IN_SEGMENT]->" + segment + " WHERE m.until IS NULL"


class Nearby(Clause):
    """At least `at_least` others within `hops` steps are such that `who` holds for them."""

    nearby: Way
    who: "Condition"
    hops: int = Field(default=1, ge=1, le=2)
    at_least: int = Field(default=1, ge=1, le=1_000)

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        found, other = self._found(parameters)
        return "(COUNT {" + found + " RETURN " + other + "} >= " + parameters.take(self.at_least) + ")"

    def value(self, parameters: Parameters) -> LiteralString:
        """How many there are, and some of their ids."""
        found, other = self._found(parameters)
        told = "{count: count(" + other + "), profiles: collect(" + other + ".id)[.." + _SHOWN + "]}"
        return "COLLECT {" + found + " WITH " + other + " ORDER BY " + other + ".id RETURN " + told + "}[0]"

    def turns(self, parameters: Parameters) -> LiteralString | None:
        """When the answer for one of the others may change by itself."""
        there = parameters.nearer()
        turn = self.who.turns(there)
        if turn is None:
            return None
        return "COLLECT {" + self._others(parameters) + " RETURN min(" + turn + ")}[0]"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """What brings others near or takes them away, and what changes the answer for one of them."""
        for steps in range(self.hops + 1):
            yield Reach((self.nearby,) * steps, _NEWS[self.nearby])
        for reach in self.who.reaches(rules):
            if TIME in reach.news:
                yield Reach((), frozenset({TIME}))
            for steps in range(1, self.hops + 1):
                # From what changed one comes first to whoever is asked about there, then to the profile in question.
                yield Reach((*reach.path, *(self.nearby,) * steps), reach.news - {TIME})

    def parts(self) -> Sequence[Clause]:
        """The condition on the others."""
        return (self.who,)

    def _found(self, parameters: Parameters) -> tuple[LiteralString, LiteralString]:
        there = parameters.nearer()
        return self._others(parameters) + " WHERE " + self.who.compile(there), there.profile

    def _others(self, parameters: Parameters) -> LiteralString:
        """The Cypher clauses that find each of the others, current ones only."""
        one, other = parameters.profile, parameters.nearer().profile
        step = NEAR[self.nearby]
        found: LiteralString = (
            "CALL (" + one + ") { WITH " + one + " AS one CALL (one) {" + step + "} RETURN other"
        )
        if self.hops == 2:
            beyond: LiteralString = " UNION WITH " + one + " AS one CALL (one) {" + step + "}"
            found = found + beyond + " WITH other AS one CALL (one) {" + step + "} RETURN other"
        current = " <> " + one + " AND " + other + ".retired_at IS NULL"
        return (
            found
            + "} WITH DISTINCT "
            + one
            + ", other AS "
            + other
            + " WHERE "
            + other
            + current
            + " WITH "
            + other
        )


_KINDS: Mapping[str, type[Clause]] = {
    "all": AllOf,
    "any": AnyOf,
    "not": Not,
    "attribute": AttributeIs,
    "touchpoints": Touchpoints,
    "sequence": TouchpointSequence,
    "nearby": Nearby,
    "consent": Consented,
    "segment": InSegment,
    "threshold": Crossing,
    "indicator": IndicatorIs,
}


def _kind_of(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((kind for kind in _KINDS if kind in value), None)
    return next((kind for kind, model in _KINDS.items() if type(value) is model), None)


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AttributeIs, Tag("attribute")]
    | Annotated[Touchpoints, Tag("touchpoints")]
    | Annotated[TouchpointSequence, Tag("sequence")]
    | Annotated[Nearby, Tag("nearby")]
    | Annotated[Consented, Tag("consent")]
    | Annotated[InSegment, Tag("segment")]
    | Annotated[Crossing, Tag("threshold")]
    | Annotated[IndicatorIs, Tag("indicator")],
    Discriminator(
        _kind_of,
        custom_error_type="condition",
        custom_error_message="a condition has one of the keys " + ", ".join(_KINDS),
    ),
]
"""One condition of a rule, told apart by the key it carries."""

for _model in (AllOf, AnyOf, Not, Nearby):
    _model.model_rebuild(_types_namespace={"Condition": Condition})
