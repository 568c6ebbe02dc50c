"""Decisions of stewards in GraphQL: what was decided, by whom and why, and what an act of theirs changes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.approvals import Approval, ApprovalNeed
from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import LARGEST_ANSWER, Info
from api.judgements import Judgement, OfProfile, OfRecord, asked_about, judgement
from api.moments import in_utc
from api.pins import Pin, standing_pin
from api.previews import Preview
from api.profiles import Profile, profiles_under
from api.sensitivity import PersonalText
from api.vocabulary import DecisionKind
from graph.decisions import Decision as StoredDecision
from graph.decisions import DecisionFilter as StoredFilter
from graph.decisions import judgements_of, read_decision, read_decisions
from graph.pins import read_pins

_NOUN = "decisions"


@strawberry.type(
    description="One act of a steward: judgements, or a pin, that were given and ended together."
)
class Decision:
    pinned: strawberry.Private[Sequence[str]]
    unpinned: strawberry.Private[Sequence[str]]
    id: strawberry.ID = strawberry.field(description="Unique id; ids sort by age.")
    kind: DecisionKind = strawberry.field(description="What was decided.")
    author: str = strawberry.field(description="Who decided: the id of an API key, or a name.")
    approved_by: str | None = strawberry.field(
        description="The second person who approved it; none where no approval was needed."
    )
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    at: datetime = strawberry.field(description="When it was carried out, UTC.")
    undoes: strawberry.ID | None = strawberry.field(description="The decision that it takes back.")
    undone_by: strawberry.ID | None = strawberry.field(description="The decision that took it back.")
    profile_ids: list[strawberry.ID] = strawberry.field(
        description="The profiles that it changed; empty for judgements loaded from a file."
    )
    moved: int = strawberry.field(description="How many records changed their profile by it.")

    @strawberry.field(
        description="Those profiles as they are now, retired ones with their last values; at most 100."
    )
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_under(info, self.profile_ids[:LARGEST_ANSWER])

    @strawberry.field(description="The pins that it set, whether or not they still stand.")
    async def pins(self, info: Info) -> list[Pin]:
        return [standing_pin(one) for one in await read_pins(info.context.graph, self.pinned)]

    @strawberry.field(description="The pins that it ended.")
    async def unpins(self, info: Info) -> list[Pin]:
        return [standing_pin(one) for one in await read_pins(info.context.graph, self.unpinned)]

    @strawberry.field(description="The judgements it gave, whether or not they still stand.")
    async def judgements(self, info: Info) -> list[Judgement]:
        given, _ = await judgements_of(info.context.graph, self.id)
        return [judgement(one) for one in given]

    @strawberry.field(description="The judgements that it ended.")
    async def ended(self, info: Info) -> list[Judgement]:
        _, ended = await judgements_of(info.context.graph, self.id)
        return [judgement(one) for one in ended]


@strawberry.input(description="Which decisions are meant; what is not said is not asked for.")
class DecisionFilter:
    author: str | None = strawberry.field(default=None, description="Who decided: the id of an API key.")
    kind: DecisionKind | None = strawberry.field(default=None, description="What was decided.")
    since: datetime | None = strawberry.field(default=None, description="At or after this, UTC.")

    def of(self, keys: Collection[str] | None) -> StoredFilter:
        """The filter on decisions about the records `keys`; None: about any."""
        return StoredFilter(keys, self.author, self.kind, self.since and in_utc(self.since))


@strawberry.type(description="A decision and all that it changes; a dry run until its token comes back.")
class DecisionResult:
    applied: bool = strawberry.field(
        description="Whether it was carried out. No: a dry run, or it waits for approval; nothing is changed."
    )
    token: str = strawberry.field(description="Send it with the same mutation to carry out exactly this.")
    decision: Decision | None = strawberry.field(description="The decision, once it is carried out.")
    approval_needed: ApprovalNeed | None = strawberry.field(
        description="Why a second person has to approve it; none when nobody has to."
    )
    awaiting: Approval | None = strawberry.field(
        description="The approval that it waits for, once its token was sent."
    )
    changes: Preview = strawberry.field(description="All that changes.")


async def find_decisions(
    info: Info,
    first: First = 20,
    after: After = None,
    profile_id: OfProfile = None,
    record_key: OfRecord = None,
    filter: Annotated[  # noqa: A002
        DecisionFilter | None, strawberry.argument(description="Only these; none: all.")
    ] = None,
) -> Connection[Decision]:
    """Resolve `Query.decisions`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    keys = await asked_about(info, profile_id, record_key)
    wanted = (filter or DecisionFilter()).of(keys)
    rows = await read_decisions(info.context.graph, wanted, size=size + 1, before=last)
    return connect(rows, size, after, decision, lambda one: encode_cursor(_NOUN, one.id))


async def find_decision(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a decision.")],  # noqa: A002
) -> Decision | None:
    """Resolve `Query.decision`."""
    found = await read_decision(info.context.graph, id)
    return found and decision(found)


def decision(stored: StoredDecision) -> Decision:
    """The GraphQL shape of a stored decision."""
    return Decision(
        pinned=stored.pinned,
        unpinned=stored.unpinned,
        id=strawberry.ID(stored.id),
        kind=stored.kind,
        author=stored.author,
        approved_by=stored.approved_by,
        reason=stored.reason,
        at=stored.at,
        undoes=None if stored.undoes is None else strawberry.ID(stored.undoes),
        undone_by=None if stored.undone_by is None else strawberry.ID(stored.undone_by),
        profile_ids=[strawberry.ID(one) for one in stored.profile_ids],
        moved=stored.moved,
    )
