"""What hangs on a profile: segments, consents that stand, purchases in its own slices of a shared device."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.connection import Graph
from graph.exposures import Exposure, ExposureCosts, read_exposures

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COSTS = ExposureCosts(segment=1.0, consent=2.0, purchase=0.5, revenue=0.01)

# p1 granted news by both identifiers, offers by one only, mail until noon. The tablet is p1's until noon, then p2's:
# its phone is of both.
_WORLD = """
CREATE (s:Segment {name: 'buyers'}), (old:Segment {name: 'old'})
CREATE (p1:Profile {id: 'p1'}), (p2:Profile {id: 'p2'}), (:Profile {id: 'p0', retired_at: $now})
CREATE (p1)-[:IN_SEGMENT {since: $early}]->(s), (p1)-[:IN_SEGMENT {since: $early, until: $now}]->(old)
CREATE (a:SourceRecord {key: 'a'})-[:RESOLVES_TO {since: $early}]->(p1)
CREATE (t:SourceRecord {key: 't'})-[:RESOLVES_TO {since: $early, valid_until: $noon}]->(p1)
CREATE (t)-[:RESOLVES_TO {since: $early, valid_from: $noon}]->(p2)
CREATE (a)-[:HAS_IDENTIFIER {since: $early}]->(mail:Identifier {key: 'mail'})
CREATE (t)-[:HAS_IDENTIFIER {since: $early}]->(phone:Identifier {key: 'phone'})
CREATE (t)-[:HAS_IDENTIFIER {since: $early, until: $now}]->(gone:Identifier {key: 'gone'})
WITH * UNWIND [
  [mail, 'news', 'DENIED', $early, null], [mail, 'news', 'GRANTED', $noon, null],
  [phone, 'news', 'GRANTED', $noon, null], [mail, 'offers', 'GRANTED', $noon, null],
  [phone, 'offers', 'REVOKED', $noon, null], [mail, 'post', 'GRANTED', $noon, $noon],
  [gone, 'calls', 'GRANTED', $noon, null]] AS said
WITH said[0] AS i, said
CREATE (i)-[:HAS_CONSENT]->(:Consent {key: i.key + said[1] + said[2], purpose: said[1], status: said[2],
  decided_at: said[3], expires_at: said[4]})
"""
_BOUGHT = """
UNWIND $rows AS row
CREATE (:Touchpoint {key: row[0], record_key: row[1], occurred_at: row[2], revenue: row[3]})
"""


def test_it_costs_the_sum_of_what_hangs_on_it() -> None:
    both = Exposure(2, 1, 10, 300.0) + Exposure(segments=1)
    assert both == Exposure(3, 1, 10, 300.0)
    assert both.cost(COSTS) == 3 + 2 + 5 + 3
    assert Exposure().cost(COSTS) == 0


@pytest.mark.store
async def test_what_counts_is_what_stands_now(graph: Graph) -> None:
    noon = NOW - timedelta(hours=12)
    await graph.write(_WORLD, now=NOW, early=NOW - timedelta(days=9), noon=noon)
    rows = [
        ["1", "a", noon, 20.0],
        ["2", "a", noon, 0.0],
        ["3", "a", noon, None],
        ["4", "t", noon - timedelta(hours=1), 5.0],
        ["5", "t", noon, 7.0],
    ]
    await graph.write(_BOUGHT, rows=rows)
    found = await read_exposures(graph, ["p1", "p2", "p0", "unknown"], NOW)
    assert found == {"p1": Exposure(1, 1, 2, 25.0), "p2": Exposure(0, 1, 1, 7.0)}
