"""A profile's sessions in GraphQL, newest first."""

from datetime import datetime

import strawberry

from api.connections import Connection, connect, page_size
from api.context import Info
from api.journeys import place_after, place_cursor
from api.moments import believed_at
from insight.session_pages import SessionPage
from insight.sessions import Session as CutSession

_NOUN = "session"


@strawberry.type(
    description="One visit: touchpoints without a long pause, of one campaign. `[sessions]` of onefold.toml says where "
    "one ends. `journey(since:, until:, order:)` lists its touchpoints."
)
class Session:
    id: strawberry.ID = strawberry.field(description="The key of its first touchpoint.")
    started_at: datetime = strawberry.field(description="When its first touchpoint was, UTC.")
    ended_at: datetime = strawberry.field(description="When its last touchpoint was, UTC.")
    seconds: float = strawberry.field(description="From the first to the last.")
    touchpoint_count: int = strawberry.field(description="How many touchpoints it has.")
    campaign: str | None = strawberry.field(description="The campaign that led to it.")
    channels: list[str] = strawberry.field(
        description="Its channels, in the order of their first touchpoint."
    )
    first_type: str = strawberry.field(description="What happened first.")
    last_type: str = strawberry.field(description="What happened last.")
    revenue: float | None = strawberry.field(description="Its revenue together; null when nothing has any.")
    record_keys: list[strawberry.ID] = strawberry.field(description="The source records of its touchpoints.")
    complete: bool = strawberry.field(
        description="False when it may have begun earlier: of more than 5,000 touchpoints the newest are told."
    )


def _session(cut: CutSession) -> Session:
    first, last = cut.touchpoints[0], cut.touchpoints[-1]
    revenues = [one.revenue for one in cut.touchpoints if one.revenue is not None]
    return Session(
        id=strawberry.ID(cut.id),
        started_at=cut.started_at,
        ended_at=cut.ended_at,
        seconds=(cut.ended_at - cut.started_at).total_seconds(),
        touchpoint_count=len(cut.touchpoints),
        campaign=cut.campaign,
        channels=list(dict.fromkeys(one.channel for one in cut.touchpoints if one.channel is not None)),
        first_type=first.type,
        last_type=last.type,
        revenue=sum(revenues) if revenues else None,
        record_keys=[strawberry.ID(key) for key in sorted({one.record_key for one in cut.touchpoints})],
        complete=cut.complete,
    )


def _cursor(cut: CutSession) -> str:
    return place_cursor(_NOUN, cut.started_at, cut.id)


async def read_session_page(
    info: Info, profile_id: str, first: int, after: str | None, as_of: datetime | None
) -> Connection[Session]:
    """One page of a profile's sessions."""
    at, key = (None, "") if after is None else place_after(_NOUN, after)
    page = SessionPage(page_size(first) + 1, at, key, believed_at(as_of))
    rows = await info.context.sessions.load(profile_id, page) or []
    return connect(rows, first, after, _session, _cursor)
