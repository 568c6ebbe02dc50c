"""A profile's touchpoints in GraphQL, newest first."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
import strawberry

from api.connections import Connection, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.sensitivity import PersonalData
from graph.errors import InputError
from graph.journeys import EARLIEST, LATEST, JourneyPage, StoredTouchpoint

_NOUN = "journey"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments of a journey: page, and which touchpoints; None does not restrict."""

    first: int
    after: str | None
    types: list[str] | None
    channels: list[str] | None
    since: datetime | None
    until: datetime | None


@strawberry.type(description="One dated interaction, as one source record had it.")
class Touchpoint:
    key: strawberry.ID = strawberry.field(description="Unique key: source and message id.")
    record_key: strawberry.ID = strawberry.field(description="The source record it belongs to.")
    source: str = strawberry.field(description="The source it came from.")
    occurred_at: datetime = strawberry.field(description="When it happened, UTC.")
    type: str = strawberry.field(description="What happened, such as purchase or page_view.")
    channel: str | None = strawberry.field(description="Where it happened, such as web or store.")
    campaign: str | None = strawberry.field(description="The campaign that led to it.")
    revenue: float | None = strawberry.field(description="Revenue in the source's currency.")
    properties: PersonalData = strawberry.field(description="Everything else the source said, by name.")


def _touchpoint(stored: StoredTouchpoint) -> Touchpoint:
    return Touchpoint(
        key=strawberry.ID(stored.key),
        record_key=strawberry.ID(stored.record_key),
        source=stored.source,
        occurred_at=stored.occurred_at,
        type=stored.type,
        channel=stored.channel,
        campaign=stored.campaign,
        revenue=stored.revenue,
        properties=orjson.loads(stored.properties_text),
    )


def _cursor(stored: StoredTouchpoint) -> str:
    return encode_cursor(_NOUN, stored.occurred_at.isoformat(), stored.key)


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC; a time without an offset is taken as UTC, one outside the calendar is refused."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise InputError("A time lies outside the calendar.") from None


def _page(wanted: Wanted) -> JourneyPage:
    page = JourneyPage(
        size=page_size(wanted.first) + 1,
        since=_in_utc(wanted.since) if wanted.since else EARLIEST,
        until=_in_utc(wanted.until) if wanted.until else LATEST,
        types=None if wanted.types is None else tuple(wanted.types),
        channels=None if wanted.channels is None else tuple(wanted.channels),
    )
    if wanted.after is None:
        return page
    before, before_key = decode_cursor(_NOUN, wanted.after, 2)
    try:
        return replace(page, before=_in_utc(datetime.fromisoformat(before)), before_key=before_key)
    except ValueError:
        raise InputError(
            "after is not a cursor of this listing: use the endCursor of the page before."
        ) from None


async def read_journey(info: Info, profile_id: str, wanted: Wanted) -> Connection[Touchpoint]:
    """One page of a profile's journey."""
    rows = await info.context.journeys.load(profile_id, _page(wanted)) or []
    return connect(rows, wanted.first, wanted.after, _touchpoint, _cursor)
