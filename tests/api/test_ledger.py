"""What happened to a profile, from outside: the ledger in pages, the lock, the pins, and who shares an identifier."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

DAWN = datetime(2025, 1, 1, tzinfo=UTC)
HISTORY = """
query ($id: ID!, $first: Int!, $after: String) {
  profile(id: $id) {
    history(first: $first, after: $after) {
      edges { node { change at cause decisionId recordKeys related } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
NAMES = "query ($ids: [ID!]!) { profiles(ids: $ids) { id attributes { givenName } } }"
STANDING = """
query ($id: ID!) {
  profile(id: $id) {
    lock { decisionId author reason expiresAt }
    pins { id attribute value recordKey author reason }
    identifiers { value profileIds }
  }
}
"""
PREPARED = """
mutation ($id: ID!, $token: String) {
  split: splitProfile(id: $id, parts: [["crm:3"]], reason: "another Ada", token: $token) { token decision { id } }
}
"""
LOCK = """
mutation ($id: ID!, $token: String) {
  lock: lockProfile(id: $id, reason: "she rang", expiresAt: "2099-01-01T00:00:00Z", token: $token) {
    token decision { id }
  }
}
"""
PIN = """
mutation ($id: ID!, $token: String) {
  pin: pinValue(id: $id, attribute: "city", value: "Bonn", reason: "moved", token: $token) { token decision { id } }
}
"""

Post = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def post(graph: Graph, client: Callable[[Role], Awaitable[Any]]) -> Post:
    """Asks as a steward, on a graph of three records of Ada."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for number in ("1", "2", "3"):
        ada = {"given_name": "Ada", "surname": "Lovelace", "city": "London"}
        ids = (Identifier("email", "ada@example.org"),)
        record = SourceRecord("crm", number, RecordKind.PERSON, ada, ids, content_hash=number)
        await write_records(graph, [record], DAWN + timedelta(days=int(number)))
        await resolve(graph, ResolutionSettings())
    steward = await client(Role.STEWARD)

    async def ask(query: str, **variables: Any) -> dict[str, Any]:
        answer = (await steward.post("/graphql", json={"query": query, "variables": variables})).json()
        assert "errors" not in answer, answer
        return answer["data"]

    return ask


async def home_of(graph: Graph, key: str) -> str:
    [row] = await graph.read(
        "MATCH (:SourceRecord {key: $key})-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL RETURN p.id AS id",
        key=key,
    )
    return row["id"]


async def carried_out(post: Post, mutation: str, act: str, profile_id: str) -> str:
    token = (await post(mutation, id=profile_id))[act]["token"]
    return (await post(mutation, id=profile_id, token=token))[act]["decision"]["id"]


async def test_the_ledger_comes_in_pages_and_names_decisions(post: Post, graph: Graph) -> None:
    ada = await home_of(graph, "crm:1")
    decision = await carried_out(post, PREPARED, "split", ada)
    seen: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await post(HISTORY, id=ada, first=1, after=after))["profile"]["history"]
        seen += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert [one["change"] for one in seen] == ["SPLIT", "GREW", "GREW", "CREATED"]
    assert [one["decisionId"] for one in seen] == [decision, None, None, None]
    other = await home_of(graph, "crm:3")
    assert seen[0]["related"] == [other]
    known = (await post(NAMES, ids=[other, ada, "nobody", ada]))["profiles"]
    assert [one["id"] for one in known] == [other, ada]
    assert seen[0]["recordKeys"] == ["crm:3"]
    assert [one["at"] for one in seen] == sorted((one["at"] for one in seen), reverse=True)


async def test_a_lock_and_a_pin_are_told_until_they_end(post: Post, graph: Graph) -> None:
    ada = await home_of(graph, "crm:1")
    found = (await post(STANDING, id=ada))["profile"]
    assert (found["lock"], found["pins"]) == (None, [])
    assert found["identifiers"] == [{"value": "ada@example.org", "profileIds": [ada]}]
    decision = await carried_out(post, LOCK, "lock", ada)
    await carried_out(post, PIN, "pin", ada)
    found = (await post(STANDING, id=ada))["profile"]
    assert found["lock"]["decisionId"] == decision
    assert found["lock"]["reason"] == "she rang"
    assert found["lock"]["expiresAt"] == "2099-01-01T00:00:00+00:00"
    [pin] = found["pins"]
    assert (pin["attribute"], pin["value"], pin["recordKey"]) == ("city", "Bonn", "crm:1")
    assert pin["author"] == found["lock"]["author"]
    await graph.write("MATCH (j:Judgement) SET j.until = datetime() REMOVE j.standing")
    await graph.write("MATCH (p:Pin) SET p.until = datetime()")
    found = (await post(STANDING, id=ada))["profile"]
    assert (found["lock"], found["pins"]) == (None, [])


async def test_an_identifier_names_the_other_profiles_that_hold_it(post: Post, graph: Graph) -> None:
    ada = await home_of(graph, "crm:1")
    await carried_out(post, PREPARED, "split", ada)
    [shared] = (await post(STANDING, id=ada))["profile"]["identifiers"]
    assert set(shared["profileIds"]) == {ada, await home_of(graph, "crm:3")}
