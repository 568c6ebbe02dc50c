"""Pages through the touchpoints of profiles, newest first, from the (record_key, occurred_at) index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.transactions import Graph

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """Which part of a journey: `size` touchpoints older than (`before`, `before_key`), within [`since`, `until`)."""

    size: int
    before: datetime = LATEST
    before_key: str = ""
    since: datetime = EARLIEST
    until: datetime = LATEST
    types: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StoredTouchpoint:
    """A touchpoint as stored; `properties_text` is JSON text, `revenue` has no currency."""

    key: str
    record_key: str
    source: str
    message_id: str
    occurred_at: datetime
    type: str
    channel: str | None
    campaign: str | None
    revenue: float | None
    properties_text: str


# CASE and not OR: for an OR Neo4j reads the index twice and loses its order.
_PAGE: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  WITH r, CASE WHEN m.valid_from > $since THEN m.valid_from ELSE $since END AS since,
    CASE WHEN m.valid_until < $until THEN m.valid_until ELSE $until END AS until
  CALL (r, since, until) {
    MATCH (t:Touchpoint)
    WHERE t.record_key = r.key AND t.occurred_at >= since AND t.occurred_at < until
      AND t.occurred_at <= $before AND CASE t.occurred_at WHEN $before THEN t.key < $before_key ELSE true END
      AND ($types IS NULL OR t.type IN $types) AND ($channels IS NULL OR t.channel IN $channels)
    RETURN t
    ORDER BY t.record_key DESC, t.occurred_at DESC, t.key DESC LIMIT $size
  }
  RETURN t
  ORDER BY t.occurred_at DESC, t.key DESC LIMIT $size
}
WITH profile_id, t
ORDER BY t.occurred_at DESC, t.key DESC
RETURN profile_id, collect(t {.*}) AS touchpoints
"""


async def read_journeys(
    graph: Graph, profile_ids: Sequence[str], page: JourneyPage
) -> dict[str, list[StoredTouchpoint]]:
    """One page of each profile's journey, newest first; profiles without touchpoints there are absent.

    Of a shared device's record only what lies in the profile's slices counts. Each slice of a record gives at most
    `page.size` index entries, which are merged: the cost grows with records, slices and page size, not with the length
    of the journey.
    """
    rows = await graph.read(
        _PAGE,
        profile_ids=sorted(set(profile_ids)),
        size=page.size,
        before=page.before.astimezone(UTC),
        before_key=page.before_key,
        since=page.since.astimezone(UTC),
        until=page.until.astimezone(UTC),
        types=page.types and list(page.types),
        channels=page.channels and list(page.channels),
    )
    return {row["profile_id"]: [_touchpoint(entry) for entry in row["touchpoints"]] for row in rows}


def _touchpoint(entry: Mapping[str, Any]) -> StoredTouchpoint:
    return StoredTouchpoint(
        key=entry["key"],
        record_key=entry["record_key"],
        source=entry["source"],
        message_id=entry["message_id"],
        occurred_at=entry["occurred_at"],
        type=entry["type"],
        channel=entry.get("channel"),
        campaign=entry.get("campaign"),
        revenue=entry.get("revenue"),
        properties_text=entry.get("properties") or "{}",
    )
