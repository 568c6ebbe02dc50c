"""Counts what the ledger says became of profiles, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from graph.transactions import Graph
from graph.vocabulary import IdentityChange

SHOWN = 20
"""So many of the profiles behind a count are named, the latest ones."""


@dataclass(frozen=True, slots=True)
class DailyChange:
    """Entries of the ledger of one day (its start, UTC) and one change: how many, and the latest profiles of them."""

    day: datetime
    change: IdentityChange
    count: int
    profile_ids: tuple[str, ...]


_COUNTS: LiteralString = """
UNWIND $days AS day
UNWIND $changes AS change
CALL (day, change) {
  MATCH (e:IdentityEvent) WHERE e.change = change AND e.at >= day AND e.at < day + duration({days: 1})
  RETURN count(e) AS count
}
WITH day, change, count WHERE count > 0
CALL (day, change) {
  MATCH (e:IdentityEvent) WHERE e.change = change AND e.at >= day AND e.at < day + duration({days: 1})
  WITH e ORDER BY e.at DESC LIMIT $shown
  RETURN collect(DISTINCT e.profile_id) AS profile_ids
}
RETURN day, change, count, profile_ids ORDER BY day, change
"""


async def daily_changes(graph: Graph, until: datetime, days: int) -> list[DailyChange]:
    """What became of profiles on each of so many days, the last of them that of `until` (UTC); days without are left
    out."""
    last = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = [last - timedelta(days=back) for back in range(days)]
    rows = await graph.read(_COUNTS, days=asked, changes=_names(), shown=SHOWN)
    return [
        DailyChange(row["day"], IdentityChange(row["change"]), row["count"], tuple(row["profile_ids"]))
        for row in rows
    ]


def _names() -> Sequence[str]:
    return [change.value for change in IdentityChange]
