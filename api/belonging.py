"""Why a record is in its profile, in GraphQL."""

from datetime import datetime

import strawberry

from api.context import Info
from api.explanations import RecordKey
from api.sensitivity import PersonalText
from api.ties import Tie, tie, tie_list
from resolution.belonging import why_record_in_profile


@strawberry.type(description="A part of the history of a shared device, and the profile that it is of.")
class Turn:
    profile_id: strawberry.ID = strawberry.field(
        description="The profile; the device's own where nobody has it."
    )
    valid_from: datetime | None = strawberry.field(description="Its first instant, UTC; none: ever since.")
    valid_until: datetime | None = strawberry.field(
        description="The first instant after it, UTC; none: ever after."
    )


@strawberry.type(
    description="What holds a record in its profile, and what would have to be wrong for it to leave."
)
class Belonging:
    profile_id: strawberry.ID = strawberry.field(description="The profile it is in.")
    founder: strawberry.ID = strawberry.field(description="Key of the record that the profile's id is of.")
    sentence: PersonalText = strawberry.field(description="The whole in plain words.")
    path: list[Tie] = strawberry.field(
        description="From the record to the founder (from the founder to the next oldest) by ties of which the weakest"
        " is as strong as can be."
    )
    weakest: Tie | None = strawberry.field(description="The weakest tie of the path.")
    bridges: list[Tie] = strawberry.field(description="The ties of the path that nothing could replace.")
    cut: list[Tie] = strawberry.field(
        description="The lightest set of ties without which the record comes loose, the firmest first."
    )
    leaving: list[strawberry.ID] = strawberry.field(description="The records that would then leave, by key.")
    turns: list[Turn] = strawberry.field(
        description="Whose its history is by turns where people share its device; none when it is of one profile."
    )
    pending_count: int = strawberry.field(
        description="Records that hang together with it and wait to be resolved."
    )
    up_to_date: bool = strawberry.field(description="Whether all this is of the profile as it is stored.")


async def explain_membership(info: Info, record: RecordKey) -> Belonging:
    """Resolve `Query.whyRecordInProfile`."""
    found = await why_record_in_profile(info.context.graph, record, info.context.resolution)
    return Belonging(
        profile_id=strawberry.ID(found.replay.profile_id),
        founder=strawberry.ID(found.replay.founder.key),
        sentence=found.sentence,
        path=tie_list(found.path),
        weakest=None if found.weakest is None else tie(found.weakest),
        bridges=tie_list(found.bridges),
        cut=tie_list(found.cut),
        leaving=[strawberry.ID(key) for key in found.leaving],
        turns=[
            Turn(
                profile_id=strawberry.ID(one.profile_id),
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in found.slices
        ],
        pending_count=found.replay.pending_count,
        up_to_date=found.replay.up_to_date,
    )
