"""The change feed in GraphQL: what changed since a position."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import First, page_size
from api.context import Info
from api.profiles import Profile, profile, survivor
from api.vocabulary import ChangeKind
from graph.changes import BEGINNING, Position, end_of_feed, read_changes
from graph.changes import Change as StoredChange
from graph.transactions import Graph

NOW = "now"
"""The position behind all there is."""


@strawberry.type(description="Something about a profile is different since a change.")
class Change:
    position: str = strawberry.field(
        description="The place behind it: `since` of whoever reads on from here."
    )
    kind: ChangeKind = strawberry.field(description="What it is about.")
    change: str = strawberry.field(
        description="Of a PROFILE `changed` or `retired`; of an IDENTITY what the ledger says, such as `merged`; of a"
        " SEGMENT `entered` or `left`."
    )
    at: datetime = strawberry.field(description="When it happened, UTC.")
    cause: str = strawberry.field(description="What brought it about, where that is known.")
    segment: str | None = strawberry.field(description="The segment that was entered or left.")
    profile_id: strawberry.ID = strawberry.field(description="The profile it is about.")
    related: list[strawberry.ID] = strawberry.field(description="The other profiles of a merge or a split.")

    @strawberry.field(description="The profile as it is now; the one that took over if it was merged away.")
    async def profile(self, info: Info) -> Profile | None:
        found = await info.context.profiles.load(self.profile_id)
        return None if found is None else profile(*survivor(found), asked_for=self.profile_id)


@strawberry.type(description="One page of the change feed.")
class ChangePage:
    items: list[Change] = strawberry.field(description="The changes, oldest first.")
    next: str = strawberry.field(description="`since` of the next page; good for ever.")
    more: bool = strawberry.field(description="Whether the next page has something already.")


Since = Annotated[
    str | None,
    strawberry.argument(
        description="A position, or `now` to learn the last one; from the beginning if absent."
    ),
]
Kinds = Annotated[list[ChangeKind] | None, strawberry.argument(description="Only changes of these kinds.")]


async def find_changes(
    info: Info, since: Since = None, first: First = 100, kinds: Kinds = None
) -> ChangePage:
    """Resolve `Query.changes`."""
    position = await position_of(info.context.graph, since)
    page = await read_changes(
        info.context.graph, position, page_size(first), tuple(ChangeKind) if kinds is None else kinds
    )
    return ChangePage(items=[change(one) for one in page.items], next=page.next.text(), more=page.more)


def change(stored: StoredChange) -> Change:
    """The GraphQL shape of a change."""
    return Change(
        position=stored.position.text(),
        kind=stored.kind,
        change=stored.change,
        at=stored.at,
        cause=stored.cause,
        segment=stored.segment,
        profile_id=strawberry.ID(stored.profile_id),
        related=[strawberry.ID(one) for one in stored.related],
    )


async def position_of(graph: Graph, since: str | None) -> Position:
    """The position that a client names; raises InputError when it is none."""
    if since == NOW:
        return await end_of_feed(graph)
    return Position.of(since) if since else BEGINNING
