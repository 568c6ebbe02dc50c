"""Alarms of the quality board in GraphQL: each check with its threshold and the profiles behind it."""

from enum import StrEnum

import strawberry

from api.context import Info
from api.profiles import Profile, profiles_of
from resolution.alarms import Alarm as FoundAlarm
from resolution.alarms import Offender as FoundOffender
from resolution.quality_settings import Check

strawberry.enum(
    Check,
    name="QualityCheck",
    description="What is looked for: signs of several people in one profile, or of one person in several.",
)


@strawberry.enum(description="Whether a check is within its threshold.")
class AlarmState(StrEnum):
    """Whether a check is within its threshold."""

    OK = "ok"
    ALARM = "alarm"


@strawberry.type(description="What a check is about: a profile, or several that look like one person.")
class Offender:
    figure: int = strawberry.field(
        description="How much the profile has of what the check is about, or how many profiles look alike."
    )
    profile_ids: list[strawberry.ID] = strawberry.field(
        description="Ids of the profiles when it was measured, at most 20."
    )

    @strawberry.field(description="The profiles as they are now; one that was merged away is its survivor.")
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.profile_ids)


@strawberry.type(description="The outcome of a check over all profiles of people and organisations.")
class Alarm:
    check: Check = strawberry.field(description="What was looked for.")
    state: AlarmState = strawberry.field(description="Whether it is within its threshold.")
    is_over_merge: bool = strawberry.field(
        description="Whether it speaks for several people in one profile; else for one person in several."
    )
    sentence: str = strawberry.field(description="The outcome in plain words.")
    share: float = strawberry.field(
        description="The share of profiles concerned, 0 to 1; of LARGEST the share of records in the profile."
    )
    threshold: float = strawberry.field(description="The largest share that is no alarm.")
    concerned: int = strawberry.field(description="How many profiles are concerned.")
    limit: int | None = strawberry.field(description="What one profile may have; more of it concerns it.")
    offenders: list[Offender] = strawberry.field(description="The worst of them, at most 20.")


def alarm(found: FoundAlarm) -> Alarm:
    """The GraphQL shape of a check's outcome."""
    return Alarm(
        check=found.check,
        state=AlarmState.ALARM if found.is_alarm else AlarmState.OK,
        is_over_merge=found.check.is_over_merge,
        sentence=found.sentence,
        share=found.share,
        threshold=found.threshold,
        concerned=found.concerned,
        limit=found.limit,
        offenders=[_offender(one) for one in found.offenders],
    )


def _offender(found: FoundOffender) -> Offender:
    return Offender(figure=found.figure, profile_ids=[strawberry.ID(one) for one in found.profile_ids])
