"""The ledger in GraphQL: what happened to the identity of a profile, newest first."""

import re
from datetime import datetime

import strawberry

from api.connections import Connection, connect, page_size
from api.context import Info
from api.journeys import place_after, place_cursor
from api.vocabulary import IdentityChange
from graph.ledger import LedgerEntry, LedgerPage

_NOUN = "history"
_DECISION = re.compile(r"decision ([0-9a-f]{24})$")


@strawberry.type(description="An entry of the ledger: what happened to a profile, and what set it off.")
class IdentityEvent:
    id: strawberry.ID = strawberry.field(description="Unique id.")
    change: IdentityChange = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When, UTC.")
    cause: str = strawberry.field(description="What set it off: records that came, a steward, a new model.")
    decision_id: strawberry.ID | None = strawberry.field(description="The decision that set it off.")
    record_keys: list[strawberry.ID] = strawberry.field(description="The records that came or went, by key.")
    related: list[strawberry.ID] = strawberry.field(
        description="The other profiles of a merge or a split, by id: `profiles` tells who they are."
    )
    model: str | None = strawberry.field(description="Version of the model that was in force.")


async def read_events(
    info: Info, profile_id: str, first: int, after: str | None
) -> Connection[IdentityEvent]:
    """One page of what happened to a profile."""
    size = page_size(first)
    page = LedgerPage(size + 1) if after is None else LedgerPage(size + 1, *place_after(_NOUN, after))
    rows = await info.context.histories.load(profile_id, page) or []
    return connect(rows, size, after, _event, lambda one: place_cursor(_NOUN, one.at, one.id))


def _event(stored: LedgerEntry) -> IdentityEvent:
    decision = _DECISION.search(stored.cause)
    return IdentityEvent(
        id=strawberry.ID(stored.id),
        change=stored.change,
        at=stored.at,
        cause=stored.cause,
        decision_id=strawberry.ID(decision.group(1)) if decision else None,
        record_keys=[strawberry.ID(one) for one in stored.record_keys],
        related=[strawberry.ID(one) for one in stored.related],
        model=stored.model or None,
    )
