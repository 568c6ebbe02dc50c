"""Indicators in GraphQL: what is defined, how its values are spread, and the values of a profile."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import orjson
import strawberry
from strawberry.scalars import JSON

from api.context import Info
from api.sensitivity import OpenText, PersonalText
from api.vocabulary import IndicatorFunction
from graph.indicators import Distribution, StoredValue, list_indicators
from graph.indicators import Indicator as StoredIndicator
from insight.indicators import PROPERTY

Names = Annotated[list[str] | None, strawberry.argument(description="Only indicators of these names.")]

_DAY_SECONDS = 86_400


@strawberry.type(description="A text among the values of an indicator.")
class FrequentText:
    text: PersonalText = strawberry.field(description="The text.")
    count: int = strawberry.field(description="How many profiles have it.")


@strawberry.type(description="How the values of an indicator are spread over the profiles that have one.")
class IndicatorDistribution:
    count: int = strawberry.field(description="How many profiles have a value other than 0 or nothing.")
    smallest: float | None = strawberry.field(description="The smallest number; of instants, days ago.")
    lower_quartile: float | None = strawberry.field(description="A quarter of the numbers are at most this.")
    median: float | None = strawberry.field(description="Half of the numbers are at most this.")
    upper_quartile: float | None = strawberry.field(
        description="Three quarters of the numbers are at most this."
    )
    percentile95: float | None = strawberry.field(description="95 % of the numbers are at most this.")
    largest: float | None = strawberry.field(description="The largest number.")
    mean: float | None = strawberry.field(description="The mean of the numbers.")
    frequent: list[FrequentText] = strawberry.field(
        description="The ten texts that most profiles have, the most frequent first."
    )


@strawberry.type(description="A value that is worked out of the touchpoints of each profile.")
class Indicator:
    name: str = strawberry.field(description="Its name, unique.")
    description: str = strawberry.field(description="What it says.")
    function: IndicatorFunction = strawberry.field(description="What it makes of touchpoints.")
    definition: JSON = strawberry.field(description="The definition, as in onefold.toml.")
    stored: strawberry.Private[StoredIndicator]

    @strawberry.field(description="How its values are spread now; takes long where there are millions.")
    async def distribution(self, info: Info) -> IndicatorDistribution | None:
        found = await info.context.distributions.load(self.name)
        return None if found is None else _distribution(found, self.stored)


@strawberry.type(description="The value of an indicator for a profile, in the field that fits it.")
class IndicatorValue:
    name: str = strawberry.field(description="Name of the indicator.")
    function: IndicatorFunction = strawberry.field(description="What it makes of touchpoints.")
    number: float | None = strawberry.field(description="A number; of a recency, days until now.")
    text: PersonalText | None = strawberry.field(description="A text.")
    texts: list[PersonalText] = strawberry.field(description="The distinct values, in alphabetical order.")
    instant: datetime | None = strawberry.field(
        description="A point in time, UTC; of a recency, what it counts from."
    )
    updated_at: datetime | None = strawberry.field(
        description="When it last changed, UTC; null where nothing was ever counted."
    )


def _text(stored: StoredIndicator, text: str) -> str:
    """The text, marked as open unless it is of a property: names of types, channels and campaigns name nobody."""
    of: str = orjson.loads(stored.definition).get("of", "")
    return text if of.startswith(PROPERTY) else OpenText(text)


def _distribution(found: Distribution, stored: StoredIndicator) -> IndicatorDistribution:
    smallest, lower, median, upper, percentile95, largest = found.quantiles or (None,) * 6
    return IndicatorDistribution(
        count=found.count,
        smallest=smallest,
        lower_quartile=lower,
        median=median,
        upper_quartile=upper,
        percentile95=percentile95,
        largest=largest,
        mean=found.mean,
        frequent=[FrequentText(text=_text(stored, text), count=count) for text, count in found.frequent],
    )


def _indicator(stored: StoredIndicator) -> Indicator:
    return Indicator(
        name=stored.name,
        description=stored.description,
        function=stored.function,
        definition=JSON(orjson.loads(stored.definition)),
        stored=stored,
    )


def _value(stored: StoredValue, now: datetime) -> IndicatorValue:
    value: Any = stored.value
    instant = value if isinstance(value, datetime) else None
    number = float(value) if isinstance(value, int | float) else None
    if instant is not None and stored.indicator.function == IndicatorFunction.RECENCY:
        number = (now - instant).total_seconds() / _DAY_SECONDS
    texts = cast("list[str]", value) if isinstance(value, list) else []
    return IndicatorValue(
        name=stored.indicator.name,
        function=stored.indicator.function,
        number=number,
        text=_text(stored.indicator, value) if isinstance(value, str) else None,
        texts=[_text(stored.indicator, one) for one in texts],
        instant=instant,
        updated_at=stored.updated_at,
    )


async def values_of(info: Info, profile_id: str, names: Sequence[str] | None) -> list[IndicatorValue]:
    """The values of a profile, by name of the indicator."""
    now = datetime.now(UTC)
    found = await info.context.indicator_values.load(profile_id) or []
    return [_value(one, now) for one in found if names is None or one.indicator.name in names]


async def all_indicators(info: Info, names: Names = None) -> list[Indicator]:
    """Resolve `Query.indicators`."""
    return [_indicator(stored) for stored in await list_indicators(info.context.graph, names)]
