"""How a profile came together, in GraphQL."""

from typing import Annotated

import strawberry

from api.attributes import Attributes, attributes
from api.context import Info
from api.profiles import survivor
from api.sensitivity import PersonalText
from api.ties import Tie, tie
from graph.errors import NotFoundError
from graph.vocabulary import ATTRIBUTES
from resolution.assembly import Side as FoundSide
from resolution.assembly import Step as FoundStep
from resolution.assembly import StepKind, how_profile

strawberry.enum(StepKind, description="Why two sides became one: a judgement, their weight, or a device.")


@strawberry.type(description="One of the two sides that a step joins.")
class StepSide:
    record_keys: list[strawberry.ID] = strawberry.field(description="Its records, by key.")
    name: PersonalText | None = strawberry.field(description="What its golden record goes by.")


@strawberry.type(description="Two sides become one.")
class AssemblyStep:
    kind: StepKind = strawberry.field(description="Why they became one.")
    left: StepSide = strawberry.field(description="One side.")
    right: StepSide = strawberry.field(description="The other side.")
    weight: float | None = strawberry.field(
        description="Mean weight over their pairs, log2 odds; only where the weight decided."
    )
    strongest: Tie | None = strawberry.field(description="The firmest tie between the two sides.")
    attributes: Attributes = strawberry.field(description="The golden values after this step.")
    sentence: PersonalText = strawberry.field(description="The step in plain words.")


@strawberry.type(description="How a profile came together, replayed under the published model.")
class Assembly:
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile.")
    sentence: PersonalText = strawberry.field(description="The whole in plain words.")
    steps: list[AssemblyStep] = strawberry.field(
        description="The steps, in their order; none for a profile of one record."
    )
    pending_count: int = strawberry.field(
        description="Records that hang together with it and wait to be resolved."
    )
    up_to_date: bool = strawberry.field(description="Whether the steps end with the profile as it is stored.")


async def explain_profile(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a profile, also one merged away.")],  # noqa: A002
) -> Assembly:
    """Resolve `Query.howProfile`."""
    known = await info.context.profiles.load(id)
    if known is None:
        raise NotFoundError("There is no profile under this id.")
    stored, _ = survivor(known)
    found = await how_profile(info.context.graph, stored.id, info.context.resolution)
    return Assembly(
        profile_id=strawberry.ID(stored.id),
        sentence=found.sentence,
        steps=[_step(one) for one in found.steps],
        pending_count=found.replay.pending_count,
        up_to_date=found.replay.up_to_date,
    )


def _step(found: FoundStep) -> AssemblyStep:
    golden = {name: found.golden[name].chosen.value for name in ATTRIBUTES if name in found.golden}
    return AssemblyStep(
        kind=found.kind,
        left=_side(found.left),
        right=_side(found.right),
        weight=found.weight,
        strongest=None if found.strongest is None else tie(found.strongest),
        attributes=attributes(golden),
        sentence=found.sentence,
    )


def _side(found: FoundSide) -> StepSide:
    return StepSide(record_keys=[strawberry.ID(key) for key in found.record_keys], name=found.name)
