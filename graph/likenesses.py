"""Reads what profiles can be compared by: a few golden values, and what they did how often."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from graph.transactions import Graph

COMPARED: tuple[LiteralString, ...] = ("kind", "gender", "decade", "country", "region", "city")
"""The golden values that are compared; `decade` is that of the birth."""

_READ: LiteralString = """
MATCH (p:Profile) WHERE p.retired_at IS NULL AND p.kind IN $kinds
CALL (p) {
  MATCH (p)<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  MATCH (t:Touchpoint) WHERE t.record_key = r.key AND t.occurred_at <= $at
    AND CASE WHEN m.valid_from IS NULL THEN true ELSE t.occurred_at >= m.valid_from END
    AND CASE WHEN m.valid_until IS NULL THEN true ELSE t.occurred_at < m.valid_until END
  WITH t.type AS type, count(*) AS count, sum(t.revenue) AS revenue, max(t.occurred_at) AS last_at
  RETURN collect([type, count]) AS counts, coalesce(sum(revenue), 0.0) AS revenue, max(last_at) AS last_at
}
RETURN p.id AS id, EXISTS { (p)-[m:IN_SEGMENT]->(:Segment {name: $segment}) WHERE m.until IS NULL } AS inside,
  [p.kind, p.gender, left(p.birth_date, 3), p.country, p.region, p.city] AS values, counts, revenue, last_at
LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A profile, whether it is in the segment, and what it is compared by: values in the order of `COMPARED`,
    touchpoints by type, revenue, and when it was last seen."""

    id: str
    inside: bool
    values: Sequence[str | None]
    counts: Mapping[str, int]
    revenue: float
    last_at: datetime | None


async def read_likenesses(
    graph: Graph, segment: str, kinds: Sequence[str], at: datetime, most: int
) -> AsyncIterator[Likeness]:
    """Current profiles of the kinds, at most `most`: the cost grows with their touchpoints."""
    rows = graph.stream(_READ, segment=segment, kinds=sorted(kinds), at=at, most=most)
    async for row in rows:
        counts = dict(row.pop("counts"))
        yield Likeness(counts=counts, **row)
