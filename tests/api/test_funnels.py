"""Funnels and paths in GraphQL: a client's and the configuration's, on the copy for analysis."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

CONFIGURATION = """
[funnels.buying]
description = "From looking to buying"
steps = [{ types = ["page_view"] }, { types = ["purchase"] }]
"""
REPORT = """{
  whole { stages { step profiles share shareOfPrevious } medianSeconds } groups { group stages { profiles } } copiedAt
}"""


@pytest.fixture
async def post(world: Graph, tmp_path: Path) -> AsyncIterator[Any]:
    """Asks an app with a funnel in its configuration; with a role, as somebody of that role."""
    (tmp_path / "onefold.toml").write_text(CONFIGURATION, encoding="utf-8")
    app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), world)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:

        async def ask(query: str, role: Role = Role.ANALYST) -> Any:
            key, _ = await issue_key(world, role)
            headers = {"authorization": f"Bearer {key}"}
            return (await client.post("/graphql", json={"query": query}, headers=headers)).json()

        yield ask
    await app.state.services.analysis.close()


async def test_a_funnel_of_the_configuration(post: Any) -> None:
    assert (await post("{ funnels { name description steps } }"))["data"]["funnels"] == [
        {"name": "buying", "description": "From looking to buying", "steps": ["page_view", "purchase"]}
    ]
    answer = await post(f'{{ measureFunnel(name: "buying", by: SEGMENT) {REPORT} }}')
    found = answer["data"]["measureFunnel"]
    assert found["whole"] == {
        "stages": [
            {"step": "page_view", "profiles": 1, "share": 1.0, "shareOfPrevious": None},
            {"step": "purchase", "profiles": 1, "share": 1.0, "shareOfPrevious": 1.0},
        ],
        "medianSeconds": 1.0,
    }
    assert found["groups"] == [{"group": "buyers", "stages": [{"profiles": 1}, {"profiles": 1}]}]


async def test_a_funnel_of_a_client(post: Any) -> None:
    definition = """{ steps: [{ types: ["page_view"], channels: ["store"] }, { types: ["refund"] }] }"""
    found = (await post(f"{{ measureFunnel(definition: {definition}, by: CHANNEL) {REPORT} }}"))["data"]
    assert [stage["profiles"] for stage in found["measureFunnel"]["whole"]["stages"]] == [1, 0]
    assert found["measureFunnel"]["whole"]["medianSeconds"] is None
    empty = f'{{ measureFunnel(name: "buying", until: "1999-01-01T00:00:00Z") {REPORT} }}'
    stages = (await post(empty))["data"]["measureFunnel"]["whole"]["stages"]
    assert [(stage["profiles"], stage["share"]) for stage in stages] == [(0, None), (0, None)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('name: "nothing"', "not_found"),
        ('name: "buying", definition: { steps: [] }', "input_unusable"),
        ('definition: { steps: [{ types: ["a"] }] }', "input_unusable"),
        ('definition: { steps: [{ types: ["a"] }, { types: ["b"], optional: true }] }', "input_unusable"),
        ('name: "buying", since: "0001-01-01T00:00:00+23:00"', "input_unusable"),
    ],
)
async def test_what_is_no_funnel_is_refused(post: Any, arguments: str, code: str) -> None:
    answer = await post(f"{{ measureFunnel({arguments}) {{ copiedAt }} }}")
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_paths_and_what_comes_next(post: Any) -> None:
    query = """{
      commonPaths(wanted: { length: 3 }) { paths { types sessions profiles share } }
      transitions(types: ["purchase"]) { transitions { after next count probability } }
      nextTouchpoints(profileId: "p1") { transitions { next } }
      nobody: nextTouchpoints(profileId: "nobody") { copiedAt }
    }"""
    found = (await post(query))["data"]
    assert {tuple(path["types"]): path["sessions"] for path in found["commonPaths"]["paths"]} == {
        ("purchase", "page_view", "purchase"): 1,
        ("purchase",): 1,
    }
    after = found["transitions"]["transitions"]
    assert {(one["next"], one["count"]) for one in after} == {("page_view", 8), (None, 1)}
    assert sum(one["probability"] for one in after) == pytest.approx(1)
    assert {one["next"] for one in found["nextTouchpoints"]["transitions"]} == {"page_view", "purchase", None}
    assert found["nobody"] is None


async def test_who_may_not_analyse_is_told_so(post: Any) -> None:
    answer = await post('{ measureFunnel(name: "buying") { copiedAt } }', Role.CRM)
    assert answer["errors"][0]["extensions"]["code"] == "permission_denied"
