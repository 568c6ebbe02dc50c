"""A page in a real browser asks GraphQL with a key, and shows what changes while it is open."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.difference import Difference, ProfileState
from graph.memberships import write_difference
from graph.segments import Membership, following
from graph.vocabulary import RecordKind, Role
from tests.clients.conftest import serving

pytestmark = [pytest.mark.store, pytest.mark.flow]


async def _line(lines: asyncio.StreamReader) -> str:
    async with asyncio.timeout(90):
        return (await lines.readline()).decode().strip()


@pytest.fixture
async def key(graph: Graph) -> str:
    ada = ProfileState("p1", RecordKind.PERSON, 1, {"given_name": "Ada"}, "{}", "d")
    await write_difference(graph, Difference(profiles=[ada]))
    await graph.write("MERGE (:Segment {name: 'buyers'})")
    return (await issue_key(graph, Role.READER))[0]


async def test_a_page_asks_and_shows_who_enters_a_segment(
    graph: Graph, pages: str, look: Any, key: str
) -> None:
    app = create_app(ApiSettings(origins=pages), graph)
    async with serving(app) as address, look(f"{pages}/live.html", address, key, "p1") as lines:
        assert [await _line(lines), await _line(lines)] == ["Ada", "listening"]
        while not app.state.services.feed._listeners:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
        at = datetime(2026, 5, 1, tzinfo=UTC)
        entering = following(
            Membership("buyers", "true", frozenset(RecordKind), {}), ["p1"], at, "facts changed"
        )
        await graph.write(entering.query, **entering.parameters)
        assert await _line(lines) == "Ada entered"


async def test_a_page_of_an_origin_that_is_not_named_is_refused(
    graph: Graph, pages: str, look: Any, key: str
) -> None:
    app = create_app(ApiSettings(), graph)
    async with serving(app) as address, look(f"{pages}/live.html", address, key, "p1") as lines:
        assert [await _line(lines), await _line(lines)] == ["", "refused"]
