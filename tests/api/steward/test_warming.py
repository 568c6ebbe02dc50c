"""Pages are opened when the service starts: nobody is the first to ask the graph for them."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from api.steward.warming import open_pages
from graph.connection import Graph
from graph.vocabulary import Role
from tests.api.steward.conftest import KEY

pytestmark = pytest.mark.store

_LINK = re.compile(r'<a href="(/steward/[^"]*)"')


async def test_a_steward_is_never_the_first_to_ask(
    crowd: Graph,
    sign_in: Callable[[Role], Awaitable[httpx.AsyncClient]],
    home_of: Callable[[str], Awaitable[str]],
    statements: Counter[str],
) -> None:
    browser = await sign_in(Role.STEWARD)
    home = f"/steward/people/{await home_of(KEY)}"
    before = set(statements)
    opened = await open_pages(create_app(ApiSettings(), crowd).state.workbench, crowd)
    assert set(opened.values()) == {200}
    asked = before | set(statements)
    statements.clear()

    navigation = _LINK.findall((await browser.get("/steward/")).text)
    assert len(navigation) == 4
    parts = ("records", "identifiers", "segments", "sessions", "history", "graph")
    pair = f"/steward/pairs?left=crm%3A1&right={quote(KEY, safe='')}"
    for address in (*navigation, home, *(f"{home}/{part}" for part in parts), pair):
        assert (await browser.get(address)).status_code == 200
    await browser.post("/steward/search/as-typed", data={"text": "lovelace"})
    assert statements
    assert set(statements) <= asked


async def test_an_empty_graph_has_pages_too(graph: Graph) -> None:
    opened = await open_pages(create_app(ApiSettings(), graph).state.workbench, graph)
    assert set(opened.values()) == {200}
