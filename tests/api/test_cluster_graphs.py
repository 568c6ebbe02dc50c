"""A cluster as a picture: what it is made of and hangs by, whom it nearly joined, the same picture each time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.neighbourhood import Judgement
from graph.records import write_records
from graph.vocabulary import RecordKind, Role, Verdict
from resolution.cluster_health import cluster_health
from resolution.judging import JudgedPair, judge_pairs
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

DAWN = datetime(2025, 1, 1, tzinfo=UTC)
SETTINGS = ResolutionSettings()
ADA = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1985-12-10", "postcode": "W1"}
BOB = {"given_name": "Bob", "surname": "Marsh", "birth_date": "1970-01-02", "postcode": "LS1"}
DRAW = """
query ($id: ID!, $nearby: Boolean! = false, $asOf: DateTime) {
  clusterGraph(id: $id, nearby: $nearby, asOf: $asOf) {
    profileId recordCount bridgeCount truncated omissions
    records { key source kind name profileId inside founder articulation x y }
    identifiers { key kind value state reason holderCount otherProfiles x y }
    links { left right kind counts bridge weight probability verdict reason }
  }
}
"""


def record(key: str, *identifiers: tuple[str, str], **attributes: str) -> SourceRecord:
    source, _, number = key.partition(":")
    held = tuple(Identifier(*one) for one in identifiers)
    return SourceRecord(source, number, RecordKind.PERSON, attributes, held, content_hash=key)


@pytest.fixture
async def ada(graph: Graph) -> str:
    """Ada: two records that match, and a third that only a customer number ties to one of them. Bob shares a mailbox
    of a role with her."""
    info = ("email", "info@example.org")
    await write_records(
        graph,
        [
            record("crm:1", ("customer_number", "C1"), info, **ADA),
            record("web:1", ("phone", "+442079460958"), **ADA),
            record("shop:1", ("customer_number", "C1")),
            record("crm:2", info, **BOB),
        ],
        DAWN,
    )
    await resolve(graph, SETTINGS)
    found = await graph.read(
        "MATCH (:SourceRecord {key: 'crm:1'})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL RETURN p.id AS id"
    )
    return found[0]["id"]


@pytest.fixture
async def draw(ada: str, client: Any) -> Any:
    asking = await client(Role.STEWARD)

    async def post(**variables: Any) -> dict[str, Any]:
        body = {"query": DRAW, "variables": {"id": ada, **variables}}
        answer = (await asking.post("/graphql", json=body)).json()
        assert "errors" not in answer, answer
        return answer["data"]["clusterGraph"]

    return post


def links(drawn: dict[str, Any], kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["left"], one["right"]): one for one in drawn["links"] if one["kind"] == kind}


async def test_the_picture_has_all_that_the_cluster_hangs_by(draw, ada, graph) -> None:
    drawn = await draw()
    records = {one["key"]: one for one in drawn["records"]}
    assert drawn["profileId"] == ada
    assert records.keys() == {"crm:1", "web:1", "shop:1"}
    assert records["crm:1"]["name"] == "Ada Lovelace"
    assert [key for key, one in records.items() if one["founder"]] == ["crm:1"]
    matches = links(drawn, "MATCH")
    match = matches["crm:1", "web:1"]
    assert match["counts"]
    assert match["probability"] > 0.9
    kinds = {one["key"]: one["kind"] for one in drawn["identifiers"]}
    held = {(record, kinds[key]) for record, key in links(drawn, "HOLDS")}
    assert ("shop:1", "customer_number") in held
    assert ("web:1", "phone") in held

    shape = (await cluster_health(graph, [ada], SETTINGS))[ada]
    assert {one["key"] for one in records.values() if one["articulation"]} == set(shape.articulation_records)
    assert {(tie.left, tie.right) for tie in shape.bridges} == {("crm:1", "shop:1"), ("crm:1", "web:1")}
    spanning = {(record, kinds[key]) for (record, key), one in links(drawn, "HOLDS").items() if one["bridge"]}
    assert spanning == {("crm:1", "customer_number"), ("shop:1", "customer_number")}
    assert match["bridge"]
    assert drawn["bridgeCount"] == len(shape.bridges)


async def test_a_shared_identifier_says_its_state_and_who_else_holds_it(draw, ada) -> None:
    drawn = await draw()
    [info] = [one for one in drawn["identifiers"] if one["kind"] == "email"]
    assert info["state"] == "BLOCKED"
    assert info["reason"]
    assert info["holderCount"] == 2
    assert len(info["otherProfiles"]) == 1
    assert ada not in info["otherProfiles"]

    near = await draw(nearby=True)
    outside = [one for one in near["records"] if not one["inside"]]
    assert [(one["key"], one["profileId"]) for one in outside] == [("crm:2", info["otherProfiles"][0])]
    assert ("crm:2", info["key"]) in links(near, "HOLDS")


async def test_places_are_in_the_frame_and_always_the_same(draw) -> None:
    drawn = await draw(nearby=True)
    places = [(one["x"], one["y"]) for one in (*drawn["records"], *drawn["identifiers"])]
    assert all(0 <= value <= 1 for place in places for value in place)
    assert len(set(places)) == len(places)
    assert await draw(nearby=True) == drawn


async def test_what_was_judged_is_drawn(draw, graph) -> None:
    pair = JudgedPair(1, Judgement("crm:1", "crm:2", Verdict.DIFFERENT), "two people")
    assert (await judge_pairs(graph, [pair], "a steward", "two people")).judged == 1
    near = await draw(nearby=True)
    [judged] = links(near, "JUDGED").values()
    assert judged["verdict"] == "DIFFERENT"
    assert not judged["counts"]


async def test_of_the_past_it_has_the_records_of_then(draw, graph, ada) -> None:
    before = datetime.now(UTC).isoformat()
    await write_records(graph, [record("late:1", ("customer_number", "C1"))])
    await resolve(graph, SETTINGS)
    assert (await draw())["recordCount"] == 4
    assert {one["key"] for one in (await draw(asOf=before))["records"]} == {"crm:1", "web:1", "shop:1"}


async def test_who_may_not_look_up_may_not_see_it_and_nobody_has_none(ada, client) -> None:
    body = {"query": DRAW, "variables": {"id": ada}}
    analyst = (await (await client(Role.ANALYST)).post("/graphql", json=body)).json()
    assert analyst["errors"][0]["extensions"]["code"] == "permission_denied"
    body["variables"]["id"] = "nobody"
    missing = (await (await client(Role.STEWARD)).post("/graphql", json=body)).json()
    assert missing["errors"][0]["extensions"]["code"] == "not_found"
