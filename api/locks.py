"""Locks in GraphQL: whether a profile is changed by stewards only."""

from datetime import datetime

import strawberry

from api.sensitivity import PersonalText
from graph.judgements import StoredJudgement


@strawberry.type(
    description="A profile takes in and gives up records by decisions only, until it is unlocked."
)
class Lock:
    decision_id: strawberry.ID = strawberry.field(description="The decision that locked it.")
    author: str = strawberry.field(description="Who locked it: the id of an API key, or a name.")
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    at: datetime = strawberry.field(description="When, UTC.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself, UTC.")


def lock(stored: StoredJudgement) -> Lock:
    """The GraphQL shape of the lock that a judgement is part of."""
    return Lock(
        decision_id=strawberry.ID(stored.decision_id),
        author=stored.author,
        reason=stored.reason,
        at=stored.at,
        expires_at=stored.expires_at,
    )
