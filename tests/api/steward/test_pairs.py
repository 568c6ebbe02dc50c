"""The page of two records: both sides, the waterfall with its numbers, the answers with their effect first."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from api.waterfalls import Line, Step, Waterfall
from graph.vocabulary import Role

HOSTILE = "<img src=x onerror=alert(1)>"
KEY = 'crm:a/b c?d&e#f:"<b>%41'

Browser = Callable[[Role], Awaitable[httpx.AsyncClient]]


def between(left: str, right: str, part: str = "") -> str:
    return f"/steward/pairs{part}?left={quote(left, safe='')}&right={quote(right, safe='')}"


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_a_pair_is_explained_and_judged(sign_in: Browser) -> None:
    steward = await sign_in(Role.STEWARD)
    page = (await steward.get(between("crm:1", KEY))).text
    assert "Are these two one?" in page
    assert page.count('class="differs"') == 2  # the cities
    assert "any two records" in page
    assert "ada@example.org" in page
    assert "<b>" not in page
    drawn = re.search(r"<svg class=\"plot waterfall\".*?</svg>", page, re.DOTALL)
    assert drawn
    ET.fromstring(drawn.group())
    form = {
        "act": "judge",
        "left": "crm:1",
        "right": KEY,
        "verdict": "DIFFERENT",
        "next": between("crm:1", KEY),
    }
    dialog = (await steward.post("/steward/decisions/rehearse", data=form)).text
    assert "becomes a profile of its own" in dialog
    token = re.search(r'name="token" value="([^"]+)"', dialog)
    assert token
    done = await steward.post(
        "/steward/decisions/carry-out", data={**form, "token": token.group(1), "reason": "two people"}
    )
    there = done.headers["hx-redirect"]
    assert "&done=" in there
    after = (await steward.get(there)).text
    assert "two people" in after
    assert "in two profiles today" in after


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_hostile_pairs_and_unknown_ones(sign_in: Browser) -> None:
    reader = await sign_in(Role.READER)
    page = (await reader.get(between("crm:h0", "crm:h1"))).text
    assert "<img" not in page.lower()
    assert ">49<" not in page
    assert 'data-key="s"' not in page
    part = (await reader.get(between("crm:h0", "crm:h1", "/waterfall"))).text
    assert "<html" not in part
    assert "waterfall" in part
    assert (await reader.get(between("crm:h0", "crm:nobody"))).status_code == 404
    assert (await reader.get(between("crm:h0", "crm:h0"))).status_code == 400
    analyst = await sign_in(Role.ANALYST)
    assert (await analyst.get(between("crm:h0", "crm:h1"))).status_code == 403


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_two_chosen_records_lead_to_their_page(sign_in: Browser) -> None:
    steward = await sign_in(Role.STEWARD)
    answer = await steward.get("/steward/pairs/chosen", params={"part": ["crm:1", KEY]})
    page = await steward.get(answer.headers["hx-redirect"])
    assert "Are these two one?" in page.text
    assert (await steward.get("/steward/pairs/chosen", params={"part": ["crm:1"]})).status_code == 400


def test_a_waterfall_goes_from_the_prior_to_the_weight() -> None:
    steps = [
        Step("any two records", -10.0, -10.0),
        Step(f"name: {HOSTILE}", 12.0, 2.0),
        Step("city", -1.0, 1.0),
    ]
    drawn = ET.fromstring(Waterfall(steps, [Line("possible", -4.0), Line("match", 0.0)]).svg)
    bars = list(drawn.iter("rect"))
    assert [one.get("class") for one in bars] == ["different", "same", "different", "sum"]
    ends = [(float(one.get("x", 0)), float(one.get("width", 0))) for one in bars]
    assert ends[1][0] == pytest.approx(ends[0][0], abs=0.2)  # begins where the prior ended
    assert ends[2][0] + ends[2][1] == pytest.approx(ends[1][0] + ends[1][1], abs=0.2)
    words = "".join(drawn.itertext())
    assert HOSTILE in words
    assert "+12.0" in words
    assert "possible" in words
