"""Sessions in GraphQL: what each tells, in pages, and the session that a touchpoint names."""

from typing import Any

import pytest

pytestmark = pytest.mark.store

SESSIONS = """
query ($first: Int!, $after: String, $asOf: DateTime) {
  profile(id: "p1") {
    sessions(first: $first, after: $after, asOf: $asOf) {
      edges { node { id startedAt endedAt seconds touchpointCount campaign channels firstType lastType revenue
        recordKeys complete } }
      pageInfo { hasNextPage endCursor }
    }
    journey(first: 60, order: OLDEST_FIRST) { edges { node { key sessionId } } }
  }
}
"""
_LATER = """
UNWIND range(0, 2) AS n
MATCH (r:SourceRecord {key: 'crm:1'})
CREATE (t:Touchpoint {key: 'mail:' + n, record_key: r.key, source: 'mail', message_id: '' + n, type: 'opened',
  channel: 'mail', campaign: 'spring', occurred_at: datetime('2026-01-02T00:00:00Z') + duration({minutes: n}),
  accepted_at: datetime('2026-01-03T00:00:00Z'), properties: '{}'})
CREATE (t)-[:OF]->(r)
"""


async def test_a_profiles_visits(world: Any, ask: Any) -> None:
    await world.write(_LATER)
    profile = (await ask(SESSIONS, first=1))["data"]["profile"]
    assert profile["sessions"]["edges"][0]["node"] == {
        "id": "mail:0",
        "startedAt": "2026-01-02T00:00:00+00:00",
        "endedAt": "2026-01-02T00:02:00+00:00",
        "seconds": 120.0,
        "touchpointCount": 3,
        "campaign": "spring",
        "channels": ["mail"],
        "firstType": "opened",
        "lastType": "opened",
        "revenue": None,
        "recordKeys": ["crm:1"],
        "complete": True,
    }
    info = profile["sessions"]["pageInfo"]
    assert info["hasNextPage"]
    first = (await ask(SESSIONS, first=1, after=info["endCursor"]))["data"]["profile"]["sessions"]
    node = first["edges"][0]["node"]
    assert (node["touchpointCount"], node["revenue"], node["channels"]) == (40, 80.0, ["web", "store"])
    assert not first["pageInfo"]["hasNextPage"]
    named = [edge["node"]["sessionId"] for edge in profile["journey"]["edges"]]
    assert named == ["web:m00"] * 40 + ["mail:0"] * 3


async def test_what_was_not_known_yet_is_in_no_visit_of_then(world: Any, ask: Any) -> None:
    await world.write(_LATER)
    then = (await ask(SESSIONS, first=5, asOf="2026-01-02T12:00:00Z"))["data"]["profile"]["sessions"]
    assert [edge["node"]["id"] for edge in then["edges"]] == ["web:m00"]
