"""The change feed in GraphQL and over HTTP: pages, positions, waiting."""

import asyncio

import orjson
import pytest

from graph.changes import end_of_feed
from graph.connection import Graph
from graph.difference import Difference, ProfileState
from graph.ledger import IdentityEvent
from graph.memberships import write_difference
from graph.vocabulary import IdentityChange, RecordKind, Role

pytestmark = pytest.mark.store

_PAGE = """query($since: String, $first: Int!) { changes(since: $since, first: $first) {
  items { position kind change segment profileId profile { id redirectedFrom } } next more } }"""


async def settle(graph: Graph, *ids: str) -> None:
    """What a resolve pass writes of new profiles."""
    states = [ProfileState(one, RecordKind.PERSON, 1, {"given_name": "Ada"}, "{}", "d") for one in ids]
    events = [IdentityEvent(one, IdentityChange.CREATED, "test") for one in ids]
    await write_difference(graph, Difference(profiles=states, events=events))


async def test_graphql_pages_from_a_position(ask, graph: Graph):
    await settle(graph, "n1", "n2")
    first = (await ask(_PAGE, first=3))["data"]["changes"]
    assert [one["kind"] for one in first["items"]] == ["IDENTITY", "IDENTITY", "PROFILE"]
    assert first["items"][2]["profile"] == {"id": "n1", "redirectedFrom": None}
    assert first["more"] is True
    assert first["next"] == first["items"][2]["position"]
    second = (await ask(_PAGE, first=3, since=first["next"]))["data"]["changes"]
    assert [one["profileId"] for one in second["items"]] == ["n2"]
    assert (second["more"], second["next"]) == (False, "1")
    assert (await ask(_PAGE, first=3, since="now"))["data"]["changes"]["items"] == []


async def test_http_answers_the_same_as_json_and_as_lines(client, graph: Graph):
    await settle(graph, "n1")
    reader = await client(Role.READER)
    page = (await reader.get("/v1/changes")).json()
    assert [(one["kind"], one["profile_id"]) for one in page["items"]] == [
        ("identity", "n1"),
        ("profile", "n1"),
    ]
    lines = await reader.get("/v1/changes", headers={"accept": "application/x-ndjson"})
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    *items, end = map(orjson.loads, lines.text.splitlines())
    assert items == page["items"]
    assert end == {"next": page["next"], "more": False}
    some = (await reader.get("/v1/changes", params={"kinds": "profile", "since": "0", "limit": 1})).json()
    assert [one["kind"] for one in some["items"]] == ["profile"]


async def test_a_client_that_waits_hears_of_the_next_change(client, graph: Graph):
    reader = await client(Role.READER)
    since = (await end_of_feed(graph)).text()
    asking = asyncio.create_task(reader.get("/v1/changes", params={"since": since, "wait": 25}))
    empty = await reader.get("/v1/changes", params={"since": since})
    assert empty.json() == {"items": [], "next": since, "more": False}
    await settle(graph, "n1")
    assert [one["profile_id"] for one in (await asking).json()["items"]] == ["n1", "n1"]


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "nonsense"},
        {"since": "-1"},
        {"since": "9" * 400},
        {"since": "99"},
        {"kinds": "profile,cats"},
        {"limit": "0"},
        {"limit": "1001"},
        {"wait": "nan"},
        {"wait": "31"},
    ],
)
async def test_what_cannot_be_asked_is_refused(client, graph: Graph, asked):
    response = await (await client(Role.READER)).get("/v1/changes", params=asked)
    assert (response.status_code, response.json()["code"]) == (400, "input_unusable")
    assert "cats" not in response.text


async def test_write_keys_and_strangers_read_no_changes(client, graph: Graph):
    assert (await (await client(None)).get("/v1/changes")).status_code == 401
    assert (await (await client(Role.INGEST)).get("/v1/changes")).status_code == 403
