"""Streams what is analysed as a whole, touchpoints, memberships and segments: all of it, or what a number changed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, LiteralString

from graph.transactions import Graph

# Instants as microseconds: a number travels and is read several times as fast as an instant.
_TOUCHPOINT: LiteralString = """
RETURN t.record_key AS record_key, t.key AS key,
  t.occurred_at.epochSeconds * 1000000 + t.occurred_at.microsecond AS moment,
  t.type AS type, t.channel AS channel, t.campaign AS campaign, t.source AS source, t.revenue AS revenue
"""
_ALL_TOUCHPOINTS: LiteralString = "MATCH (t:Touchpoint) " + _TOUCHPOINT
_TOUCHPOINTS_OF: LiteralString = (
    """
UNWIND $keys AS record_key
MATCH (t:Touchpoint) WHERE t.record_key = record_key AND t.occurred_at IS NOT NULL
"""
    + _TOUCHPOINT
)


def stream_touchpoints(
    graph: Graph, record_keys: Sequence[str] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """The touchpoints of some records, or of all: record_key, key, moment (microseconds since 1970, UTC), type,
    channel, campaign, source, revenue."""
    if record_keys is None:
        return graph.stream(_ALL_TOUCHPOINTS)
    return graph.stream(_TOUCHPOINTS_OF, keys=list(record_keys))


_MEMBERSHIP: LiteralString = """
RETURN r.key AS record_key, p.id AS profile_id,
  m.valid_from.epochSeconds * 1000000 + m.valid_from.microsecond AS valid_from,
  m.valid_until.epochSeconds * 1000000 + m.valid_until.microsecond AS valid_until
"""
_ALL_MEMBERSHIPS: LiteralString = (
    "MATCH (r:SourceRecord)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL " + _MEMBERSHIP
)
_MEMBERSHIPS_OF: LiteralString = (
    """
UNWIND $keys AS record_key
MATCH (r:SourceRecord {key: record_key})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
"""
    + _MEMBERSHIP
)


def stream_slices(graph: Graph, record_keys: Sequence[str] | None = None) -> AsyncIterator[dict[str, Any]]:
    """The open memberships of some records, or of all: record_key, profile_id, valid_from, valid_until (microseconds
    since 1970, None without end)."""
    if record_keys is None:
        return graph.stream(_ALL_MEMBERSHIPS)
    return graph.stream(_MEMBERSHIPS_OF, keys=list(record_keys))


_CHANGED: LiteralString = "MATCH (r:SourceRecord) WHERE r.changed_in > $since RETURN r.key AS key"


async def changed_records(graph: Graph, since: int) -> list[str]:
    """The keys of the records whose touchpoints or memberships changed after the number `since`, sorted."""
    return sorted([row["key"] async for row in graph.stream(_CHANGED, since=since)])


_ALL_IN_SEGMENTS: LiteralString = """
MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.until IS NULL
RETURN s.name AS segment, p.id AS profile_id, true AS inside
"""
_IN_SEGMENTS_SINCE: LiteralString = """
CALL () {
  MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.entered_in > $since RETURN p, s
  UNION
  MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.left_in > $since RETURN p, s
}
RETURN s.name AS segment, p.id AS profile_id,
  EXISTS { MATCH (p)-[m:IN_SEGMENT]->(s) WHERE m.until IS NULL } AS inside
"""


def stream_segments(graph: Graph, since: int | None = None) -> AsyncIterator[dict[str, Any]]:
    """Who is in which segment: segment, profile_id, inside; all who are, or all who entered or left after `since`."""
    if since is None:
        return graph.stream(_ALL_IN_SEGMENTS)
    return graph.stream(_IN_SEGMENTS_SINCE, since=since)
