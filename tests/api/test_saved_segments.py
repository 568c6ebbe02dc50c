"""Segments through GraphQL: tried out, saved, explained, compared and forgotten."""

from typing import Any

import pytest

from graph.connection import Graph
from graph.vocabulary import Role
from insight.definitions import Definitions
from insight.following import catch_up
from tests.api.conftest import Ask, Client

pytestmark = pytest.mark.store

SAVE = """mutation ($name: String!, $segment: SegmentInput!) {
  saveSegment(name: $name, segment: $segment) { name author stale count rule } }"""
PREVIEW = "query ($segment: SegmentInput!) { previewSegment(segment: $segment) { count of sample { id } } }"
WHY = """query ($segment: String!, $id: ID!) { whySegment(segment: $segment, profileId: $id) {
  belongs kindFits rule { holds clause parts { holds value clause } } } }"""
PAGES = {"touchpoints": {"types": ["page_view"], "countAtLeast": 3}}
HOUSED = {"attribute": {"name": "city", "exists": True}}
SHOPPERS = {"description": "Looks and lives somewhere", "rule": {"all": [PAGES, HOUSED]}}
BOB = {"attribute": {"name": "given_name", "equals": "Bob"}}
HISTORY = '{ profile(id: "p1") { segmentHistory { segment cause until leftCause } } }'
ALIKE = """query ($segment: String!) { lookAlikes(segment: $segment, size: 1) {
  seedCount comparedCount found { profileId similarity } sizes { size similarity } } }"""
OVERLAPS = '{ segmentOverlaps(names: ["people", "bobs"]) { leftCount rightCount count jaccard lift } }'


def code(answer: dict[str, Any]) -> str:
    return answer["errors"][0]["extensions"]["code"]


async def test_a_preview_counts_and_shows_and_writes_nothing(ask: Ask) -> None:
    found = (await ask(PREVIEW, segment=SHOPPERS))["data"]["previewSegment"]
    assert found == {"count": 1, "of": 3, "sample": [{"id": "p1"}]}
    assert [one["name"] for one in (await ask("{ segments { name } }"))["data"]["segments"]] == ["buyers"]


async def test_a_saved_segment_is_followed_explained_and_forgotten(ask: Ask, world: Graph) -> None:
    saved = (await ask(SAVE, name="shoppers", segment=SHOPPERS))["data"]["saveSegment"]
    assert saved["author"]
    assert saved["stale"] == "segment defined"
    await catch_up(world, Definitions())
    found = (await ask(HISTORY))["data"]["profile"]["segmentHistory"][0]
    assert found == {"segment": "shoppers", "cause": "segment defined", "until": None, "leftCause": None}
    why = (await ask(WHY, segment="shoppers", id="p1"))["data"]["whySegment"]
    assert why["belongs"]
    assert [part["value"] for part in why["rule"]["parts"]][1] == {"value": "London"}
    assert why["rule"]["parts"][0]["value"]["count"] == 32
    why = (await ask(WHY, segment="shoppers", id="p2"))["data"]["whySegment"]
    assert [why["belongs"], why["kindFits"], why["rule"]["holds"]] == [False, True, False]
    assert (await ask('mutation { forgetSegment(name: "shoppers") }'))["data"]["forgetSegment"]
    await catch_up(world, Definitions())
    found = (await ask(HISTORY))["data"]["profile"]["segmentHistory"][0]
    assert (found["segment"], found["leftCause"]) == ("shoppers", "segment removed")
    assert found["until"]


async def test_a_segment_that_others_refer_to_stays(ask: Ask) -> None:
    await ask(SAVE, name="shoppers", segment=SHOPPERS)
    await ask(SAVE, name="others", segment={"description": "-", "rule": {"not": {"segment": "shoppers"}}})
    assert code(await ask('mutation { forgetSegment(name: "shoppers") }')) == "input_unusable"
    circle = {"description": "-", "rule": {"segment": "others"}}
    assert code(await ask(SAVE, name="shoppers", segment=circle)) == "input_unusable"


