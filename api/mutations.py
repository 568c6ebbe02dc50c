"""Everything that can be changed through GraphQL, in one place; the table of api/access.py guards it."""

import strawberry

from api.actions import replay as deliveries_replayed
from api.approvals import Approval
from api.deciding import (
    approve_decision,
    decline_decision,
    detach_record,
    lock_profile,
    merge_profiles,
    split_profile,
    undo_decision,
    unlock_profile,
)
from api.deciding import judge as judgements_given
from api.decisions import DecisionResult
from api.identify import Identification, identify
from api.pinning import pin_value, unpin_value
from api.quality import QualityMeasurement
from api.quality import measure as quality_measured
from api.quarantine import QuarantineReplay, replay_quarantine
from api.reviews import Review, assign_reviews, snooze_reviews
from api.saved_segments import forget, save_segment
from api.segments import Segment


@strawberry.type(description="Everything that can be changed.")
class Mutation:
    identify: Identification = strawberry.field(
        resolver=identify, description="Write a record, resolve it, and say who it is of."
    )
    replay_quarantine: QuarantineReplay = strawberry.field(
        resolver=replay_quarantine,
        description="Read rows of the quarantine again, mended or under a mended mapping; take in what can be used.",
    )
    replay_deliveries: int = strawberry.field(
        resolver=deliveries_replayed,
        description="Send again what is DEAD; answers how many, at most 1,000 a call.",
    )
    judge: DecisionResult = strawberry.field(
        resolver=judgements_given, description="Say of pairs of records whether they are the same person."
    )
    assign_reviews: list[Review] = strawberry.field(
        resolver=assign_reviews,
        description="Say who takes care of reviews; answers those that are still asked.",
    )
    snooze_reviews: list[Review] = strawberry.field(
        resolver=snooze_reviews,
        description="Let reviews rest for a time; answers those that are still asked.",
    )
    merge_profiles: DecisionResult = strawberry.field(
        resolver=merge_profiles, description="Put profiles together; the oldest id stays."
    )
    split_profile: DecisionResult = strawberry.field(
        resolver=split_profile, description="Take a profile apart; its founder's side keeps the id."
    )
    detach_record: DecisionResult = strawberry.field(
        resolver=detach_record, description="Take one record out of a profile."
    )
    lock_profile: DecisionResult = strawberry.field(
        resolver=lock_profile, description="Let only stewards change which records a profile has."
    )
    unlock_profile: DecisionResult = strawberry.field(
        resolver=unlock_profile, description="Let evidence change a profile again."
    )
    undo_decision: DecisionResult = strawberry.field(
        resolver=undo_decision, description="Take a decision back, as if it had not been."
    )
    approve_decision: DecisionResult = strawberry.field(
        resolver=approve_decision,
        description="Carry out what somebody else decided and was shown; its author may not.",
    )
    decline_decision: Approval = strawberry.field(
        resolver=decline_decision,
        description="Refuse what somebody decided; its author takes it back in this way.",
    )
    save_segment: Segment = strawberry.field(
        resolver=save_segment, description="Define a segment, or define it anew; its members follow at once."
    )
    forget_segment: bool = strawberry.field(
        resolver=forget, description="Forget a segment that was saved here; its history stays."
    )
    measure_quality: QualityMeasurement = strawberry.field(
        resolver=quality_measured,
        description="Measure how well identities are resolved, without waiting for tomorrow.",
    )
    pin_value: DecisionResult = strawberry.field(
        resolver=pin_value, description="Let a profile show a value, whatever its records say."
    )
    unpin_value: DecisionResult = strawberry.field(
        resolver=unpin_value, description="Let a profile show what its records say again."
    )
