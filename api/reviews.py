"""Reviews in GraphQL: the queue of questions for stewards, who takes care of them, and which of them rest."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from api.clusters import SourceRecord, find_record
from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.exposures import Exposure, exposure
from api.moments import in_utc
from api.profiles import Profile, profile, survivor
from api.vocabulary import ReviewKind
from graph import triage
from graph.errors import InputError
from graph.review_marks import count_waiting
from graph.reviews import COUNTED, FIRST_PLACE, AskedReview, Choice, read_reviews
from graph.reviews import count_reviews as count_by_kind
from graph.reviews import find_reviews as find_by_keys

_NOUN = "reviews"
_AT_ONCE = 1_000
_LONGEST_NAME = 200
_ME = "me"

Keys = Annotated[list[strawberry.ID], strawberry.argument(description="Keys of reviews, at most 1,000.")]


@strawberry.type(description="A question for stewards: are two records the same person, as they stand now?")
class Review:
    key: strawberry.ID = strawberry.field(description="Unique key of the question: the keys of both records.")
    left: strawberry.ID = strawberry.field(description="Key of one record, the smaller of the two.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    kind: ReviewKind = strawberry.field(description="Why it is asked.")
    question: str = strawberry.field(description="The question in words.")
    together: bool = strawberry.field(description="Whether both are in one profile now.")
    reason: str | None = strawberry.field(
        description="Why a merge was refused, or what makes a profile suspect."
    )
    weight: float = strawberry.field(description="What speaks for the same person, log2 odds.")
    probability_of_error: float = strawberry.field(
        description="How likely the present answer is wrong, 0 to 1."
    )
    exposure: Exposure = strawberry.field(description="What hangs on the profiles.")
    record_count: int = strawberry.field(description="How many records the other answer moves, at least.")
    expected_cost: float = strawberry.field(
        description="The probability of error times (1 + cost of what hangs on the profiles + records)."
    )
    unsure: bool = strawberry.field(description="Whether somebody looked and could not tell: it comes last.")
    sources: list[str] = strawberry.field(description="The sources of both records.")
    asked_at: datetime = strawberry.field(description="Since when it is asked, UTC.")
    assigned_to: str | None = strawberry.field(description="Who takes care of it.")
    assigned_by: str | None = strawberry.field(description="Who said so.")
    snoozed_until: datetime | None = strawberry.field(description="Until when it rests, UTC.")
    snoozed_by: str | None = strawberry.field(description="Who let it rest.")
    profile_ids: list[strawberry.ID] = strawberry.field(description="The one profile, or the two, by id.")

    @strawberry.field(description="The one profile, or the two, by id.")
    async def profiles(self, info: Info) -> list[Profile]:
        found = await info.context.profiles.load_many(self.profile_ids)
        return [profile(*survivor(one)) for one in found if one]

    @strawberry.field(description="The record `left` with what it says.")
    async def left_record(self, info: Info) -> SourceRecord | None:
        return await find_record(info, self.left)

    @strawberry.field(description="The record `right` with what it says.")
    async def right_record(self, info: Info) -> SourceRecord | None:
        return await find_record(info, self.right)


@strawberry.input(description="Which reviews are answered; those that rest only when asked for.")
class ReviewFilter:
    kinds: list[ReviewKind] | None = strawberry.field(description="Only those of these kinds.", default=None)
    assigned_to: str | None = strawberry.field(
        description="Only those of somebody; `me` for one's own.", default=None
    )
    snoozed: bool = strawberry.field(description="Those that rest instead of the others.", default=False)
    source: str | None = strawberry.field(
        description="Only those about a record of this source.", default=None
    )


@strawberry.type(description="How many reviews there are of one kind.")
class ReviewCount:
    kind: ReviewKind = strawberry.field(description="Why they are asked.")
    count: int = strawberry.field(description="How many, 10,000 at most.")


@strawberry.type(description="How many reviews there are; 10,000 of each are counted at most.")
class ReviewCounts:
    kinds: list[ReviewCount] = strawberry.field(description="All of them, by kind.")
    mine: int = strawberry.field(description="Those that are assigned to whoever asks.")
    snoozed: int = strawberry.field(description="Those that rest.")
    waiting: int = strawberry.field(description="Profiles about which it is being worked out what to ask.")


async def find_reviews(
    info: Info,
    first: First = 20,
    after: After = None,
    where: Annotated[ReviewFilter | None, strawberry.argument(description="Which ones.")] = None,
) -> Connection[Review]:
    """Resolve `Query.reviews`."""
    size, asked = page_size(first), where or ReviewFilter()
    assigned_to = _named(info, asked.assigned_to)
    wanted = Choice(datetime.now(UTC), asked.kinds, asked.source, assigned_to, asked.snoozed)
    rows = await read_reviews(info.context.graph, wanted, size=size + 1, after=_place(after))
    return connect(
        rows, size, after, review, lambda one: encode_cursor(_NOUN, repr(one.rank), one.review.key)
    )


def _place(after: str | None) -> tuple[float, str]:
    if after is None:
        return FIRST_PLACE
    rank, key = decode_cursor(_NOUN, after, 2)
    try:
        return float(rank), key
    except ValueError:
        raise InputError(
            "after is not a cursor of this listing: use the endCursor of the page before."
        ) from None


def _named(info: Info, name: str | None) -> str | None:
    """The author that a name stands for."""
    if name is not None and not 0 < len(name) <= _LONGEST_NAME:
        raise InputError(f"Somebody's name has 1 to {_LONGEST_NAME} characters.")
    return info.context.viewer.key_id if name == _ME else name


async def find_review(
    info: Info, key: Annotated[strawberry.ID, strawberry.argument(description="Key of a review.")]
) -> Review | None:
    """Resolve `Query.review`."""
    found = await find_by_keys(info.context.graph, [key])
    return review(found[key]) if key in found else None


async def count_reviews(info: Info) -> ReviewCounts:
    """Resolve `Query.reviewCounts`."""
    graph, viewer = info.context.graph, info.context.viewer
    mine, snoozed = await triage.count_triaged(graph, viewer.key_id, datetime.now(UTC), most=COUNTED)
    return ReviewCounts(
        kinds=[ReviewCount(kind=kind, count=count) for kind, count in (await count_by_kind(graph)).items()],
        mine=mine,
        snoozed=snoozed,
        waiting=await count_waiting(graph),
    )


async def assign_reviews(
    info: Info,
    keys: Keys,
    to: Annotated[
        str | None,
        strawberry.argument(description="Id of an API key, or a name; `me` for oneself, none for nobody."),
    ] = None,
) -> list[Review]:
    """Resolve `Mutation.assignReviews`."""
    graph, viewer = info.context.graph, info.context.viewer
    return await _asked(info, await triage.assign(graph, _bounded(keys), _named(info, to), viewer.key_id))


async def snooze_reviews(
    info: Info,
    keys: Keys,
    until: Annotated[
        datetime | None, strawberry.argument(description="When they come back, UTC; none for at once.")
    ] = None,
) -> list[Review]:
    """Resolve `Mutation.snoozeReviews`."""
    graph, viewer = info.context.graph, info.context.viewer
    return await _asked(
        info, await triage.snooze(graph, _bounded(keys), until and in_utc(until), viewer.key_id)
    )


def _bounded(keys: list[strawberry.ID]) -> list[strawberry.ID]:
    if not 0 < len(keys) <= _AT_ONCE:
        raise InputError(f"Name 1 to {_AT_ONCE} reviews at once.")
    return keys


async def _asked(info: Info, keys: set[str]) -> list[Review]:
    found = await find_by_keys(info.context.graph, keys)
    return [review(found[key]) for key in sorted(found)]


def review(stored: AskedReview) -> Review:
    """The GraphQL shape of a review."""
    one, who = stored.review, stored.triage
    return Review(
        key=strawberry.ID(one.key),
        left=strawberry.ID(one.left),
        right=strawberry.ID(one.right),
        kind=one.kind,
        question=_question(stored),
        together=len(one.profile_ids) == 1,
        reason=one.reason,
        weight=one.weight,
        probability_of_error=one.error,
        exposure=exposure(one.exposure, one.exposure_cost),
        record_count=one.record_count,
        expected_cost=one.expected_cost,
        unsure=one.unsure,
        sources=list(stored.sources),
        asked_at=stored.asked_at,
        assigned_to=who.assigned_to,
        assigned_by=who.assigned_by,
        snoozed_until=who.snoozed_until,
        snoozed_by=who.snoozed_by,
        profile_ids=[strawberry.ID(name) for name in one.profile_ids],
    )


def _question(stored: AskedReview) -> str:
    one = stored.review
    told = {
        ReviewKind.POSSIBLE: "Are these two profiles one person? What speaks for it is not enough to join them.",
        ReviewKind.AMBIGUOUS: "Does this record belong to this profile? Another claims it equally well.",
        ReviewKind.WEAK: "Does this profile hold two people? This link alone holds it together.",
        ReviewKind.OVERSIZED: f"Does this profile hold several people ({one.reason})? This is its weakest link.",
        ReviewKind.CONFLICT: f"Are these two profiles one person? Evidence says so, but: {one.reason}.",
        ReviewKind.LOCKED: "Are these two profiles one person? One of them is locked.",
    }
    return told[one.kind]
