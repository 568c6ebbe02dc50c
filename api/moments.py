"""Instants in GraphQL: read as UTC, and the moment at which what is answered was believed."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.errors import InputError
from graph.moments import LATEST

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description="Answer what was believed at this moment; none for what is believed now."
    ),
]


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; a time without an offset is taken as UTC, one outside the calendar is refused."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise InputError("A time lies outside the calendar.") from None


def believed_at(as_of: datetime | None) -> datetime:
    """The moment that an `asOf` asks for."""
    return LATEST if as_of is None else in_utc(as_of)
