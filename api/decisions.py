"""Decisions of stewards in GraphQL: every mutation is a dry run, until its token comes back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.judgements import Judgement, JudgementInput, OfProfile, OfRecord, asked_about, judgement
from api.moments import in_utc
from api.previews import Preview, preview
from api.sensitivity import PersonalText
from api.vocabulary import DecisionKind
from graph.decisions import Decision as StoredDecision
from graph.decisions import judgements_of, read_decisions
from graph.difference import Difference
from graph.errors import InputError
from graph.transactions import Statement
from insight.segments import following
from resolution.acts import Act, Judge, Lock, Merge, Split, Undo, Unlock
from resolution.decisions import Order, carry_out, prepare, rehearse
from resolution.proposals import judgement as pair_judgement

_NOUN = "decisions"
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


@strawberry.type(description="One act of a steward: judgements that were given and ended together.")
class Decision:
    id: strawberry.ID = strawberry.field(description="Unique id; ids sort by age.")
    kind: DecisionKind = strawberry.field(description="What was decided.")
    author: str = strawberry.field(description="Who decided: the id of an API key, or a name.")
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    at: datetime = strawberry.field(description="When, UTC.")
    undoes: strawberry.ID | None = strawberry.field(description="The decision that it takes back.")
    undone_by: strawberry.ID | None = strawberry.field(description="The decision that took it back.")

    @strawberry.field(description="The judgements it gave, whether or not they still stand.")
    async def judgements(self, info: Info) -> list[Judgement]:
        given, _ = await judgements_of(info.context.graph, self.id)
        return [judgement(one) for one in given]


@strawberry.type(description="A decision and all that it changes; a dry run until its token comes back.")
class DecisionResult:
    applied: bool = strawberry.field(
        description="Whether it was carried out. No: a dry run, nothing is written."
    )
    token: str = strawberry.field(description="Send it with the same mutation to carry out exactly this.")
    decision: Decision | None = strawberry.field(description="The decision, once it is carried out.")
    changes: Preview = strawberry.field(description="All that changes.")


async def judge(
    info: Info,
    judgements: Annotated[list[JudgementInput], strawberry.argument(description="The pairs, each once.")],
    reason: Reason,
    expires_at: ExpiresAt = None,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.judge`."""
    words = tuple(pair_judgement(one.left, one.right, one.verdict) for one in judgements)
    return await _decided(info, Judge(words, expires_at and in_utc(expires_at)), reason, token)


async def merge_profiles(
    info: Info,
    ids: Annotated[
        list[strawberry.ID], strawberry.argument(description="Ids of two or more current profiles.")
    ],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.mergeProfiles`."""
    return await _decided(info, Merge(tuple(ids)), reason, token)


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
    return await _decided(info, Split(id, tuple(tuple(part) for part in parts)), reason, token)


async def detach_record(
    info: Info,
    id: ProfileId,  # noqa: A002
    record_key: Annotated[strawberry.ID, strawberry.argument(description="Key of the record that leaves.")],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.detachRecord`."""
    return await _decided(info, Split(id, ((record_key,),)), reason, token)


async def lock_profile(
    info: Info,
    id: ProfileId,  # noqa: A002
    reason: Reason,
    expires_at: ExpiresAt = None,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.lockProfile`."""
    return await _decided(info, Lock(id, expires_at and in_utc(expires_at)), reason, token)


async def unlock_profile(
    info: Info,
    id: ProfileId,  # noqa: A002
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.unlockProfile`."""
    return await _decided(info, Unlock(id), reason, token)


async def undo_decision(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a decision.")],  # noqa: A002
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.undoDecision`."""
    return await _decided(info, Undo(id), reason, token)


async def find_decisions(
    info: Info,
    first: First = 20,
    after: After = None,
    profile_id: OfProfile = None,
    record_key: OfRecord = None,
) -> Connection[Decision]:
    """Resolve `Query.decisions`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    keys = await asked_about(info, profile_id, record_key)
    rows = await read_decisions(info.context.graph, keys, size=size + 1, before=last)
    return connect(rows, size, after, _decision, lambda one: encode_cursor(_NOUN, one.id))


async def _decided(info: Info, act: Act, reason: str, token: str | None) -> DecisionResult:
    """A dry run, or with its token the decision carried out; segments follow in the same transaction."""
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise InputError(f"A decision needs a reason of at most {_LONGEST_REASON} characters.")
    graph, settings = info.context.graph, info.context.resolution
    order = Order(act, info.context.viewer.key_id, reason.strip())
    follow = partial(_segments_follow, info)
    if token is None:
        prepared = await prepare(graph, settings, order)
        rows = await rehearse(graph, prepared, follow)
    else:
        prepared, rows = await carry_out(graph, settings, order, token, follow)
    return DecisionResult(
        applied=token is not None,
        token=prepared.preview.token,
        decision=None if token is None else _decision(prepared.decision),
        changes=preview(prepared.preview, rows),
    )


def _segments_follow(info: Info, decision: StoredDecision, difference: Difference) -> Sequence[Statement]:
    ids = sorted({*(one.id for one in difference.profiles), *difference.retired})
    cause = f"steward {decision.author}: decision {decision.id}"
    return following(info.context.definitions.segments, ids, decision.at, cause) if ids else ()


def _decision(stored: StoredDecision) -> Decision:
    return Decision(
        id=strawberry.ID(stored.id),
        kind=stored.kind,
        author=stored.author,
        reason=stored.reason,
        at=stored.at,
        undoes=None if stored.undoes is None else strawberry.ID(stored.undoes),
        undone_by=None if stored.undone_by is None else strawberry.ID(stored.undone_by),
    )
