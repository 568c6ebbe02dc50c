"""Approvals in GraphQL: decisions that wait for a second person, or had one."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import LARGEST_ANSWER, Info
from api.previews import Preview, rehearsed
from api.profiles import Profile, profiles_under
from api.sensitivity import PersonalText
from api.vocabulary import ApprovalState, DecisionKind
from graph.approvals import Approval as StoredApproval
from graph.approvals import count_waiting, read_approval, read_approvals
from graph.vocabulary import ApprovalState as State
from resolution.approvals import shown_again

_NOUN = "approvals"


@strawberry.type(description="Why a second person has to approve a decision.")
class ApprovalNeed:
    exposure: float = strawberry.field(
        description="What hangs on the profiles that it changes: segments, consents and purchases, each times its cost."
    )
    limit: float = strawberry.field(description="Above this a second person is needed.")


@strawberry.type(description="A decision above the limit: it is done when a second person approves it.")
class Approval:
    stored: strawberry.Private[StoredApproval]
    id: strawberry.ID = strawberry.field(description="Unique id; ids sort by age.")
    kind: DecisionKind = strawberry.field(description="What shall be decided.")
    author: str = strawberry.field(description="Who asks: the id of an API key.")
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    asked_at: datetime = strawberry.field(description="When, UTC.")
    exposure: float = strawberry.field(description="What hung on the profiles when it was asked for.")
    limit: float = strawberry.field(description="The limit that was in force then.")
    profile_ids: list[strawberry.ID] = strawberry.field(description="The profiles that it changes.")
    moved: int = strawberry.field(description="How many records change their profile by it.")
    state: ApprovalState = strawberry.field(description="What became of it.")
    answered_by: str | None = strawberry.field(description="Who approved or declined it.")
    answer: PersonalText | None = strawberry.field(description="Why, in the words of who answered.")
    answered_at: datetime | None = strawberry.field(description="When that was, UTC.")
    decision_id: strawberry.ID | None = strawberry.field(description="The decision that it became.")

    @strawberry.field(
        description="Those profiles as they are now, retired ones with their last values; at most 100."
    )
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_under(info, self.profile_ids[:LARGEST_ANSWER])

    @strawberry.field(
        description="All that would change, while it waits: exactly what its author was shown. The error "
        "`decision_stale` says that this is so no more."
    )
    async def changes(self, info: Info) -> Preview | None:
        if self.stored.state is not State.WAITING:
            return None
        prepared = await shown_again(info.context.graph, info.context.resolution, self.stored)
        return await rehearsed(info, prepared)


def approval(stored: StoredApproval) -> Approval:
    """The GraphQL shape of a stored approval."""
    return Approval(
        stored=stored,
        id=strawberry.ID(stored.id),
        kind=stored.kind,
        author=stored.author,
        reason=stored.reason,
        asked_at=stored.asked_at,
        exposure=stored.exposure,
        limit=stored.limit,
        profile_ids=[strawberry.ID(one) for one in stored.profile_ids],
        moved=stored.moved,
        state=stored.state,
        answered_by=stored.answered_by,
        answer=stored.answer,
        answered_at=stored.answered_at,
        decision_id=None if stored.decision_id is None else strawberry.ID(stored.decision_id),
    )


async def find_approvals(
    info: Info,
    first: First = 20,
    after: After = None,
    state: Annotated[
        ApprovalState | None, strawberry.argument(description="Only those in this state.")
    ] = None,
) -> Connection[Approval]:
    """Resolve `Query.approvals`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    rows = await read_approvals(info.context.graph, state, size=size + 1, before=last)
    return connect(rows, size, after, approval, lambda one: encode_cursor(_NOUN, one.id))


async def find_approval(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of an approval.")],  # noqa: A002
) -> Approval | None:
    """Resolve `Query.approval`."""
    found = await read_approval(info.context.graph, id)
    return found and approval(found)


async def approvals_waiting(info: Info) -> int:
    """Resolve `Query.approvalsWaiting`."""
    return await count_waiting(info.context.graph)
