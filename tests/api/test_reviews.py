"""The queue from outside: pages of it, who takes care of what, and two stewards on one pair at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.facts import SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.reviewing import ReviewSettings, catch_up
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

REVIEWS = """
query($first: Int, $after: String, $where: ReviewFilter) { reviews(first: $first, after: $after, where: $where) {
  edges { node {
    key kind question together reason probabilityOfError expectedCost unsure sources assignedTo snoozedUntil
    exposure { segments consents purchases revenue cost } profiles { id }
    leftRecord { attributes { givenName } } rightRecord { attributes { givenName } }
  } }
  pageInfo { hasNextPage endCursor }
} }
"""
COUNTS = "{ reviewCounts { kinds { kind count } mine snoozed waiting } }"
ASSIGN = "mutation($keys: [ID!]!, $to: String) { assignReviews(keys: $keys, to: $to) { key assignedTo assignedBy } }"
SNOOZE = "mutation($keys: [ID!]!, $until: DateTime) { snoozeReviews(keys: $keys, until: $until) { key snoozedUntil } }"
JUDGE = """
mutation($left: ID!, $right: ID!, $verdict: Verdict!, $token: String) {
  judge(judgements: [{left: $left, right: $right, verdict: $verdict}], reason: "seen", token: $token) { applied token }
}
"""


class Steward:
    """GraphQL as one steward."""

    def __init__(self, client: httpx.AsyncClient, key_id: str) -> None:
        self.client = client
        self.key_id = key_id

    async def ask(self, query, **variables):
        answer = await self.client.post("/graphql", json={"query": query, "variables": variables})
        return answer.json()

    async def reviews(self, **variables):
        found = (await self.ask(REVIEWS, **variables))["data"]["reviews"]
        return [edge["node"] for edge in found["edges"]], found["pageInfo"]

    async def keys(self, **where):
        return [one["key"] for one in (await self.reviews(first=100, where=where))[0]]

    async def judge(self, key, verdict, token=None):
        left, right = key.split("|")
        return await self.ask(JUDGE, left=left, right=right, verdict=verdict, token=token)


@pytest.fixture
async def stewards(graph):
    """Ann and Bob, on a graph with three reviews: pairs of namesakes that share nothing but a name."""
    await graph.write("MATCH (n:Installation) REMOVE n.reviewed_by")
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for number in range(3):
        for source, given in (("crm", "Gretchen"), ("web", "Greta")):
            said = {"given_name": given, "surname": ("Holm", "Rask", "Vik")[number]}
            one = SourceRecord(source, str(number), RecordKind.PERSON, said, content_hash=f"{said}")
            await write_records(graph, [one])
    await resolve(graph, ResolutionSettings())
    await catch_up(graph, ReviewSettings())
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    opened = []
    for _ in range(2):
        key, stored = await issue_key(graph, Role.STEWARD)
        headers = {"authorization": f"Bearer {key}"}
        client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
        opened.append(Steward(client, stored.id))
    yield opened
    for one in opened:
        await one.client.aclose()


async def test_the_queue_comes_page_by_page_the_most_expensive_first(stewards) -> None:
    ann, _ = stewards
    whole, _ = await ann.reviews(first=100)
    assert len(whole) == 3
    costs = [one["expectedCost"] for one in whole]
    assert costs == sorted(costs, reverse=True)
    assert {one["kind"] for one in whole} == {"WEAK"}
    first = whole[0]
    assert first["question"].startswith("Does this profile hold two people?")
    assert first["together"]
    assert len(first["profiles"]) == 1
    assert first["expectedCost"] == pytest.approx(first["probabilityOfError"] * (1 + 0 + 1))
    assert {first[side]["attributes"]["givenName"] for side in ("leftRecord", "rightRecord")} == {
        "Greta",
        "Gretchen",
    }
    paged, after = [], None
    for _ in whole:
        page, info = await ann.reviews(first=1, after=after)
        paged += page
        after = info["endCursor"]
    assert paged == whole
    assert not info["hasNextPage"]


async def test_bulk_assigning_and_snoozing(stewards) -> None:
    ann, bob = stewards
    keys = await ann.keys()
    done = await ann.ask(ASSIGN, keys=[*keys[:2], "gone|away"], to="me")
    assert {one["key"] for one in done["data"]["assignReviews"]} == set(keys[:2])
    assert {one["assignedTo"] for one in done["data"]["assignReviews"]} == {ann.key_id}
    assert (await ann.keys(assignedTo="me"), await bob.keys(assignedTo="me")) == (keys[:2], [])
    assert await bob.keys(assignedTo=ann.key_id) == keys[:2]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await bob.ask(SNOOZE, keys=keys[:1], until=tomorrow)
    assert (await ann.keys(), await ann.keys(snoozed=True)) == (keys[1:], keys[:1])
    counts = (await ann.ask(COUNTS))["data"]["reviewCounts"]
    assert {one["kind"]: one["count"] for one in counts["kinds"]}["WEAK"] == 3
    assert (counts["mine"], counts["snoozed"], counts["waiting"]) == (2, 1, 0)
    await bob.ask(SNOOZE, keys=keys[:1])
    await ann.ask(ASSIGN, keys=keys)
    assert (await ann.keys(), await ann.keys(assignedTo="me")) == (keys, [])
    assert await ann.keys(source="web") == keys
    assert await ann.keys(source="shop") == await ann.keys(kinds=["POSSIBLE"]) == []


@pytest.mark.parametrize("second", ["SAME", "DIFFERENT"])
async def test_of_two_stewards_on_one_pair_one_decides_and_the_other_is_told_who(stewards, second) -> None:
    ann, bob = stewards
    key = (await ann.keys())[0]
    shown = [await one.judge(key, verdict) for one, verdict in ((ann, "DIFFERENT"), (bob, second))]
    tokens = [one["data"]["judge"]["token"] for one in shown]
    answers = await asyncio.gather(ann.judge(key, "DIFFERENT", tokens[0]), bob.judge(key, second, tokens[1]))
    done = [one for one in answers if "errors" not in one]
    refused = [(who, one["errors"][0]) for who, one in zip(stewards, answers, strict=True) if "errors" in one]
    assert [one["data"]["judge"]["applied"] for one in done] == [True]
    [(loser, error)] = refused
    winner = bob if loser is ann else ann
    assert winner.key_id in error["message"]
    same = second == "DIFFERENT"
    assert error["extensions"]["code"] == ("decision_refused" if same else "decision_stale")
    assert ("judged already" if same else "The last word on these records") in error["message"]
    assert key not in await loser.keys()


async def test_what_is_not_well_put_is_refused(stewards) -> None:
    ann, _ = stewards
    wrong = [
        await ann.ask(REVIEWS, after="x"),
        await ann.ask(REVIEWS, first=101),
        await ann.ask(ASSIGN, keys=[], to="me"),
        await ann.ask(ASSIGN, keys=["a|b"] * 1_001, to="me"),
        await ann.ask(ASSIGN, keys=["a|b"], to=" " * 201),
    ]
    assert {one["errors"][0]["extensions"]["code"] for one in wrong} == {"input_unusable"}
    assert (await ann.ask('{ review(key: "gone|away") { key } }'))["data"] == {"review": None}
