"""Stewards' mutations from outside: a dry run first, the token carries it out, and the right roles only."""

from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.facts import Identifier, SourceRecord
from graph.memberships import members_of
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from insight.segments import define_segments, refresh_segments
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

CONFIGURATION = """
[segments.londoners]
description = "Who lives in London"
rule = { attribute = "city", equals = "London" }
"""

_CHANGES = """
  applied token decision { id kind author reason }
  changes {
    judgements { left right verdict }
    profiles { profileId change recordsBefore recordsAfter related }
    moves { recordKey fromProfileId toProfileId }
    values { profileId attribute before after }
    conflicts { left right reason }
    segments { segment profileId enters }
  }
"""


def mutation(variables: str, call: str) -> str:
    return f'mutation({variables}, $token: String) {{ {call}, reason: "a call", token: $token) {{ {_CHANGES} }} }}'


MERGE = mutation("$ids: [ID!]!", "mergeProfiles(ids: $ids")
JUDGE = mutation("$pairs: [JudgementInput!]!", "judge(judgements: $pairs")
UNDO = mutation("$id: ID!", "undoDecision(id: $id")
DETACH = mutation("$id: ID!, $key: ID!", "detachRecord(id: $id, recordKey: $key")
LOCK = mutation("$id: ID!", "lockProfile(id: $id")
DECISIONS = """
query($id: ID!) {
  decisions(profileId: $id) { edges { node { kind author undoes undoneBy judgements { left } } } }
}
"""
JUDGEMENTS = """
query($ended: Boolean!) {
  judgements(recordKey: "crm:3", ended: $ended) { edges { node { verdict until supersededBy } } }
}
"""


class Api:
    """GraphQL as one role, on a graph of three people: p1 (Ada, two records), p2 (Bob) and p3 (Clara)."""

    def __init__(self, client: httpx.AsyncClient, ids: list[str]) -> None:
        self.client = client
        self.ids = ids

    async def ask(self, query, **variables):
        response = await self.client.post("/graphql", json={"query": query, "variables": variables})
        return response.json()

    async def do(self, query, **variables):
        """Dry run, then the same with its token."""
        [shown] = (await self.ask(query, **variables))["data"].values()
        [done] = (await self.ask(query, **variables, token=shown["token"]))["data"].values()
        assert (shown["applied"], shown["decision"], done["applied"]) == (False, None, True)
        assert done["changes"] == shown["changes"]
        return done


