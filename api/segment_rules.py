"""Rules of segments as GraphQL input, translated to the form that onefold.toml has."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Optional

import strawberry

from api.vocabulary import RecordKind
from graph.errors import ConfigurationError, InputError
from insight.segments import SegmentDefinition, define_segments


@strawberry.input(description="A golden value fits; exactly one test is given.")
class AttributeTest:
    name: str = strawberry.field(description="The attribute, as in `Attributes` but in snake_case.")
    equals: str | None = strawberry.field(default=None, description="The cleaned value.")
    one_of: list[str] | None = strawberry.field(default=None, description="One of these cleaned values.")
    starts_with: str | None = strawberry.field(default=None, description="How the cleaned value begins.")
    at_least: str | None = strawberry.field(default=None, description="Not before this text, such as a date.")
    at_most: str | None = strawberry.field(default=None, description="Not after this text, such as a date.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is a value at all.")


@strawberry.input(description="Chooses touchpoints and bounds them; at least one bound is given.")
class TouchpointTest:
    types: list[str] | None = strawberry.field(default=None, description="Only touchpoints of these types.")
    channels: list[str] | None = strawberry.field(default=None, description="Only on these channels.")
    campaigns: list[str] | None = strawberry.field(default=None, description="Only of these campaigns.")
    sources: list[str] | None = strawberry.field(default=None, description="Only from these sources.")
    within_days: int | None = strawberry.field(
        default=None, description="Only of so many days back from now."
    )
    before_days: int = strawberry.field(default=0, description="Only what is at least so many days ago.")
    count_at_least: int | None = strawberry.field(default=None, description="So many or more.")
    count_at_most: int | None = strawberry.field(default=None, description="So many or fewer.")
    revenue_at_least: float | None = strawberry.field(default=None, description="Revenue in all, or more.")
    revenue_at_most: float | None = strawberry.field(default=None, description="Revenue in all, or less.")
    last_at_most_days: int | None = strawberry.field(
        default=None, description="The last at most so long ago."
    )
    last_at_least_days: int | None = strawberry.field(
        default=None, description="The last at least so long ago."
    )


@strawberry.input(description="A touchpoint that comes, or does not come, after the step before.")
class StepTest:
    types: list[str] | None = strawberry.field(default=None, description="Of one of these types.")
    channels: list[str] | None = strawberry.field(default=None, description="On one of these channels.")
    within_days: int | None = strawberry.field(
        default=None, description="At most so long after the step before."
    )
    absent: bool = strawberry.field(default=False, description="That it does not come.")


@strawberry.input(description="Touchpoints that came one after the other.")
class SequenceTest:
    steps: list[StepTest] = strawberry.field(description="Two to six steps, the first one not absent.")
    within_days: int | None = strawberry.field(
        default=None, description="Only touchpoints of so many days back."
    )


@strawberry.enum(description="What makes profiles near each other.")
class Way(Enum):
    DEVICE = strawberry.enum_value("device", description="A device, browser or app that both used.")
    CONTACT = strawberry.enum_value("contact", description="An e-mail address or phone number of both.")
    HOUSEHOLD = strawberry.enum_value("household", description="Surname and address.")


@strawberry.input(description="Others nearby for whom a rule holds.")
class NearbyTest:
    way: Way = strawberry.field(description="What makes them near.")
    who: "SegmentRule" = strawberry.field(description="What holds for them.")
    hops: int = strawberry.field(default=1, description="Within one step or two.")
    at_least: int = strawberry.field(default=1, description="So many of them.")


@strawberry.enum(description="What somebody says of a purpose.")
class ConsentAnswer(Enum):
    GRANTED = strawberry.enum_value("granted", description="Every identifier that decided grants it now.")
    REFUSED = strawberry.enum_value(
        "refused", description="One at least denied or revoked it, or let it expire."
    )
    UNKNOWN = strawberry.enum_value("unknown", description="Nothing was decided.")


@strawberry.input(description="What the profile says of a purpose.")
class ConsentTest:
    purpose: str = strawberry.field(description="The purpose.")
    answer: ConsentAnswer = strawberry.field(default=ConsentAnswer.GRANTED, description="What is said.")


@strawberry.input(description="The value of an indicator keeps within every bound; at least one is given.")
class IndicatorTest:
    name: str = strawberry.field(description="The indicator.")
    at_least: float | None = strawberry.field(
        default=None, description="So much or more; of instants, days ago."
    )
    at_most: float | None = strawberry.field(
        default=None, description="So much or less; of instants, days ago."
    )
    equals: str | None = strawberry.field(default=None, description="The text, or one of the texts.")
    one_of: list[str] | None = strawberry.field(default=None, description="One of these texts.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is a value at all.")


@strawberry.input(one_of=True, description="A condition: exactly one of its fields is given.")
class SegmentRule:
    all: list["SegmentRule"] | None = strawberry.field(
        default=strawberry.UNSET, description="Every one holds."
    )
    any: list["SegmentRule"] | None = strawberry.field(
        default=strawberry.UNSET, description="One at least holds."
    )
    not_: Optional["SegmentRule"] = strawberry.field(
        default=strawberry.UNSET, name="not", description="It does not hold."
    )
    attribute: AttributeTest | None = strawberry.field(
        default=strawberry.UNSET, description="A golden value fits."
    )
    touchpoints: TouchpointTest | None = strawberry.field(
        default=strawberry.UNSET, description="So many touchpoints, so much revenue, or so long ago."
    )
    sequence: SequenceTest | None = strawberry.field(
        default=strawberry.UNSET, description="Touchpoints that came one after the other."
    )
    nearby: NearbyTest | None = strawberry.field(
        default=strawberry.UNSET, description="Others who share a device, a contact or a household."
    )
    consent: ConsentTest | None = strawberry.field(
        default=strawberry.UNSET, description="Consent to a purpose."
    )
    segment: str | None = strawberry.field(
        default=strawberry.UNSET, description="Being in the segment, or at the threshold, of this name."
    )
    indicator: IndicatorTest | None = strawberry.field(
        default=strawberry.UNSET, description="The value of an indicator."
    )


@strawberry.input(description="What a segment is for, whom it may hold, and its rule.")
class SegmentInput:
    description: str = strawberry.field(description="What it is for.")
    rule: SegmentRule = strawberry.field(description="The rule.")
    kinds: list[RecordKind] | None = strawberry.field(
        default=None,
        description="Kinds of profiles it may hold; people and organisations unless it says otherwise.",
    )


def definition(name: str, said: SegmentInput) -> SegmentDefinition:
    """The definition that an input stands for; raises InputError naming what does not fit."""
    table: dict[str, Any] = {"description": said.description, "rule": _table(said.rule)}
    if said.kinds is not None:
        table["kinds"] = [kind.value for kind in said.kinds]
    try:
        return define_segments({name: table}, check=False)[name]
    except ConfigurationError as error:
        raise InputError(str(error)) from error


def _table(rule: SegmentRule) -> dict[str, Any]:
    """The rule as a table of onefold.toml."""
    form, said = next((form, said) for form, said in vars(rule).items() if said is not strawberry.UNSET)
    return _FORMS[form](said)


def _touchpoints(said: TouchpointTest) -> dict[str, Any]:
    given = _given(said)
    return {"touchpoints": {key: given.pop(key) for key in _CHOOSING if key in given}, **given}


def _attribute(said: AttributeTest) -> dict[str, Any]:
    return {{"name": "attribute", "one_of": "in"}.get(key, key): value for key, value in _given(said).items()}


def _indicator(said: IndicatorTest) -> dict[str, Any]:
    return {{"name": "indicator", "one_of": "in"}.get(key, key): value for key, value in _given(said).items()}


def _sequence(said: SequenceTest) -> dict[str, Any]:
    table: dict[str, Any] = {"sequence": [_given(step) for step in said.steps]}
    return table if said.within_days is None else {**table, "within_days": said.within_days}


def _nearby(said: NearbyTest) -> dict[str, Any]:
    return {"nearby": said.way.value, "who": _table(said.who), "hops": said.hops, "at_least": said.at_least}


def _given(said: Any) -> dict[str, Any]:
    """The fields of an input that are given."""
    return {key: value for key, value in vars(said).items() if value is not None}


_CHOOSING = ("types", "channels", "campaigns", "sources", "within_days", "before_days")
_FORMS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "all": lambda said: {"all": [_table(one) for one in said]},
    "any": lambda said: {"any": [_table(one) for one in said]},
    "not_": lambda said: {"not": _table(said)},
    "attribute": _attribute,
    "indicator": _indicator,
    "touchpoints": _touchpoints,
    "sequence": _sequence,
    "nearby": _nearby,
    "consent": lambda said: {"consent": said.purpose, "is": said.answer.value},
    "segment": lambda said: {"segment": said},
}
