"""What was believed at a moment: clusters, journeys and segments of then, and the id of somebody merged away since."""

from datetime import timedelta
from typing import Any

import pytest

from graph.connection import Graph

pytestmark = pytest.mark.store

THEN = """
query ($id: ID!, $asOf: DateTime) {
  profile(id: $id, redirect: false) {
    id
    retiredAt
    cluster(asOf: $asOf) { records { key } identifiers { value } }
    segments(asOf: $asOf) { segment }
    journey(first: 50, asOf: $asOf) { edges { node { key } } }
  }
}
"""
_SPLIT = """
MATCH (r:SourceRecord {key: 'crm:2'})-[m:RESOLVES_TO]->(:Profile {id: 'p1'}) WHERE m.until IS NULL
SET m.until = $at
WITH r MATCH (p:Profile {id: 'p2'}) CREATE (r)-[:RESOLVES_TO {since: $at}]->(p)
WITH p MATCH (p)-[m:IN_SEGMENT]->(:Segment {name: 'buyers'}) SET m.until = $at
"""
START = "2026-01-01T00:00:00Z"
SPLIT = "2026-02-01T00:00:00Z"


@pytest.fixture
async def split(world: Graph) -> Graph:
    """A month later crm:2 goes from Ada (p1) to Bob (p2), who leaves the buyers."""
    rows = await world.read("RETURN datetime($at) AS at", at=SPLIT)
    await world.write(_SPLIT, at=rows[0]["at"])
    return world


async def seen(ask: Any, profile_id: str, as_of: str | None) -> tuple[list[str], list[str], int]:
    found = (await ask(THEN, id=profile_id, asOf=as_of))["data"]["profile"]
    return (
        [record["key"] for record in found["cluster"]["records"]],
        [one["segment"] for one in found["segments"]],
        len(found["journey"]["edges"]),
    )


@pytest.mark.usefixtures("split")
async def test_before_and_after_a_record_moved(ask: Any) -> None:
    ada, bob = ["crm:1", "crm:2", "web:9"], ["crm:3"]
    for then in (START, "2026-01-31T23:59:59Z", "2026-02-01T00:59:59+01:00"):
        assert await seen(ask, "p1", then) == (ada, ["buyers"], 40)
        assert await seen(ask, "p2", then) == (bob, ["buyers"], 1)
    for now in (SPLIT, None, "2030-01-01T00:00:00Z"):
        assert await seen(ask, "p1", now) == (["crm:1", "web:9"], ["buyers"], 27)
        assert await seen(ask, "p2", now) == (["crm:2", "crm:3"], [], 14)
    assert await seen(ask, "p1", "2025-12-31T23:59:59Z") == ([], [], 0)


@pytest.mark.usefixtures("split")
async def test_who_was_in_a_segment_then(ask: Any) -> None:
    members = 'query ($asOf: DateTime) { segment(name: "buyers") { profiles(asOf: $asOf) { edges { node { id } } } } }'
    for then, expected in ((START, ["p1", "p2", "p3"]), (None, ["p1", "p3"])):
        found = (await ask(members, asOf=then))["data"]["segment"]["profiles"]["edges"]
        assert [edge["node"]["id"] for edge in found] == expected


async def test_an_id_that_was_merged_away_answers_for_itself_when_asked_to(world: Graph, ask: Any) -> None:
    await world.write(
        "MATCH (:SourceRecord {key: 'crm:2'})-[m:RESOLVES_TO]->(:Profile {id: 'p0'}) SET m.since = $at",
        at=(await world.read("RETURN datetime('2025-06-01T00:00:00Z') AS at"))[0]["at"] - timedelta(0),
    )
    found = (await ask(THEN, id="p0", asOf="2025-07-01T00:00:00Z"))["data"]["profile"]
    assert (found["id"], found["retiredAt"] is None) == ("p0", False)
    assert [record["key"] for record in found["cluster"]["records"]] == ["crm:2"]
    assert found["journey"]["edges"] == []  # touchpoints of which nobody knew yet


@pytest.mark.parametrize("field", ["edges { weight }", "health { sentence }"])
async def test_what_is_not_kept_is_refused(ask: Any, field: str) -> None:
    query = f'{{ profile(id: "p1") {{ cluster(asOf: "{START}") {{ {field} }} }} }}'
    assert (await ask(query))["errors"][0]["extensions"]["code"] == "input_unusable"


async def test_an_order_and_what_put_a_touchpoint_there(ask: Any) -> None:
    query = """{ profile(id: "p1") { journey(first: 3, order: OLDEST_FIRST, type: ["purchase", "purchase"]) {
      edges { node { key recordKey via { kind value } device { value } } } pageInfo { endCursor } } } }"""
    found = (await ask(query))["data"]["profile"]["journey"]["edges"]
    assert [edge["node"]["key"] for edge in found] == ["web:m00", "web:m05", "web:m10"]
    shared = [{"kind": "email", "value": "ada@example.org"}]
    assert [edge["node"]["via"] for edge in found] == [shared, [], shared]
    assert {edge["node"]["device"] for edge in found} == {None}
