"""The search's pages: hits with their certainty, the one who is meant at once, nothing of the data executed."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def browser(world: Graph) -> AsyncIterator[httpx.AsyncClient]:
    await world.write("MATCH (p:Profile {id: 'p2'}) SET p.given_name = $name", name=f"Bob {HOSTILE}")
    await world.read("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh() RETURN 1 AS done")
    transport = httpx.ASGITransport(create_app(ApiSettings(), world))
    async with httpx.AsyncClient(transport=transport, base_url="http://steward.test") as client:
        yield client


async def enter(browser: httpx.AsyncClient, graph: Graph, role: Role = Role.STEWARD) -> str:
    """Sign in; answers the first page."""
    key, _ = await issue_key(graph, role)
    await browser.post("/steward/sign-in", data={"key": key})
    page = (await browser.get("/steward/")).text
    found = re.search(r'<meta name="secret" content="([^"]+)">', page)
    assert found
    browser.headers["x-onefold-secret"] = found.group(1)
    return page


async def test_hits_say_how_sure_they_are_and_are_only_text(browser, graph) -> None:
    assert 'role="combobox"' in await enter(browser, graph)
    found = (await browser.post("/steward/search", data={"text": "bo"})).text
    assert "possible" in found
    assert "begins like this: given name" in found
    assert HOSTILE not in found
    assert "&lt;img src=x" in found
    options = (await browser.post("/steward/search/as-typed", data={"text": "bo"})).text
    assert options.count('role="option"') == 1
    assert HOSTILE not in options


async def test_a_whole_identifier_of_one_profile_opens_it(browser, graph) -> None:
    await enter(browser, graph)
    opened = await browser.post("/steward/search", data={"text": "ada@example.org"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/steward/people/p1")
    shared = (await browser.post("/steward/search", data={"text": "family@example.org"})).text
    assert shared.count("Shared by 2 profiles.") == 2
    nobody = (await browser.post("/steward/search", data={"text": f"nobody {HOSTILE}"})).text
    assert "Nobody was found" in nobody
    assert HOSTILE not in nobody


async def test_who_may_not_search_has_no_box(browser, graph) -> None:
    assert 'role="combobox"' not in await enter(browser, graph, Role.ANALYST)
    assert (await browser.post("/steward/search", data={"text": "bo"})).status_code == 403
