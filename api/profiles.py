"""Profiles in GraphQL: golden record, history of the id, and the doors to journey, cluster and segments."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import strawberry

from api.attributes import Attributes, attributes
from api.clusters import Cluster
from api.connections import After, Connection, First
from api.consents import PurposeConsent, profile_consents
from api.context import LARGEST_ANSWER, Info
from api.identifiers import Identifier, identifier
from api.indicators import IndicatorValue, Names, values_of
from api.journeys import JourneyOrder, Touchpoint, Wanted, read_journey
from api.ledger import IdentityEvent, read_events
from api.locks import Lock, lock
from api.moments import AsOf, believed_at
from api.nodes import Node
from api.pins import Pin, standing_pin
from api.sensitivity import PersonalText, shown
from api.sessions import Session, read_session_page
from api.vocabulary import RecordKind
from graph.errors import InputError
from graph.moments import LATEST
from graph.profiles import Found, StoredProfile
from graph.profiles import GoldenValue as StoredGoldenValue
from graph.profiles import Heir as StoredHeir


@strawberry.type(description="A value that another record says, and that did not become golden.")
class Alternative:
    value: PersonalText = strawberry.field(description="The value.")
    record_key: strawberry.ID = strawberry.field(description="The record that says it.")
    source: str = strawberry.field(description="The source of that record.")


@strawberry.type(description="One value of the golden record and where it comes from.")
class GoldenValue:
    attribute: str = strawberry.field(description="The attribute, as in `Attributes`.")
    value: PersonalText = strawberry.field(description="The value that won.")
    record_key: strawberry.ID = strawberry.field(description="The record it comes from.")
    source: str = strawberry.field(description="The source of that record; of a pinned value `steward`.")
    rule: str = strawberry.field(
        description="What decided: a criterion, such as most recent, or who pinned it."
    )
    observed_at: datetime | None = strawberry.field(description="When it was last true by that record, UTC.")
    alternatives: list[Alternative] = strawberry.field(description="The values that lost.")


@strawberry.type(description="A segment the profile is in.")
class SegmentMembership:
    segment: str = strawberry.field(description="Name of the segment.")
    since: datetime = strawberry.field(description="Since when, UTC.")
    cause: str = strawberry.field(description="What put the profile there.")
    value: float | None = strawberry.field(description="Of a threshold, the value that crossed it.")
    limit: float | None = strawberry.field(description="Of a threshold, the limit that was crossed.")


@strawberry.type(description="A time that the profile was in a segment.")
class SegmentStay:
    segment: str = strawberry.field(description="Name of the segment.")
    since: datetime = strawberry.field(description="Since when, UTC.")
    cause: str = strawberry.field(description="What put the profile there.")
    until: datetime | None = strawberry.field(description="Until when, UTC; null while it is in there.")
    left_cause: str | None = strawberry.field(description="What took it out.")
    entered_value: float | None = strawberry.field(description="Of a threshold, the value when it entered.")
    entered_limit: float | None = strawberry.field(description="The limit that this value reached.")
    left_value: float | None = strawberry.field(description="Of a threshold, the value when it left.")
    left_limit: float | None = strawberry.field(description="The limit that this value passed.")


@strawberry.type(description="A profile that now holds records once held by another.")
class Heir:
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile that holds them now.")
    record_count: int = strawberry.field(description="How many of those records it holds.")
    share: float = strawberry.field(description="Its part of the records that were handed on, 0 to 1.")


Types = Annotated[list[str] | None, strawberry.argument(description="Only touchpoints of these types.")]
Channels = Annotated[list[str] | None, strawberry.argument(description="Only touchpoints on these channels.")]
Since = Annotated[datetime | None, strawberry.argument(description="Only at or after this time.")]
Order = Annotated[JourneyOrder, strawberry.argument(description="Which end comes first.")]
Until = Annotated[datetime | None, strawberry.argument(description="Only before this time.")]


@strawberry.type(
    description="One person, organisation or visitor: a cluster's golden record under a stable id."
)
class Profile(Node):
    id: strawberry.ID = strawberry.field(description="Stable id; ids that were merged away keep resolving.")
    kind: RecordKind = strawberry.field(description="Person, organisation or anonymous visitor.")
    record_count: int = strawberry.field(description="Number of source records; 0 once it is retired.")
    created_at: datetime = strawberry.field(description="When it came to be, UTC.")
    updated_at: datetime = strawberry.field(description="When it last changed, UTC.")
    retired_at: datetime | None = strawberry.field(description="When its last record left, UTC.")
    attributes: Attributes = strawberry.field(description="The golden values.")
    redirected_from: strawberry.ID | None = strawberry.field(
        description="The retired id that was asked for, when this profile took over all of its records."
    )
    heirs: list[Heir] = strawberry.field(
        description="Who holds the records that left this profile, largest first, at most 50."
    )
    stored: strawberry.Private[StoredProfile]

    @strawberry.field(description="The golden values with source, rule and the values that lost.")
    def golden(self) -> list[GoldenValue]:
        return [_golden(value) for value in self.stored.golden()]

    @strawberry.field(description="The identifiers of its records, by kind and value, at most 500.")
    async def identifiers(self, info: Info) -> list[Identifier]:
        return [identifier(one) for one in await info.context.identifiers.load(self.id, LATEST) or ()]

    @strawberry.field(description="What it consents to, by purpose.")
    async def consents(self, info: Info) -> list[PurposeConsent]:
        return await profile_consents(info, self.id)

    @strawberry.field(description="Its touchpoints, newest first unless said otherwise.")
    async def journey(  # noqa: PLR0913, PLR0917 - the arguments of the GraphQL field
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        type: Types = None,  # noqa: A002
        channel: Channels = None,
        since: Since = None,
        until: Until = None,
        order: Order = JourneyOrder.NEWEST_FIRST,
        as_of: AsOf = None,
    ) -> Connection[Touchpoint]:
        wanted = Wanted(first, after, type, channel, since, until, order, as_of)
        return await read_journey(info, self.id, wanted)

    @strawberry.field(description="Its visits, across sources and devices, newest first.")
    async def sessions(
        self, info: Info, first: First = 20, after: After = None, as_of: AsOf = None
    ) -> Connection[Session]:
        return await read_session_page(info, self.id, first, after, as_of)

    @strawberry.field(description="What happened to its identity, newest first.")
    async def history(self, info: Info, first: First = 20, after: After = None) -> Connection[IdentityEvent]:
        return await read_events(info, self.id, first, after)

    @strawberry.field(description="The lock that lets stewards only change it; none while evidence may.")
    async def lock(self, info: Info) -> Lock | None:
        found = await info.context.locks.load(self.id)
        return None if found is None else lock(found)

    @strawberry.field(
        description="The pins that stand for it, newest first; of two on one attribute the newer one shows."
    )
    async def pins(self, info: Info) -> list[Pin]:
        return [standing_pin(one) for one in await info.context.pins.load(self.id) or ()]

    @strawberry.field(description="The records behind it and what holds them together.")
    def cluster(self, as_of: AsOf = None) -> Cluster:
        return Cluster(profile_id=self.id, as_of=believed_at(as_of))

    @strawberry.field(description="The values of its indicators, by name.")
    async def indicators(self, info: Info, names: Names = None) -> list[IndicatorValue]:
        return await values_of(info, self.id, names)

    @strawberry.field(description="The segments it is in, by name.")
    async def segments(self, info: Info, as_of: AsOf = None) -> list[SegmentMembership]:
        found = await info.context.memberships.load(self.id, believed_at(as_of)) or ()
        return [SegmentMembership(**asdict(one)) for one in found]

    @strawberry.field(description="The segments it is and was in, the latest first, at most 100.")
    async def segment_history(self, info: Info) -> list[SegmentStay]:
        return [SegmentStay(**asdict(one)) for one in await info.context.stays.load(self.id) or ()]


def _golden(value: StoredGoldenValue) -> GoldenValue:
    return GoldenValue(
        attribute=value.attribute,
        value=shown(value.attribute, value.value),
        record_key=strawberry.ID(value.record_key),
        source=value.source,
        rule=value.rule,
        observed_at=datetime.fromisoformat(value.observed_at) if value.observed_at else None,
        alternatives=[
            Alternative(
                value=shown(value.attribute, other.value),
                record_key=strawberry.ID(other.record_key),
                source=other.source,
            )
            for other in value.alternatives
        ],
    )


def profile(
    stored: StoredProfile, heirs: tuple[StoredHeir, ...] = (), asked_for: str | None = None
) -> Profile:
    """The GraphQL shape of a stored profile; `asked_for` is the id a client used."""
    handed_on = sum(heir.record_count for heir in heirs)
    return Profile(
        id=strawberry.ID(stored.id),
        kind=stored.kind,
        record_count=stored.record_count,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        retired_at=stored.retired_at,
        attributes=attributes(stored.attributes),
        redirected_from=None if asked_for in (None, stored.id) else strawberry.ID(asked_for),
        heirs=[
            Heir(
                profile_id=strawberry.ID(heir.profile.id),
                record_count=heir.record_count,
                share=heir.record_count / handed_on,
            )
            for heir in heirs
        ],
        stored=stored,
    )


def survivor(found: Found) -> tuple[StoredProfile, tuple[StoredHeir, ...]]:
    """The profile an id stands for now: the only heir of a retired one, otherwise the profile itself."""
    if found.profile.retired_at is not None and len(found.heirs) == 1:
        return found.heirs[0].profile, ()
    return found.profile, found.heirs


async def profiles_of(info: Info, ids: Sequence[str]) -> list[Profile]:
    """The profiles that ids stand for now, in their order and each once; ids of nobody are left out."""
    found = [one for one in await info.context.profiles.load_many(list(ids)) if one is not None]
    standing = {stored.id: (stored, heirs) for stored, heirs in map(survivor, found)}
    return [profile(stored, heirs) for stored, heirs in standing.values()]


async def profiles_under(info: Info, ids: Sequence[str]) -> list[Profile]:
    """The profiles under exactly these ids, retired ones with their last values; ids of nobody are left out."""
    found = await info.context.profiles.load_many(list(ids))
    return [profile(one.profile, one.heirs) for one in found if one is not None]


async def find_profile(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a profile, also one merged away.")],  # noqa: A002
    redirect: Annotated[
        bool,
        strawberry.argument(
            description="False answers the profile under exactly this id, though it was merged away: with its last "
            "golden values, and for asking what was believed of it (`asOf`)."
        ),
    ] = True,
) -> Profile | None:
    """Resolve `Query.profile`."""
    found = await info.context.profiles.load(id)
    if found is None:
        return None
    stored, heirs = survivor(found) if redirect else (found.profile, found.heirs)
    return profile(stored, heirs, asked_for=id)


Ids = Annotated[
    list[strawberry.ID], strawberry.argument(description="Ids of profiles, at most 100; old ones too.")
]


async def find_profiles(info: Info, ids: Ids) -> list[Profile]:
    """Resolve `Query.profiles`."""
    if len(ids) > LARGEST_ANSWER:
        raise InputError(f"Ask for at most {LARGEST_ANSWER} profiles at once.")
    return await profiles_of(info, ids)
