"""The moment that a page shows: as typed or slid to, and the steps of the slider over a profile's history."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fastapi import Request

from graph.errors import InputError

_MINUTES_UP_TO = timedelta(days=3)
"""A history as short as this is slid over by minutes, a longer one by days."""


@dataclass(frozen=True, slots=True)
class Slider:
    """Steps of `minutes` each from `first` (UTC) until now: `steps` is the last, `at` the one that is shown."""

    first: datetime
    minutes: int
    steps: int
    at: int


def moment(request: Request) -> datetime | None:
    """The end of the day or minute that the page was asked for (`asOf`, UTC); None for now.

    Raises InputError for what is neither.
    """
    text = request.query_params.get("asOf", "").strip().removesuffix("Z")
    if not text:
        return None
    try:
        found = _end(text)
    except (ValueError, OverflowError):
        raise InputError("The moment is no date: write 2026-03-01 or 2026-03-01T12:00, UTC.") from None
    return None if found >= datetime.now(UTC) else found


def _end(text: str) -> datetime:
    last = timedelta(microseconds=-1)
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(days=1) + last
    minute = datetime.fromisoformat(text).replace(tzinfo=UTC, second=0, microsecond=0)
    return minute + timedelta(minutes=1) + last


def slider(created_at: datetime, shown: datetime | None) -> Slider:
    """The slider of a profile that came to be at `created_at` (UTC)."""
    now = datetime.now(UTC)
    minutes = 1 if now - created_at <= _MINUTES_UP_TO else 24 * 60
    first = created_at.replace(second=0, microsecond=0)
    if minutes > 1:
        first = first.replace(hour=0, minute=0)
    step = timedelta(minutes=minutes)
    steps = max((now - first) // step, 1)
    at = steps if shown is None else min(max((shown - first) // step, 0), steps)
    return Slider(first, minutes, steps, at)
