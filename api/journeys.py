"""A profile's touchpoints in GraphQL, either end first."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import orjson
import strawberry

from api.connections import Connection, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.identifiers import Identifier, identifier
from api.moments import believed_at, in_utc
from api.nodes import Node, global_id
from api.sensitivity import PersonalData
from graph.clusters import StoredIdentifier
from graph.errors import InputError
from graph.identifiers import kind_of
from graph.journeys import JourneyPage, StoredTouchpoint
from graph.moments import EARLIEST, LATEST
from graph.vocabulary import IdentifierClass, IdentifierState

_NOUN = "journey"


@strawberry.enum(description="Which end of a journey comes first.")
class JourneyOrder(StrEnum):
    NEWEST_FIRST = "NEWEST_FIRST"
    OLDEST_FIRST = "OLDEST_FIRST"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments of a journey: page, and which touchpoints; None does not restrict."""

    first: int
    after: str | None
    types: list[str] | None
    channels: list[str] | None
    since: datetime | None
    until: datetime | None
    order: JourneyOrder
    as_of: datetime | None


@strawberry.type(description="One dated interaction, as one source record had it.")
class Touchpoint(Node):
    key: strawberry.ID = strawberry.field(description="Unique key: source and message id.")
    record_key: strawberry.ID = strawberry.field(description="The source record it belongs to.")
    source: str = strawberry.field(description="The source it came from.")
    occurred_at: datetime = strawberry.field(description="When it happened, UTC.")
    type: str = strawberry.field(description="What happened, such as purchase or page_view.")
    channel: str | None = strawberry.field(description="Where it happened, such as web or store.")
    campaign: str | None = strawberry.field(description="The campaign that led to it.")
    revenue: float | None = strawberry.field(description="Revenue in the source's currency.")
    properties: PersonalData = strawberry.field(description="Everything else the source said, by name.")
    profile_id: strawberry.Private[str]
    as_of: strawberry.Private[datetime]
    stored: strawberry.Private[StoredTouchpoint]

    @strawberry.field(
        description="The session it is in: the key of the session's first touchpoint. Null in a session so long that "
        "its beginning is not looked for (5,000 touchpoints)."
    )
    async def session_id(self, info: Info) -> strawberry.ID | None:
        found = await info.context.session_ids.load((self.profile_id, self.stored), self.as_of)
        return None if found is None else strawberry.ID(found)

    @strawberry.field(
        description="The identifiers that put it in this journey: its record shares them with other records of the "
        "profile. None when its record is alone, or belongs by what it says: `whyRecordInProfile` tells."
    )
    async def via(self, info: Info) -> list[Identifier]:
        held = await self._held(info)
        return [
            identifier(one)
            for one in held
            if one.state is IdentifierState.LINKING
            and len(one.record_keys) > 1
            and self.record_key in one.record_keys
        ]

    @strawberry.field(description="The device it came from, when its source names one.")
    async def device(self, info: Info) -> Identifier | None:
        held = await self._held(info)
        if self.stored.device_key is not None:
            return next((identifier(one) for one in held if one.key == self.stored.device_key), None)
        devices = [
            one
            for one in held
            if self.record_key in one.record_keys
            and kind_of(one.kind).identifier_class is IdentifierClass.DEVICE
        ]
        return identifier(devices[0]) if len(devices) == 1 else None

    async def _held(self, info: Info) -> list[StoredIdentifier]:
        return await info.context.identifiers.load(self.profile_id, self.as_of) or []


def _touchpoint(stored: StoredTouchpoint, profile_id: str, as_of: datetime) -> Touchpoint:
    return Touchpoint(
        id=global_id("Touchpoint", stored.key),
        key=strawberry.ID(stored.key),
        record_key=strawberry.ID(stored.record_key),
        source=stored.source,
        occurred_at=stored.occurred_at,
        type=stored.type,
        channel=stored.channel,
        campaign=stored.campaign,
        revenue=stored.revenue,
        properties=orjson.loads(stored.properties_text),
        profile_id=profile_id,
        as_of=as_of,
        stored=stored,
    )


async def find_touchpoint(info: Info, key: str) -> Touchpoint | None:
    """The touchpoint with a key, in the journey of the profile that it is of; None for one that is of none."""
    found = await info.context.touchpoints.load(key)
    return None if found is None else _touchpoint(found[1], found[0], LATEST)


def _cursor(stored: StoredTouchpoint) -> str:
    return place_cursor(_NOUN, stored.occurred_at, stored.key)


def place_cursor(noun: str, at: datetime, key: str) -> str:
    """A cursor for what happened at an instant."""
    return encode_cursor(noun, at.isoformat(), key)


def place_after(noun: str, after: str) -> tuple[datetime, str]:
    """The instant and key of a cursor; raises InputError for what `place_cursor` did not make."""
    at, key = decode_cursor(noun, after, 2)
    try:
        return in_utc(datetime.fromisoformat(at)), key
    except ValueError:
        raise InputError(
            "after is not a cursor of this listing: use the endCursor of the page before."
        ) from None


def _page(wanted: Wanted) -> JourneyPage:
    page = JourneyPage(
        size=page_size(wanted.first) + 1,
        since=in_utc(wanted.since) if wanted.since else EARLIEST,
        until=in_utc(wanted.until) if wanted.until else LATEST,
        types=None if wanted.types is None else tuple(wanted.types),
        channels=None if wanted.channels is None else tuple(wanted.channels),
        newest_first=wanted.order is JourneyOrder.NEWEST_FIRST,
        as_of=believed_at(wanted.as_of),
    )
    if wanted.after is None:
        return page
    at, key = place_after(_NOUN, wanted.after)
    return replace(page, at=at, key=key)


async def read_journey(info: Info, profile_id: str, wanted: Wanted) -> Connection[Touchpoint]:
    """One page of a profile's journey."""
    page = _page(wanted)
    rows = await info.context.journeys.load(profile_id, page) or []

    def shape(stored: StoredTouchpoint) -> Touchpoint:
        return _touchpoint(stored, profile_id, page.as_of)

    return connect(rows, wanted.first, wanted.after, shape, _cursor)
