"""Judgements in GraphQL: what stewards said of pairs of records."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.sensitivity import PersonalText
from api.vocabulary import Verdict
from graph.judgements import StoredJudgement, read_judgements
from graph.memberships import members_of

_NOUN = "judgements"

OfProfile = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only what is about records of this profile.")
]
OfRecord = Annotated[strawberry.ID | None, strawberry.argument(description="Only what is about this record.")]


@strawberry.type(description="A steward's word on a pair of records.")
class Judgement:
    id: strawberry.ID = strawberry.field(description="Unique id.")
    left: strawberry.ID = strawberry.field(description="Key of one record, the smaller of the two.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    verdict: Verdict = strawberry.field(description="Whether they are the same person.")
    locked: bool = strawberry.field(description="Whether it is part of the lock of a profile.")
    decision_id: strawberry.ID = strawberry.field(description="The decision that it is part of.")
    author: str = strawberry.field(description="Who said so: the id of an API key, or a name.")
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    at: datetime = strawberry.field(description="When, UTC.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself, UTC.")
    until: datetime | None = strawberry.field(description="When it ended, UTC; none while it stands.")
    superseded_by: strawberry.ID | None = strawberry.field(description="The decision that ended it.")


@strawberry.input(description="A word on a pair of records.")
class JudgementInput:
    left: strawberry.ID = strawberry.field(description="Key of one record.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    verdict: Verdict = strawberry.field(description="Whether they are the same person.")


def judgement(stored: StoredJudgement) -> Judgement:
    """The GraphQL shape of a stored judgement."""
    return Judgement(
        id=strawberry.ID(stored.id),
        left=strawberry.ID(stored.left),
        right=strawberry.ID(stored.right),
        verdict=stored.verdict,
        locked=stored.locked,
        decision_id=strawberry.ID(stored.decision_id),
        author=stored.author,
        reason=stored.reason,
        at=stored.at,
        expires_at=stored.expires_at,
        until=stored.until,
        superseded_by=None if stored.superseded_by is None else strawberry.ID(stored.superseded_by),
    )


async def asked_about(info: Info, profile_id: str | None, record_key: str | None) -> Collection[str] | None:
    """The record keys that a listing is limited to; None when it is not."""
    if profile_id is None:
        return None if record_key is None else [record_key]
    members = (await members_of(info.context.graph, [profile_id])).get(profile_id, [])
    return [key for key in members if record_key in (None, key)]


async def find_judgements(
    info: Info,
    first: First = 20,
    after: After = None,
    profile_id: OfProfile = None,
    record_key: OfRecord = None,
    ended: Annotated[bool, strawberry.argument(description="Also those that no longer stand.")] = False,
) -> Connection[Judgement]:
    """Resolve `Query.judgements`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    keys = await asked_about(info, profile_id, record_key)
    rows = await read_judgements(info.context.graph, keys, size=size + 1, after=last, ended=ended)
    return connect(rows, size, after, judgement, lambda one: encode_cursor(_NOUN, one.id))