WRONG = [
    {"attribute": {"name": "shoe_size", "exists": True}},
    {"touchpoints": {"types": ["x"]}},
    {"segment": "nowhere"},
    {"sequence": {"steps": [{"types": ["a"]}]}},
]


@pytest.mark.parametrize("rule", WRONG)
async def test_rules_that_do_not_fit_are_refused(ask: Ask, rule: dict[str, Any]) -> None:
    assert code(await ask(PREVIEW, segment={"description": "-", "rule": rule})) == "input_unusable"


async def test_every_form_of_rule_can_be_asked(ask: Ask) -> None:
    forms: list[dict[str, Any]] = [
        {
            "sequence": {
                "steps": [{"types": ["page_view"]}, {"types": ["purchase"], "absent": True, "withinDays": 7}]
            }
        },
        {"nearby": {"way": "CONTACT", "who": BOB}},
        {"nearby": {"way": "DEVICE", "hops": 2, "who": PAGES}},
        {"nearby": {"way": "HOUSEHOLD", "who": {"nearby": {"way": "CONTACT", "who": PAGES}}}},
        {"consent": {"purpose": "marketing", "answer": "UNKNOWN"}},
        {"any": [{"not": {"all": []}}]},
    ]
    for rule, count in zip(forms, [1, 2, 0, 0, 3, 0], strict=True):
        found = await ask(PREVIEW, segment={"description": "-", "rule": rule})
        assert found["data"]["previewSegment"]["count"] == count


async def test_overlaps_tell_count_jaccard_and_lift(ask: Ask, world: Graph) -> None:
    people = {"description": "-", "kinds": ["PERSON"], "rule": {"all": []}}
    await ask(SAVE, name="people", segment=people)
    await ask(SAVE, name="bobs", segment={"description": "-", "rule": BOB})
    await catch_up(world, Definitions())
    found = (await ask(OVERLAPS))["data"]["segmentOverlaps"]
    assert found == [{"leftCount": 1, "rightCount": 2, "count": 1, "jaccard": 0.5, "lift": 1.5}]


async def test_an_analyst_sees_no_values(world: Graph, ask: Ask, client: Client) -> None:
    await ask(SAVE, name="shoppers", segment=SHOPPERS)
    analyst = await client(Role.ANALYST)
    body = {"query": WHY, "variables": {"segment": "shoppers", "id": "p1"}}
    why = (await analyst.post("/graphql", json=body)).json()["data"]["whySegment"]
    assert {str(part["value"]) for part in why["rule"]["parts"]} == {"{'redacted': 'PERSONAL'}"}


async def test_look_alikes_tell_their_similarity(ask: Ask, world: Graph) -> None:
    await ask(SAVE, name="bobs", segment={"description": "-", "rule": BOB})
    await catch_up(world, Definitions())
    found = (await ask(ALIKE, segment="bobs"))["data"]["lookAlikes"]
    assert (found["seedCount"], found["comparedCount"], len(found["found"])) == (1, 2, 1)
    assert found["found"][0]["similarity"] == found["sizes"][0]["similarity"]
    assert code(await ask(ALIKE, segment="nowhere")) == "not_found"


async def test_who_may_not_see_a_name_may_not_ask_for_it_in_a_rule(world: Graph, client: Client) -> None:
    analyst = await client(Role.ANALYST)
    among_others = {"any": [PAGES, {"not": {"all": [BOB]}}]}
    nearby = {"nearby": {"way": "DEVICE", "who": BOB}}
    for rule, refused in ((BOB, True), (among_others, True), (nearby, True), (HOUSED, False), (PAGES, False)):
        variables = {"segment": {"description": "Try", "rule": rule}, "name": "tried"}
        for query in (PREVIEW, SAVE):
            answer = (await analyst.post("/graphql", json={"query": query, "variables": variables})).json()
            assert ("errors" in answer) == refused
            assert not refused or code(answer) == "permission_denied"
