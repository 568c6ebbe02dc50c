"""What stewards do, in GraphQL: every mutation is a dry run, until its token comes back."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.approvals import Approval, ApprovalNeed, approval
from api.context import Info
from api.decisions import DecisionResult, decision
from api.judgements import JudgementInput
from api.moments import in_utc
from api.previews import preview, rehearsed, segments_follow
from graph.approvals import Approval as StoredApproval
from graph.errors import InputError
from graph.transactions import Row
from resolution.acts import Act, Judge, Lock, Merge, Split, Undo, Unlock
from resolution.approvals import Answer, Need, approval_needed, approve, ask_for, decline
from resolution.decisions import Order, Prepared, confirmed, prepare, write
from resolution.proposals import judgement as pair_judgement

_LONGEST_REASON = 1000

Reason = Annotated[str, strawberry.argument(description="Why: it is kept with the decision.")]
Token = Annotated[
    str | None,
    strawberry.argument(
        description="The token of the dry run: does what that showed. Without it nothing is written."
    ),
]
ExpiresAt = Annotated[
    datetime | None, strawberry.argument(description="When the judgements end by themselves, UTC.")
]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Id of a current profile.")]
ApprovalId = Annotated[strawberry.ID, strawberry.argument(description="Id of an approval that waits.")]


async def judge(
    info: Info,
    judgements: Annotated[list[JudgementInput], strawberry.argument(description="The pairs, each once.")],
    reason: Reason,
    expires_at: ExpiresAt = None,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.judge`."""
    words = tuple(pair_judgement(one.left, one.right, one.verdict) for one in judgements)
    return await decided(info, Judge(words, expires_at and in_utc(expires_at)), reason, token)


async def merge_profiles(
    info: Info,
    ids: Annotated[
        list[strawberry.ID], strawberry.argument(description="Ids of two or more current profiles.")
    ],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.mergeProfiles`."""
    return await decided(info, Merge(tuple(ids)), reason, token)


async def split_profile(
    info: Info,
    id: ProfileId,  # noqa: A002
    parts: Annotated[
        list[list[strawberry.ID]],
        strawberry.argument(description="Keys of the records that leave, one list for each new side."),
    ],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.splitProfile`."""
    return await decided(info, Split(id, tuple(tuple(part) for part in parts)), reason, token)


async def detach_record(
    info: Info,
    id: ProfileId,  # noqa: A002
    record_key: Annotated[strawberry.ID, strawberry.argument(description="Key of the record that leaves.")],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.detachRecord`."""
    return await decided(info, Split(id, ((record_key,),)), reason, token)


async def lock_profile(
    info: Info,
    id: ProfileId,  # noqa: A002
    reason: Reason,
    expires_at: ExpiresAt = None,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.lockProfile`."""
    return await decided(info, Lock(id, expires_at and in_utc(expires_at)), reason, token)


async def unlock_profile(
    info: Info,
    id: ProfileId,  # noqa: A002
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.unlockProfile`."""
    return await decided(info, Unlock(id), reason, token)


async def undo_decision(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a decision.")],  # noqa: A002
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.undoDecision`."""
    return await decided(info, Undo(id), reason, token)


async def approve_decision(info: Info, id: ApprovalId, reason: Reason) -> DecisionResult:  # noqa: A002
    """Resolve `Mutation.approveDecision`."""
    graph, settings = info.context.graph, info.context.resolution
    return _done(*await approve(graph, settings, id, _answer(info, reason), segments_follow(info)))


async def decline_decision(info: Info, id: ApprovalId, reason: Reason) -> Approval:  # noqa: A002
    """Resolve `Mutation.declineDecision`."""
    return approval(await decline(info.context.graph, id, _answer(info, reason)))


async def decided(info: Info, act: Act, reason: str, token: str | None) -> DecisionResult:
    """A dry run, or with its token the decision carried out, or kept until a second person approves it."""
    graph, settings = info.context.graph, info.context.resolution
    order = Order(act, info.context.viewer.key_id, _checked(reason))
    if token is None:
        prepared = await prepare(graph, settings, order)
        return await _shown(info, prepared, await _needed(info, prepared))
    async with confirmed(graph, settings, order, token) as prepared:
        need = await _needed(info, prepared)
        if need is None:
            return _done(prepared, await write(graph, prepared, segments_follow(info)))
        awaiting = await ask_for(graph, order, prepared, need)
    return await _shown(info, prepared, need, awaiting)


async def _needed(info: Info, prepared: Prepared) -> Need | None:
    return await approval_needed(info.context.graph, info.context.stewardship, prepared)


async def _shown(
    info: Info, prepared: Prepared, need: Need | None, awaiting: StoredApproval | None = None
) -> DecisionResult:
    return DecisionResult(
        applied=False,
        token=prepared.preview.token,
        decision=None,
        approval_needed=need and ApprovalNeed(exposure=need.exposure, limit=need.limit),
        awaiting=awaiting and approval(awaiting),
        changes=await rehearsed(info, prepared),
    )


def _done(prepared: Prepared, rows: list[Row]) -> DecisionResult:
    return DecisionResult(
        applied=True,
        token=prepared.preview.token,
        decision=decision(prepared.decision),
        approval_needed=None,
        awaiting=None,
        changes=preview(prepared.preview, rows),
    )


def _answer(info: Info, reason: str) -> Answer:
    return Answer(info.context.viewer.key_id, _checked(reason))


def _checked(reason: str) -> str:
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise InputError(f"A decision needs a reason of at most {_LONGEST_REASON} characters.")
    return reason.strip()