@pytest.fixture
async def api(graph, tmp_path):
    def person(number, name, surname, city):
        ids = (Identifier("email", f"{name.lower()}@example.org"),)
        attributes = {"given_name": name, "surname": surname} | ({"city": city} if city else {})
        return SourceRecord("crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=str(number))

    config = tmp_path / "onefold.toml"
    config.write_text(CONFIGURATION)
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    people = [
        ("Ada", "Lovelace", ""),
        ("Ada", "Lovelace", ""),
        ("Bob", "Byron", "London"),
        ("Clara", "Schumann", "Bonn"),
    ]
    for number, one in enumerate(people, 1):
        await write_records(graph, [person(number, *one)], datetime(2025, 1, number, tzinfo=UTC))
    await resolve(graph, ResolutionSettings())
    rows = await graph.read("MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id ORDER BY id")
    rule = {
        "londoners": {"description": "Who lives in London", "rule": {"attribute": "city", "equals": "London"}}
    }
    await refresh_segments(graph, define_segments(rule))
    key, _ = await issue_key(graph, Role.STEWARD)
    transport = httpx.ASGITransport(create_app(ApiSettings(config_file=config), graph))
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield Api(client, [row["id"] for row in rows])


async def test_a_merge_shows_everything_and_then_does_it(api, graph) -> None:
    ada, bob, _ = api.ids
    done = await api.do(MERGE, ids=[ada, bob])
    changes = done["changes"]
    assert [
        (one["profileId"], one["change"], one["recordsBefore"], one["recordsAfter"])
        for one in changes["profiles"]
    ] == [
        (ada, "MERGED", 2, 3),
        (bob, "RETIRED", 1, 0),
    ]
    assert changes["moves"] == [{"recordKey": "crm:3", "fromProfileId": bob, "toProfileId": ada}]
    assert {"profileId": ada, "attribute": "city", "before": None, "after": "London"} in changes["values"]
    assert changes["segments"] == [
        {"segment": "londoners", "profileId": ada, "enters": True},
        {"segment": "londoners", "profileId": bob, "enters": False},
    ]
    answer = await api.ask('{ segment(name: "londoners") { count profiles { edges { node { id } } } } }')
    assert answer["data"]["segment"]["profiles"]["edges"] == [{"node": {"id": ada}}]
    assert (await members_of(graph, [ada]))[ada] == ["crm:1", "crm:2", "crm:3"]


async def test_undo_and_the_list_of_decisions(api) -> None:
    ada, bob, _ = api.ids
    merged = await api.do(MERGE, ids=[ada, bob])
    undone = await api.do(UNDO, id=merged["decision"]["id"])
    answer = await api.ask(DECISIONS, id=bob)
    nodes = [edge["node"] for edge in answer["data"]["decisions"]["edges"]]
    assert [node["kind"] for node in nodes] == ["UNDO", "MERGE"]
    assert nodes[0]["undoes"] == merged["decision"]["id"]
    assert nodes[1]["undoneBy"] == undone["decision"]["id"]
    assert all(node["author"].startswith("key_") for node in nodes)
    assert (await api.ask(JUDGEMENTS, ended=False))["data"]["judgements"]["edges"] == []
    [edge] = (await api.ask(JUDGEMENTS, ended=True))["data"]["judgements"]["edges"]
    assert edge["node"]["supersededBy"] == undone["decision"]["id"]


async def test_errors_have_codes_and_a_contradiction_its_path(api) -> None:
    pair = {"left": "crm:1", "right": "crm:3", "verdict": "SAME"}
    await api.do(JUDGE, pairs=[pair, {"left": "crm:3", "right": "crm:4", "verdict": "SAME"}])
    answer = await api.ask(JUDGE, pairs=[{"left": "crm:4", "right": "crm:1", "verdict": "DIFFERENT"}])
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "judgements_contradict", "records": ["crm:1", "crm:3", "crm:4"]}

    async def code(query, **variables):
        [error] = (await api.ask(query, **variables))["errors"]
        return error["extensions"]["code"]

    assert await code(JUDGE, pairs=[pair]) == "decision_refused"
    assert await code(JUDGE, pairs=[pair | {"right": "crm:nobody"}]) == "not_found"
    assert await code(UNDO, id="nothing") == "not_found"
    assert await code(MERGE, ids=[api.ids[1], "nobody"]) == "not_found"
    assert await code(MERGE, ids=[api.ids[0]]) == "input_unusable"
    assert await code(LOCK, id=api.ids[0], token="guessed") == "decision_stale"


async def test_detach_and_lock(api, graph) -> None:
    ada, *_ = api.ids
    done = await api.do(DETACH, id=ada, key="crm:2")
    assert [(one["left"], one["right"], one["verdict"]) for one in done["changes"]["judgements"]] == [
        ("crm:1", "crm:2", "DIFFERENT")
    ]
    assert [one["reason"] for one in done["changes"]["conflicts"]] == ["judged different"]
    locked = await api.do(LOCK, id=ada)
    assert locked["changes"]["moves"] == []
    judged = await api.do(JUDGE, pairs=[{"left": "crm:1", "right": "crm:3", "verdict": "SAME"}])
    assert judged["changes"]["moves"], "a steward may change what evidence may not"
    assert (await members_of(graph, [ada]))[ada] == ["crm:1", "crm:3"]
