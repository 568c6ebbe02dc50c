"""Actions as operators see them: what waits, what is dead, and sending it again."""

from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.changes import BEGINNING, Change, Position
from graph.connection import Graph
from graph.deliveries import begin_actions, delivery_of, keep_deliveries, note_outcomes
from graph.vocabulary import ChangeKind, Role
from insight.acting import outcome
from insight.webhooks import Answer
from tests.insight.receiver import SECRET

pytestmark = pytest.mark.store

AT = datetime(2026, 5, 1, tzinfo=UTC)
_TOML = f"""
[actions.call]
on = "segment entered"
segment = "s"
url = "https://crm.example.com/hook?token=hidden"
secret = "{SECRET}"
[actions.call.task]
title = "Call"
"""


@pytest.fixture
async def dead(graph: Graph) -> str:
    """A delivery that is dead, beside one that waits."""
    await begin_actions(graph, ["call"], BEGINNING)
    change = Change(1, ChangeKind.SEGMENT, "s p1 entered", "p1", "entered", AT, "facts changed", "s")
    other = Change(1, ChangeKind.SEGMENT, "s p2 entered", "p2", "entered", AT, "facts changed", "s")
    kept = [delivery_of("call", one, AT) for one in (change, other)]
    await keep_deliveries(graph, "call", kept, Position(1, "segment", "s p2 entered"))
    await note_outcomes(graph, [outcome(kept[0], Answer(410), 10, AT)])
    return kept[0].id


@pytest.fixture
async def post(graph: Graph, tmp_path):
    (tmp_path / "onefold.toml").write_text(_TOML, encoding="utf-8")
    app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph)

    async def ask(role: Role, query: str, **variables) -> dict:
        key, _ = await issue_key(graph, role)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
        ) as client:
            return (await client.post("/graphql", json={"query": query, "variables": variables})).json()

    return ask


async def test_operators_see_actions_and_what_is_dead(post, dead):
    answer = await post(
        Role.ANALYST, "{ actions { name on segment host task waiting delivered dead position } }"
    )
    assert answer["data"]["actions"] == [
        {
            "name": "call",
            "on": "segment entered",
            "segment": "s",
            "host": "crm.example.com",
            "task": True,
            "waiting": 1,
            "delivered": 0,
            "dead": 1,
            "position": "1~segment~s p2 entered",
        }
    ]
    answer = await post(
        Role.ANALYST,
        "{ deliveries(state: DEAD) { edges { node { id state profileId change status attempts finishedAt } } } }",
    )
    [edge] = answer["data"]["deliveries"]["edges"]
    assert edge["node"] == {
        "id": dead,
        "state": "DEAD",
        "profileId": "p1",
        "change": "entered",
        "status": 410,
        "attempts": 1,
        "finishedAt": "2026-05-01T00:00:00+00:00",
    }


async def test_administrators_send_again(post, dead):
    mutation = "mutation($ids: [ID!], $action: String) { replayDeliveries(ids: $ids, action: $action) }"
    refused = await post(Role.ANALYST, mutation, ids=[dead])
    assert refused["errors"][0]["extensions"]["code"] == "permission_denied"
    nothing = await post(Role.ADMIN, mutation)
    assert nothing["errors"][0]["extensions"]["code"] == "input_unusable"
    assert (await post(Role.ADMIN, mutation, ids=[dead]))["data"] == {"replayDeliveries": 1}
    assert (await post(Role.ADMIN, mutation, action="call"))["data"] == {"replayDeliveries": 0}
    counts = await post(Role.ADMIN, "{ actions { waiting dead } }")
    assert counts["data"]["actions"] == [{"waiting": 2, "dead": 0}]


async def test_what_waits_is_a_metric(graph: Graph, dead):
    app = create_app(ApiSettings(), graph)
    key, _ = await issue_key(graph, Role.ADMIN)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as client:
        text = (await client.get("/metrics")).text
    assert 'onefold_deliveries{action="call",state="dead"} 1.0' in text
