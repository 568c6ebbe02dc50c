"""Pages through the touchpoints of profiles in the order of time, either way, from the indexes of touchpoints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, LiteralString

from graph.moments import EARLIEST, LATEST
from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """Which part of a journey: `size` touchpoints within [`since`, `until`), of some types and channels.

    It begins behind the place (`at`, `key`): with touchpoints older than it, or with newer ones when not
    `newest_first`. Without `at` it begins at that end of the journey. What was believed at `as_of` counts: the records
    of the profile then, and the touchpoints that were known. `slim` leaves the properties out.
    """

    size: int
    at: datetime | None = None
    key: str = ""
    since: datetime = EARLIEST
    until: datetime = LATEST
    types: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    newest_first: bool = True
    as_of: datetime = LATEST
    slim: bool = False


@dataclass(frozen=True, slots=True)
class StoredTouchpoint:
    """A touchpoint as stored; `properties_text` is JSON text, `revenue` has no currency, `device_key` is the key of the
    identifier of the device that somebody used who was logged in."""

    key: str
    record_key: str
    source: str
    message_id: str
    occurred_at: datetime
    type: str
    channel: str | None
    campaign: str | None
    revenue: float | None
    properties_text: str = "{}"
    device_key: str | None = None


_SLICES: LiteralString = """
UNWIND $rows AS row
CALL (row) {
  MATCH (:Profile {id: row.profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
  WITH row, r, CASE WHEN m.valid_from > $since THEN m.valid_from ELSE $since END AS since,
    CASE WHEN m.valid_until < $until THEN m.valid_until ELSE $until END AS until
"""
# Each of several types is an entry of its own, so that a rare one is read from the index and not looked for.
_EACH: LiteralString = """
  CALL (row, r, since, until) {
    MATCH (t:Touchpoint) WHERE t.record_key = r.key AND ($channels IS NULL OR t.channel IN $channels)
"""
_EACH_OF_TYPE: LiteralString = """
  UNWIND $types AS type
  CALL (row, r, since, until, type) {
    MATCH (t:Touchpoint)
    WHERE t.record_key = r.key AND t.type = type AND ($channels IS NULL OR t.channel IN $channels)
"""
# CASE and not OR: for an OR Neo4j reads the index twice and loses its order.
_OLDER: LiteralString = """
      AND t.occurred_at >= since AND t.occurred_at < until
      AND t.occurred_at <= row.at AND CASE t.occurred_at WHEN row.at THEN t.key < row.key ELSE true END
"""
_NEWER: LiteralString = """
      AND t.occurred_at >= since AND t.occurred_at < until
      AND t.occurred_at >= row.at AND CASE t.occurred_at WHEN row.at THEN t.key > row.key ELSE true END
"""
_KNOWN: LiteralString = " AND t.accepted_at <= $as_of "
_NEWEST: LiteralString = " t.occurred_at DESC, t.key DESC "
_OLDEST: LiteralString = " t.occurred_at, t.key "
# Named from its first property on, the order is that of the index, and nothing is sorted.
_INDEXED: Mapping[tuple[bool, bool], LiteralString] = MappingProxyType(
    {
        (False, True): "t.record_key DESC," + _NEWEST,
        (False, False): "t.record_key," + _OLDEST,
        (True, True): "t.record_key DESC, t.type DESC," + _NEWEST,
        (True, False): "t.record_key, t.type," + _OLDEST,
    }
)
_WHOLE: LiteralString = " t {.*} "
_SLIM: LiteralString = """ t {.key, .record_key, .source, .message_id, .occurred_at, .type, .channel, .campaign,
  .revenue} """


def _statement(page: JourneyPage) -> LiteralString:
    """The statement for a page, from the index that fits its filters, in the order of that index."""
    typed = page.types is not None
    order = _NEWEST if page.newest_first else _OLDEST
    limited: LiteralString = " LIMIT $size } "
    return (
        _SLICES
        + (_EACH_OF_TYPE if typed else _EACH)
        + (_OLDER if page.newest_first else _NEWER)
        + (_KNOWN if page.as_of < LATEST else "")
        + ("RETURN t ORDER BY " + _INDEXED[typed, page.newest_first] + limited)
        + ("RETURN t ORDER BY " + order + limited)
        + ("WITH row, t ORDER BY " + order)
        + ("RETURN row.n AS n, collect(" + (_SLIM if page.slim else _WHOLE) + ") AS touchpoints")
    )


async def read_journeys(
    graph: Graph, profile_ids: Iterable[str], page: JourneyPage
) -> dict[str, list[StoredTouchpoint]]:
    """One page of each profile's journey, in order; profiles without touchpoints there are absent.

    Of a shared device's record only what lies in the profile's slices counts. Each slice of a record gives at most
    `page.size` index entries, which are merged: the cost grows with records, slices, types asked for and page size, not
    with the length of the journey. Only a rare channel has to be looked for.
    """
    ids = sorted(set(profile_ids))
    at = page.at or (LATEST if page.newest_first else EARLIEST)
    pages = await read_places(graph, [(profile_id, at, page.key) for profile_id in ids], page)
    return {profile_id: found for profile_id, found in zip(ids, pages, strict=True) if found}


async def read_places(
    graph: Graph, places: Sequence[tuple[str, datetime, str]], page: JourneyPage
) -> list[list[StoredTouchpoint]]:
    """A page for each place (profile id, instant, key): that of `page`, but behind that place."""
    rows = await graph.read(
        _statement(page),
        rows=[
            {"n": n, "profile_id": profile_id, "at": at.astimezone(UTC), "key": key}
            for n, (profile_id, at, key) in enumerate(places)
        ],
        size=page.size,
        since=page.since.astimezone(UTC),
        until=page.until.astimezone(UTC),
        as_of=page.as_of.astimezone(UTC),
        types=None if page.types is None else sorted(set(page.types)),
        channels=None if page.channels is None else list(page.channels),
    )
    found = {row["n"]: [_touchpoint(entry) for entry in row["touchpoints"]] for row in rows}
    return [found.get(n, []) for n in range(len(places))]


_BY_KEY: LiteralString = """
UNWIND $keys AS key
MATCH (t:Touchpoint {key: key})
MATCH (:SourceRecord {key: t.record_key})-[m:RESOLVES_TO]->(p:Profile)
WHERE m.until IS NULL AND coalesce(t.occurred_at >= m.valid_from, true)
  AND coalesce(t.occurred_at < m.valid_until, true)
RETURN key, p.id AS profile_id, t {.*} AS touchpoint
"""


async def find_touchpoints(graph: Graph, keys: Sequence[str]) -> dict[str, tuple[str, StoredTouchpoint]]:
    """Touchpoints by key, each with the id of the profile whose journey it is in."""
    rows = await graph.read(_BY_KEY, keys=sorted(set(keys)))
    return {row["key"]: (row["profile_id"], _touchpoint(row["touchpoint"])) for row in rows}


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
        device_key=entry.get("device_key"),
    )
