"""Counts what hangs on profiles, and so what a wrong answer about them costs: segments, consents, purchases."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from graph.batches import batches
from graph.transactions import Graph

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class ExposureCosts:
    """What one of each costs, in any unit (`[stewardship]` in docs/settings.md)."""

    segment: float
    consent: float
    purchase: float
    revenue: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """What hangs on a profile now, or on several: the segments it is in, the purposes it has consented to, and its
    purchases (touchpoints with a revenue above 0) with what they brought."""

    segments: int = 0
    consents: int = 0
    purchases: int = 0
    revenue: float = 0.0

    def __add__(self, other: "Exposure") -> "Exposure":
        """What hangs on both, a segment of both counted twice: each of the two may be wrong."""
        return Exposure(
            self.segments + other.segments,
            self.consents + other.consents,
            self.purchases + other.purchases,
            self.revenue + other.revenue,
        )

    def cost(self, costs: ExposureCosts) -> float:
        """The sum of everything times what one of it costs."""
        return (
            self.segments * costs.segment
            + self.consents * costs.consent
            + self.purchases * costs.purchase
            + self.revenue * costs.revenue
        )


# A purpose counts when the latest decision of every identifier that made one grants it (api/consents.py says the same).
_READ: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id}) WHERE p.retired_at IS NULL
CALL (p) {
  MATCH (p)<-[m:RESOLVES_TO]-(:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WHERE m.until IS NULL AND h.until IS NULL
  WITH DISTINCT i MATCH (i)-[:HAS_CONSENT]->(d:Consent)
  WITH i, d ORDER BY d.decided_at DESC, d.status = 'GRANTED', d.key
  WITH i, d.purpose AS purpose, head(collect(d)) AS latest
  WITH purpose, collect(latest.status = 'GRANTED' AND coalesce(latest.expires_at > $at, true)) AS grants
  RETURN count(CASE WHEN all(one IN grants WHERE one) THEN 1 END) AS consents
}
CALL (p) {
  MATCH (p)<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  MATCH (t:Touchpoint) WHERE t.record_key = r.key AND t.revenue > 0
    AND CASE WHEN m.valid_from IS NULL THEN true ELSE t.occurred_at >= m.valid_from END
    AND CASE WHEN m.valid_until IS NULL THEN true ELSE t.occurred_at < m.valid_until END
  RETURN count(t) AS purchases, toFloat(sum(t.revenue)) AS revenue
}
RETURN id, COUNT { (p)-[s:IN_SEGMENT]->() WHERE s.until IS NULL } AS segments, consents, purchases, revenue
"""


async def read_exposures(
    graph: Graph, ids: Collection[str], at: datetime | None = None
) -> Mapping[str, Exposure]:
    """What hangs on each current profile among `ids` at `at` (UTC, default now); other ids are left out."""
    now = (at or datetime.now(UTC)).astimezone(UTC)
    found: dict[str, Exposure] = {}
    for batch in batches(sorted(set(ids)), _BATCH):
        for row in await graph.read(_READ, ids=batch, at=now):
            profile_id = row.pop("id")
            found[profile_id] = Exposure(**row)
    return found
