"""The quality board: alarms, plots and tables, every one leading to the profiles behind it; measured when asked for."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import LiteralString

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from api.steward import quality_plots as plots
from graph.connection import Graph
from graph.models import publish_model
from graph.resolve_runs import ResolveRun, keep_run
from graph.vocabulary import Role
from resolution.model import default_model
from tests.api.steward.test_session import secret_of, sign_in

DAY = {"compression": 2.0, "notes": [], "measuredAt": "2026-05-20T10:00:00+00:00"}


def test_a_bar_of_several_sizes_leads_to_all_of_them() -> None:
    found = [{"records": size, "profileCount": 10} for size in (1, 7, 8, 400)]
    drawn = plots.sizes(found, "/steward/quality/sizes")
    links = re.findall(r'<a href="([^"]+)"><rect[^>]*><title>([^<]+)', drawn)
    assert links == [
        ("/steward/quality/sizes?least=1&amp;most=1", "1 record: 10 profiles"),
        ("/steward/quality/sizes?least=6&amp;most=10", "6–10 records: 20 profiles"),
        ("/steward/quality/sizes?least=51", "51 and more records: 10 profiles"),
    ]


def test_a_day_on_which_the_model_changed_is_marked() -> None:
    days = [DAY, DAY | {"compression": 3.0, "notes": ["model m2: trained <b>"]}, DAY | {"compression": None}]
    drawn = plots.over_time(days, "compression", "records per profile")
    assert drawn.count("<circle") == 2
    assert drawn.count('class="mark"') == 1
    assert "2026-05-20: 3; model m2: trained &lt;b&gt;" in drawn


def test_one_day_and_no_day_are_drawn_too() -> None:
    assert plots.over_time([DAY], "compression", "records per profile").count("<circle") == 1
    assert plots.over_time([], "compression", "records per profile").count("<circle") == 0
    assert plots.sizes([], "/").count("<rect") == 0
    model = {"histogram": [], "match": 0.0, "possible": -4.0}
    assert plots.weights(model, "/").count("<rect") == 0


_HAPPENED: LiteralString = """
CREATE (:IdentityEvent {id: 'e1', profile_id: 'p1', change: 'merged', at: $at}),
  (:Judgement {id: 'j1', left: 'crm:1', right: 'crm:2', verdict: 'SAME', decision_id: 'd', author: 'a',
    reason: 'r', at: $at})
"""


@pytest.fixture
async def browser(world: Graph) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(ApiSettings(key_seconds=0), world))
    async with httpx.AsyncClient(transport=transport, base_url="http://steward.test") as client:
        yield client


async def measured(browser: httpx.AsyncClient, graph: Graph) -> httpx.Response:
    await publish_model(graph, default_model().version, default_model().to_json(), "ships with Onefold")
    await sign_in(browser, graph)
    empty = await browser.get("/steward/quality")
    assert "Nothing was measured yet" in empty.text
    headers = {"x-onefold-secret": secret_of(empty), "hx-request": "true"}
    answer = await browser.post("/steward/quality/measure", headers=headers)
    assert answer.headers["hx-redirect"] == "/steward/quality"
    return await browser.get("/steward/quality")


@pytest.mark.store
async def test_every_link_of_the_board_shows_profiles(browser: httpx.AsyncClient, world: Graph) -> None:
    await world.write(_HAPPENED, at=datetime.now(UTC) - timedelta(days=1))
    board = await measured(browser, world)
    assert "No alarm: every check is within its threshold." in board.text
    links = {one.replace("&amp;", "&") for one in re.findall(r'href="(/steward/quality/[^"]+)"', board.text)}
    assert {"/steward/quality/checks/largest", "/steward/quality/overlaps?source=crm&other=web"} <= links
    for link in sorted(links):
        shown = await browser.get(link)
        assert shown.status_code == 200, link
        assert "As measured" in shown.text
    largest = (await browser.get("/steward/quality/checks/largest")).text
    assert '<a href="/steward/people/p1"><bdi>Ada Lovelace</bdi></a>' in largest
    sizes = (await browser.get("/steward/quality/sizes?least=3&most=3")).text
    assert "1 profile of 3 records" in sizes
    assert "/steward/people/p2" not in sizes


_HOSTILE: LiteralString = """
MATCH (p:Profile {id: 'p1'}), (r:SourceRecord {key: 'web:9'})
SET p.given_name = '<img src=x onerror=alert(1)>', r.source = 'w&b=<i>"/ %2F é'
"""


@pytest.mark.store
async def test_hostile_names_are_text_and_links_lead_on(browser: httpx.AsyncClient, world: Graph) -> None:
    await world.write(_HOSTILE)
    board = (await measured(browser, world)).text
    assert "<i>" not in board
    links = set(re.findall(r'href="(/steward/quality/overlaps[^"]+)"', board))
    [link] = [one for one in links if "=crm&" in one and "w%26b" in one]
    overlap = await browser.get(unescape(link))
    assert overlap.status_code == 200
    assert "crm and w&amp;b=&lt;i&gt;&#34;/ %2F é" in overlap.text
    assert "&lt;img src=x onerror=alert(1)&gt; Lovelace" in overlap.text
    assert "<img" not in overlap.text


@pytest.mark.store
async def test_what_is_not_there_says_so(browser: httpx.AsyncClient, world: Graph) -> None:
    await sign_in(browser, world)
    early = await browser.get("/steward/quality/checks/largest")
    assert early.status_code == 404
    assert "open the quality board and measure" in early.text
    await measured(browser, world)
    for nowhere in ("overlaps?source=crm&other=nobody", "weights/7", "changes/merged/2020-01-01"):
        assert (await browser.get(f"/steward/quality/{nowhere}")).status_code == 404, nowhere
    assert (await browser.get("/steward/quality/checks/nothing")).status_code == 400


@pytest.mark.store
async def test_an_analyst_sees_figures_and_no_names(browser: httpx.AsyncClient, world: Graph) -> None:
    await measured(browser, world)
    await sign_in(browser, world, Role.ANALYST)
    assert "In quarantine" not in (await browser.get("/steward/quality")).text
    largest = (await browser.get("/steward/quality/checks/largest")).text
    assert "Lovelace" not in largest
    assert "[hidden]" in largest


@pytest.mark.store
async def test_ids_that_changed_are_told_by_resolve(browser: httpx.AsyncClient, world: Graph) -> None:
    at = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
    await keep_run(world, ResolveRun(at, 2.5, "model m2", "m2", 1234, 0, 7, 2, 0, 9, 0.018))
    board = unescape((await measured(browser, world)).text)
    assert "model m2" in board
    assert '<a href="/steward/quality/changes/merged/2026-05-20">7</a>' in board
    assert '9 <span class="quiet">1.8%</span>' in board
