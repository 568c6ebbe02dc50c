"""Actions from the feed to the receiver: once each, in the end, or dead and replayed."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from graph.changes import BEGINNING, end_of_feed
from graph.connection import Graph
from graph.deliveries import (
    begin_actions,
    count_deliveries,
    prune_deliveries,
    read_deliveries,
    replay_deliveries,
)
from graph.difference import Difference, ProfileState
from graph.feed import Feed
from graph.memberships import write_difference
from graph.segments import Membership, following
from graph.vocabulary import DeliveryState, RecordKind
from insight.acting import Action, act
from insight.actions import define_actions
from insight.webhooks import Answer, Sender
from tests.insight.receiver import OK, SECRET, receiving, status

pytestmark = pytest.mark.store

AT = datetime(2026, 5, 1, tzinfo=UTC)
_EXTRA = """
MATCH (p:Profile {id: 'a'})
CREATE (:SourceRecord {key: 'crm:1', updated_at: $at, extra: '{"account_manager": "grace@crm.example"}'})
  -[:RESOLVES_TO {since: $at}]->(p)
"""


def action(url: str, **more) -> dict:
    return define_actions({"a": {"on": "profile changed", "url": url, "secret": SECRET, **more}})


async def settle(graph: Graph, *ids: str, name: str = "Ada") -> None:
    told = {"value": name, "record_key": "crm:1", "source": "crm", "rule": "r"}
    golden = json.dumps({"given_name": told})
    states = [ProfileState(one, RecordKind.PERSON, 1, {"given_name": name}, golden, "d") for one in ids]
    await write_difference(graph, Difference(profiles=states))


async def enter(graph: Graph, *ids: str, cause: str = "facts changed") -> None:
    await graph.write("MERGE (:Segment {name: 's'})")
    statement = following(Membership("s", "true", frozenset(RecordKind), {}), ids, AT, cause)
    await graph.write(statement.query, **statement.parameters)


async def begun(graph: Graph, definitions: dict) -> Action:
    positions = await begin_actions(graph, definitions, BEGINNING)
    return Action(graph, "a", definitions["a"], positions["a"])


@asynccontextmanager
async def acting(graph: Graph, definitions: dict):
    """The service's part, on the way."""
    sender, feed = Sender(), Feed(graph)
    task = asyncio.create_task(act(graph, feed, definitions, sender.send))
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sender.close()


async def until(graph: Graph, state: DeliveryState, count: int) -> None:
    async with asyncio.timeout(30):
        while (await count_deliveries(graph))["a"].counts[state] < count:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def test_who_enters_a_segment_is_told_of_with_what_is_known(graph: Graph):
    await settle(graph, "a")
    await graph.write(_EXTRA, at=AT)
    async with receiving() as receiver:
        task = {"title": "Call {profile.given_name}", "assignee": "{extra.account_manager}"}
        fields = ["profile.given_name", "profile.surname", "change.segment"]
        definitions = action(receiver.url, on="segment entered", segment="s", task=task, fields=fields)
        await begin_actions(graph, definitions, await end_of_feed(graph))
        async with acting(graph, definitions):
            await enter(graph, "a")
            [message] = await receiver.hears(1)
            await until(graph, DeliveryState.DELIVERED, 1)
    assert message["type"] == "task.requested"
    assert message["timestamp"] == "2026-05-01T00:00:00Z"
    data = message["data"]
    assert (data["profile_id"], data["segment"], data["cause"]) == ("a", "s", "facts changed")
    assert data["fields"] == {"profile.given_name": "Ada", "profile.surname": None, "change.segment": "s"}
    assert data["task"] == {"title": "Call Ada", "description": "", "assignee": "grace@crm.example"}


async def test_a_failed_attempt_is_made_again_under_the_same_id(graph: Graph):
    async with receiving(status(500), OK) as receiver:
        definitions = action(receiver.url)
        await begin_actions(graph, definitions, await end_of_feed(graph))
        async with acting(graph, definitions):
            await settle(graph, "a")
            first, second = await receiver.hears(2)
            await until(graph, DeliveryState.DELIVERED, 1)
    assert first == second
    assert len(set(receiver.ids)) == 1
    [kept] = await read_deliveries(graph, size=10)
    assert (kept.attempts, kept.status) == (2, 200)


async def test_what_happened_while_nobody_acted_is_told_afterwards(graph: Graph):
    async with receiving() as receiver:
        definitions = action(receiver.url)
        await begin_actions(graph, definitions, await end_of_feed(graph))
        async with acting(graph, definitions):
            await settle(graph, "a")
            await until(graph, DeliveryState.DELIVERED, 1)
        await settle(graph, "b")
        await settle(graph, "c")
        async with acting(graph, definitions):
            heard = await receiver.hears(3)
    assert sorted(one["data"]["profile_id"] for one in heard) == ["a", "b", "c"]


async def test_a_new_action_tells_nothing_of_the_past_and_a_new_segment_nothing_of_its_members(graph: Graph):
    await settle(graph, "a", "b")
    await enter(graph, "a", cause="segment defined")
    definitions = action("https://crm.example.com/", on="segment entered", segment="s")
    first = await begun(graph, definitions)
    assert not await first.collect()
    assert not await read_deliveries(graph, size=10)
    await enter(graph, "b")
    await first.collect()
    assert [one.profile_id for one in await read_deliveries(graph, size=10)] == ["b"]


async def test_collecting_again_after_a_crash_keeps_each_once(graph: Graph):
    await settle(graph, "a", "b")
    definitions = action("https://crm.example.com/")
    await (await begun(graph, definitions)).collect()
    again = Action(graph, "a", definitions["a"], BEGINNING)
    await again.collect()
    assert len(await read_deliveries(graph, size=10)) == 2
    assert not await again.collect()


async def test_what_never_arrives_is_dead_listed_and_replayed(graph: Graph):
    answers = [Answer(410), Answer(200)]

    async def send(*_: object) -> Answer:
        return answers.pop(0)

    await settle(graph, "a")
    one = await begun(graph, action("https://crm.example.com/"))
    await one.collect()
    assert await one.deliver(send) == 1
    [dead] = await read_deliveries(graph, size=10, state=DeliveryState.DEAD)
    assert (dead.status, dead.attempts) == (410, 1)
    assert await one.deliver(send) == 0
    assert await replay_deliveries(graph, datetime.now(UTC), 100, ids=["unknown"]) == 0
    assert await replay_deliveries(graph, datetime.now(UTC), 100, action="a") == 1
    assert await one.deliver(send) == 1
    counts = (await count_deliveries(graph))["a"].counts
    assert counts == {DeliveryState.WAITING: 0, DeliveryState.DELIVERED: 1, DeliveryState.DEAD: 0}


async def test_the_outbox_holds_ids_only_and_forgets(graph: Graph):
    await settle(graph, "a", name="Rumpelstiltskin")
    one = await begun(graph, action("https://crm.example.com/", fields=["profile.given_name"]))
    await one.collect()
    bodies: list[bytes] = []

    async def send(_url: str, _secret: str, _id: str, body: bytes, _seconds: float) -> Answer:
        bodies.append(body)
        return Answer(200)

    await one.deliver(send)
    assert b"Rumpelstiltskin" in bodies[0]
    stored = await graph.read("MATCH (d:Delivery|Action) RETURN properties(d) AS kept")
    assert "Rumpelstiltskin" not in str(stored)
    assert await prune_deliveries(graph, datetime.now(UTC) - timedelta(days=1), 10) == 0
    assert await prune_deliveries(graph, datetime.now(UTC) + timedelta(days=1), 10) == 1
