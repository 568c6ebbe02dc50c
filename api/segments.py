"""Segments in GraphQL: their rules, sizes and members."""

from datetime import datetime
from typing import Annotated

import orjson
import strawberry
from strawberry.scalars import JSON

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.moments import AsOf, believed_at
from api.nodes import Node, global_id
from api.profiles import Profile, profile
from graph.profiles import StoredProfile
from graph.segments import StoredSegment, list_segments

_NOUN = "segment"


@strawberry.type(description="A named set of profiles, given by a rule.")
class Segment(Node):
    name: str = strawberry.field(description="Its name, unique.")
    description: str = strawberry.field(description="What it is for.")
    count: int = strawberry.field(description="How many profiles are in it now.")
    refreshed_at: datetime | None = strawberry.field(description="When it was last brought up to date, UTC.")
    author: str | None = strawberry.field(
        description="The id of the API key that saved it; null for a segment of onefold.toml, which is changed there."
    )
    stale: str | None = strawberry.field(
        description="Why its members are being worked out anew, if they are; count and members are then older."
    )
    rule: JSON = strawberry.field(description="The rule as a tree of conditions.")

    @strawberry.field(description="The profiles in it, by id. What they say is of now, also with `asOf`.")
    async def profiles(
        self, info: Info, first: First = 20, after: After = None, as_of: AsOf = None
    ) -> Connection[Profile]:
        size = page_size(first)
        last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
        rows = await info.context.members.load(self.name, (size + 1, last, believed_at(as_of))) or []
        return connect(rows, size, after, profile, _cursor)


def _cursor(stored: StoredProfile) -> str:
    return encode_cursor(_NOUN, stored.id)


def _segment(stored: StoredSegment) -> Segment:
    return Segment(
        id=global_id("Segment", stored.name),
        name=stored.name,
        description=stored.description,
        count=stored.count,
        refreshed_at=stored.refreshed_at,
        author=stored.author,
        stale=stored.stale,
        rule=JSON(orjson.loads(stored.rule)),
    )


async def all_segments(info: Info) -> list[Segment]:
    """Resolve `Query.segments`."""
    return [_segment(stored) for stored in await list_segments(info.context.graph)]


async def find_segment(
    info: Info, name: Annotated[str, strawberry.argument(description="Name of a segment.")]
) -> Segment | None:
    """Resolve `Query.segment`."""
    stored = await info.context.segments.load(name)
    return None if stored is None else _segment(stored)
