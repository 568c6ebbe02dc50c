"""What a decision changes, in GraphQL: profiles, records, values, identifiers, conflicts and segments."""

from collections.abc import Iterable, Sequence

import strawberry

from api.conflicts import Conflict, conflict
from api.context import Info
from api.judgements import Judgement, judgement
from api.profiles import Profile, profile
from api.sensitivity import PersonalText
from api.vocabulary import IdentifierState, IdentityChange, Verdict
from graph.decisions import Decision
from graph.difference import Difference
from graph.neighbourhood import Judgement as StoredPair
from graph.transactions import Row, Statement
from graph.vocabulary import IdentifierState as State
from insight.segments import following
from resolution import preview as planned
from resolution.decisions import Follow, Prepared, rehearse


@strawberry.type(description="A judgement that a decision gives.")
class GivenJudgement:
    left: strawberry.ID = strawberry.field(description="Key of one record, the smaller of the two.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    verdict: Verdict = strawberry.field(description="Whether they are the same person.")


@strawberry.type(description="What happens to a profile.")
class ProfileChange:
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile.")
    change: IdentityChange = strawberry.field(description="What happens to it.")
    records_before: int = strawberry.field(description="How many records it has, 0 for a new one.")
    records_after: int = strawberry.field(description="How many it will have, 0 for a retired one.")
    related: list[strawberry.ID] = strawberry.field(
        description="The profiles it gives records to or takes them from."
    )

    @strawberry.field(description="The profile as it is now; null for one that would be new.")
    async def profile(self, info: Info) -> Profile | None:
        found = await info.context.profiles.load(self.profile_id)
        return None if found is None else profile(found.profile)


@strawberry.type(description="A record that changes its profile.")
class Move:
    record_key: strawberry.ID = strawberry.field(description="Key of the record.")
    from_profile_id: strawberry.ID | None = strawberry.field(description="The profile that it leaves.")
    to_profile_id: strawberry.ID | None = strawberry.field(description="The profile that it joins.")


@strawberry.type(description="A golden value that changes.")
class ValueChange:
    profile_id: strawberry.ID = strawberry.field(description="The profile that shows it.")
    attribute: str = strawberry.field(description="The attribute, email or phone.")
    before: PersonalText | None = strawberry.field(description="The value now.")
    after: PersonalText | None = strawberry.field(description="The value then.")


@strawberry.type(description="An identifier whose state changes.")
class StateChange:
    identifier_key: strawberry.ID = strawberry.field(description="Key of the identifier, without its value.")
    before: IdentifierState = strawberry.field(description="Whether it links its holders now.")
    after: IdentifierState = strawberry.field(description="Whether it will.")
    reason: str | None = strawberry.field(description="Why it will not, if it will not.")


@strawberry.type(description="A profile that enters or leaves a segment.")
class SegmentMove:
    segment: str = strawberry.field(description="Name of the segment.")
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile.")
    enters: bool = strawberry.field(description="Whether it enters; otherwise it leaves.")


@strawberry.type(description="All that a decision changes.")
class Preview:
    judgements: list[GivenJudgement] = strawberry.field(description="The judgements that it gives.")
    ended: list[Judgement] = strawberry.field(description="The judgements that end with it.")
    profiles: list[ProfileChange] = strawberry.field(description="The profiles that change, by id.")
    moves: list[Move] = strawberry.field(description="The records that change their profile, by key.")
    values: list[ValueChange] = strawberry.field(description="The golden values that change.")
    identifiers: list[StateChange] = strawberry.field(description="The identifiers whose state changes.")
    conflicts: list[Conflict] = strawberry.field(description="The conflicts that arise.")
    dissolved: list[Conflict] = strawberry.field(description="The conflicts that are none any more.")
    segments: list[SegmentMove] = strawberry.field(description="Who enters and leaves which segment.")


def preview(effect: planned.Preview, segment_rows: Iterable[Row]) -> Preview:
    """The GraphQL shape of a preview, with the rows of the segments that follow."""
    return Preview(
        judgements=[_given(one) for one in effect.given],
        ended=[judgement(one) for one in effect.ended],
        profiles=[_profile(one) for one in effect.profiles],
        moves=[_move(one) for one in effect.moves],
        values=[_value(one) for one in effect.values],
        identifiers=[_state(one) for one in effect.states],
        conflicts=[conflict(one) for one in effect.conflicts],
        dissolved=[conflict(one) for one in effect.dissolved],
        segments=[
            SegmentMove(segment=row["segment"], profile_id=strawberry.ID(row["id"]), enters=row["belongs"])
            for row in segment_rows
        ],
    )


def segments_follow(info: Info) -> Follow:
    """Segments follow a decision in its own transaction."""

    def follow(decision: Decision, difference: Difference) -> Sequence[Statement]:
        ids = sorted({*(one.id for one in difference.profiles), *difference.retired})
        cause = f"steward {decision.author}: decision {decision.id}"
        return following(info.context.definitions.segments, ids, decision.at, cause) if ids else ()

    return follow


async def rehearsed(info: Info, prepared: Prepared) -> Preview:
    """What a decision would change, segments too; nothing is kept."""
    return preview(prepared.preview, await rehearse(info.context.graph, prepared, segments_follow(info)))


def _given(one: StoredPair) -> GivenJudgement:
    return GivenJudgement(left=strawberry.ID(one.left), right=strawberry.ID(one.right), verdict=one.verdict)


def _profile(one: planned.ProfileChange) -> ProfileChange:
    return ProfileChange(
        profile_id=strawberry.ID(one.profile_id),
        change=one.change,
        records_before=one.before,
        records_after=one.after,
        related=[strawberry.ID(other) for other in one.related],
    )


def _move(one: planned.Move) -> Move:
    return Move(
        record_key=strawberry.ID(one.record_key),
        from_profile_id=None if one.from_id is None else strawberry.ID(one.from_id),
        to_profile_id=None if one.to_id is None else strawberry.ID(one.to_id),
    )


def _value(one: planned.ValueChange) -> ValueChange:
    return ValueChange(
        profile_id=strawberry.ID(one.profile_id),
        attribute=one.attribute,
        before=one.before,
        after=one.after,
    )


def _state(one: planned.StateChange) -> StateChange:
    return StateChange(
        identifier_key=strawberry.ID(one.identifier_key),
        before=State(one.before),
        after=State(one.after),
        reason=one.reason,
    )
