"""The card of the model in GraphQL: m and u of every level, how weights spread, and what stewards' labels say of it."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Info
from api.profiles import Profile, profiles_of
from resolution.labels import LabelAgreement as FoundAgreement
from resolution.labels import Rate as FoundRate
from resolution.model_card import STEP
from resolution.model_card import ModelCard as FoundCard
from resolution.model_card import WeightBar as FoundBar


@strawberry.type(description="One level of agreement.")
class CardLevel:
    comparison: str = strawberry.field(description="What is compared.")
    level: str = strawberry.field(description="How the values agree.")
    m: float = strawberry.field(description="How often the records of one person agree like this, 0 to 1.")
    u: float = strawberry.field(description="How often records of two people do, 0 to 1.")
    weight: float = strawberry.field(description="Evidence, log2 m/u.")
    is_by_value: bool = strawberry.field(description="Whether the rarity of the value counts too.")


@strawberry.type(description="Match edges of about one weight.")
class WeightBar:
    weight: int = strawberry.field(description="From this weight on, log2 odds.")
    until: int = strawberry.field(description="Below this weight.")
    together: int = strawberry.field(description="Edges inside one profile.")
    apart: int = strawberry.field(description="Edges between two profiles.")
    profile_ids: list[strawberry.ID] = strawberry.field(
        description="Ids of some of the profiles, at most 10."
    )

    @strawberry.field(description="Some of the profiles as they are now, at most 10.")
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.profile_ids)


Weight = Annotated[int | None, strawberry.argument(description="Only the bar that begins here.")]


@strawberry.type(description="A share with its 95 % interval (Wilson).")
class Rate:
    share: float | None = strawberry.field(description="The share, 0 to 1; null of nothing.")
    part: int = strawberry.field(description="How many it is.")
    whole: int = strawberry.field(description="Of how many.")
    low: float = strawberry.field(description="Lower end of the interval.")
    high: float = strawberry.field(description="Upper end of the interval.")


@strawberry.type(
    description="The model by itself against stewards' labels. Stewards look at what is doubtful: over all pairs both "
    "figures are higher."
)
class LabelAgreement:
    labels: int = strawberry.field(description="Pairs that stewards judged the same or different.")
    precision: Rate = strawberry.field(description="Of the pairs it takes for one person, those that are.")
    recall: Rate = strawberry.field(description="Of the pairs that are one person, those it takes for one.")


@strawberry.type(description="The model in force when quality was measured.")
class ModelCard:
    version: str = strawberry.field(description="Its version.")
    published_at: datetime = strawberry.field(description="When it was published, UTC.")
    cause: str = strawberry.field(description="Why it was published.")
    records: int = strawberry.field(description="How many records it was fitted to; 0: the one that ships.")
    prior: float = strawberry.field(description="Probability that two records at random are one person.")
    match: float = strawberry.field(description="Weight from which records may join, log2 odds.")
    possible: float = strawberry.field(description="Weight from which a pair may be one person.")
    floor: float = strawberry.field(description="Weight below which an edge is forgotten.")
    block_limit: int = strawberry.field(description="A block on more records is not compared.")
    levels: list[CardLevel] = strawberry.field(description="Every level of every comparison, the best first.")
    labels: LabelAgreement = strawberry.field(
        description="Against all labels, some of which may have taught it."
    )
    recent: LabelAgreement = strawberry.field(
        description="Against the labels given since it was published, which it cannot have learnt from."
    )
    bars: strawberry.Private[tuple[FoundBar, ...]]

    @strawberry.field(description="How the weights of the stored match edges spread, lightest first.")
    def histogram(self, weight: Weight = None) -> list[WeightBar]:
        return [_bar(one) for one in self.bars if weight in (None, one.weight)]


def model_card(found: FoundCard) -> ModelCard:
    """The GraphQL shape of a model's card."""
    return ModelCard(
        version=found.version,
        published_at=found.published_at,
        cause=found.cause,
        records=found.records,
        prior=found.prior,
        match=found.match,
        possible=found.possible,
        floor=found.floor,
        block_limit=found.block_limit,
        levels=[
            CardLevel(
                comparison=one.comparison,
                level=one.level,
                m=one.m,
                u=one.u,
                weight=one.weight,
                is_by_value=one.is_by_value,
            )
            for one in found.levels
        ],
        labels=_agreement(found.labels),
        recent=_agreement(found.recent),
        bars=found.histogram,
    )


def _agreement(found: FoundAgreement) -> LabelAgreement:
    return LabelAgreement(labels=found.labels, precision=_rate(found.precision), recall=_rate(found.recall))


def _rate(found: FoundRate) -> Rate:
    return Rate(share=found.share, part=found.part, whole=found.whole, low=found.low, high=found.high)


def _bar(found: FoundBar) -> WeightBar:
    return WeightBar(
        weight=found.weight,
        until=found.weight + STEP,
        together=found.together,
        apart=found.apart,
        profile_ids=[strawberry.ID(one) for one in found.profile_ids],
    )
