"""The ends of the calendar: what an interval without an end lasts to, and how the present is asked for."""

from datetime import UTC, datetime

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""Believed at `LATEST` is what is believed now: what has no `until`."""
