"""A person's page: what each role sees of it, names that would be markup, acts with their effect first."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.steward.comparing import against_golden, compared, snake
from api.steward.effects import effect
from api.steward.moments import slider
from graph.connection import Graph
from graph.vocabulary import Role

HOSTILE = "<img src=x onerror=alert(1)>"
KEY = 'crm:a/b c?d&e#f:"<b>%41'
PARTS = ("records", "identifiers", "segments", "sessions", "history")
ROLES = (Role.READER, Role.ANALYST, Role.STEWARD, Role.ADMIN, Role.CRM)

Browser = Callable[[Role], Awaitable[httpx.AsyncClient]]
Home = Callable[[str], Awaitable[str]]


class Tags(HTMLParser):
    """The tags and attributes of a page as a browser would read them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def is_tame(page: str) -> bool:
    """Whether nothing of the data became markup, or was worked out by the template."""
    seen = Tags(page)
    no_handler = not any(name.startswith("on") for name in seen.attributes)
    return "img" not in seen.tags and "b" not in seen.tags and no_handler and ">49<" not in page


async def read(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(f"/steward{path}")
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def fields(page: str) -> dict[str, list[str]]:
    """The hidden fields of the dialog."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(unescape(value))
    return found


async def decide(browser: httpx.AsyncClient, act: dict[str, Any]) -> str:
    """Carry an act out through its dialog; answers the address that comes next."""
    dialog = await browser.post("/steward/decisions/rehearse", data=act)
    assert dialog.status_code == 200, dialog.text
    form = {**fields(dialog.text), "reason": "seen on paper"}
    done = await browser.post("/steward/decisions/carry-out", data=form)
    assert done.status_code == 200, done.text
    return done.headers["hx-redirect"]


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("role", ROLES)
async def test_every_role_sees_what_it_may(sign_in: Browser, home_of: Home, role: Role) -> None:
    browser, ada = await sign_in(role), await home_of("crm:1")
    whole = await read(browser, f"/people/{ada}")
    parts = {name: await read(browser, f"/people/{ada}/{name}") for name in PARTS}
    together = whole + "".join(parts.values())
    masked = role is Role.ANALYST
    assert ("Lovelace" in together) != masked
    assert ("ada@example.org" in together) != masked
    assert ("[hidden]" in together) == masked
    deciding = role in {Role.STEWARD, Role.ADMIN}
    for sign in ("Split off the chosen", ">detach<", ">Pin<", 'value="lock"', "Merge with"):
        assert (sign in together) == deciding, sign
    assert ("why here" in together) != masked


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_hostile_names_and_keys_are_text(sign_in: Browser, home_of: Home) -> None:
    steward, ada = await sign_in(Role.STEWARD), await home_of("crm:1")
    for number in range(5):
        other = await home_of(f"crm:h{number}")
        pages = [f"/people/{other}", f"/people/{ada}/compare/{other}"]
        pages += [f"/people/{other}/{part}" for part in PARTS]
        for path in pages:
            assert is_tame(await read(steward, path)), path
    shown = await read(steward, f"/people/{await home_of('crm:h0')}")
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown.lower()
    records = await read(steward, f"/people/{ada}/records")
    assert is_tame(records)
    assert f"record={quote(KEY, safe='')}" in records
    why = await read(steward, f"/people/{ada}/records/why?record={quote(KEY, safe='')}")
    assert is_tame(why)
    assert "It would leave if" in why
    touchpoints = f"/people/{ada}/touchpoints?since=2024-01-01T00:00:00Z&until=2026-01-01T00:00:00Z"
    assert is_tame(await read(steward, touchpoints))
    assert "img src=x" in await read(steward, touchpoints)


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_splitting_off_shows_its_effect_and_comes_back(sign_in: Browser, home_of: Home) -> None:
    steward, ada = await sign_in(Role.STEWARD), await home_of("crm:1")
    act = {"act": "split", "id": ada, "part": [KEY], "next": f"/steward/people/{ada}"}
    dialog = (await steward.post("/steward/decisions/rehearse", data=act)).text
    assert is_tame(dialog)
    assert "1 record leaves Ada Lovelace and becomes a profile of its own." in dialog
    assert "Golden values of" in dialog
    address = await decide(steward, act)
    assert await home_of(KEY) != ada
    page = (await steward.get(address)).text
    assert "Carried out." in page
    history = await read(steward, f"/people/{ada}/history")
    assert "<strong>split</strong>" in history
    decision = address.partition("done=")[2]
    await decide(steward, {"act": "undo", "id": decision, "next": f"/steward/people/{ada}"})
    assert await home_of(KEY) == ada


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_a_record_moves_to_another_profile(sign_in: Browser, home_of: Home) -> None:
    steward, ada, other = await sign_in(Role.STEWARD), await home_of("crm:1"), await home_of("crm:h4")
    form = {"record": KEY, "to": other, "next": f"/steward/people/{ada}"}
    dialog = await steward.post(f"/steward/people/{ada}/move", data=form)
    told = "1 record of Ada Lovelace and 1 record of 😀 Eriksen become one profile, under the id of its oldest record."
    assert told in unescape(dialog.text)
    done = await steward.post(
        "/steward/decisions/carry-out", data={**fields(dialog.text), "reason": "their card"}
    )
    assert done.status_code == 200, done.text
    assert await home_of(KEY) == await home_of("crm:h4")
    assert await home_of("crm:1") == ada
    same = await steward.post(f"/steward/people/{ada}/move", data={**form, "to": ada})
    assert same.status_code == 400


@pytest.mark.store
@pytest.mark.usefixtures("crowd")
async def test_locking_and_pinning_show_until_they_are_taken_back(sign_in: Browser, home_of: Home) -> None:
    steward, ada = await sign_in(Role.STEWARD), await home_of("crm:1")
    there = f"/steward/people/{ada}"
    ends = re.findall(r'<option value="([^"]+)">for 7 days', await read(steward, f"/people/{ada}"))
    await decide(steward, {"act": "lock", "id": ada, "expiresAt": ends, "next": there})
    page = await read(steward, f"/people/{ada}")
    assert "Only stewards change who this is" in page
    assert datetime.fromisoformat(ends[0]).strftime("%d %b %Y, %H:%M") in page
    await decide(steward, {"act": "unlock", "id": ada, "next": there})
    assert "Only stewards" not in await read(steward, f"/people/{ada}")
    asked = await read(steward, f"/people/{ada}/pins?attribute=city")
    assert "See what it changes" in asked
    other = await read(steward, f"/people/{ada}/pins")
    assert '<option value="birth_date">' in other
    assert '<option value="city">' not in other
    await decide(steward, {"act": "pin", "id": ada, "attribute": "city", "value": "Bonn", "next": there})
    assert "<strong>Bonn</strong>" in await read(steward, f"/people/{ada}")
    await decide(steward, {"act": "unpin", "id": ada, "attribute": "city", "next": there})
    assert "Bonn" not in await read(steward, f"/people/{ada}")


@pytest.mark.store
async def test_a_day_before_is_as_it_was_believed(crowd: Graph, sign_in: Browser, home_of: Home) -> None:
    reader, ada = await sign_in(Role.READER), await home_of("crm:1")
    then = datetime.now(UTC) - timedelta(days=30)
    await crowd.write(
        "MATCH (:SourceRecord {key: 'crm:1'})-[m:RESOLVES_TO]->() SET m.since = $then", then=then
    )
    asked = f"asOf={(then + timedelta(days=2)).date()}"
    assert "1 record side by side" in await read(reader, f"/people/{ada}/records?{asked}")
    assert "3 records side by side" in await read(reader, f"/people/{ada}/records")
    assert "3 records side by side" in await read(reader, f"/people/{ada}/records?asOf=2999-01-01")
    early = await read(reader, f"/people/{ada}/records?asOf=2020-01-01")
    assert "It had no records then" in early
    answer = await reader.get(f"/steward/people/{ada}/records?asOf=yesterday")
    assert (answer.status_code, "The moment is no date" in answer.text) == (400, True)


def test_a_slider_goes_by_days_or_by_minutes() -> None:
    now = datetime.now(UTC)
    long = slider(now - timedelta(days=10), now - timedelta(days=3))
    assert (long.minutes, long.at, long.first.hour) == (24 * 60, 7, 0)
    short = slider(now - timedelta(minutes=30), None)
    assert (short.minutes, short.at) == (1, short.steps)
    assert slider(now, now - timedelta(days=3)).at == 0


def test_what_differs_is_marked_and_what_is_hidden_is_not() -> None:
    names = ("givenName", "surname", "city")
    left, right = (
        {"attributes": dict(zip(names, values, strict=True))}
        for values in (("Ada", "Byron", None), ("ada", "King", "Bonn"))
    )
    rows = compared(left, right)
    assert [(row.attribute, row.cells[0].differs) for row in rows] == [
        ("givenName", False),
        ("surname", True),
        ("city", False),
    ]
    golden = against_golden([left, right], {"given_name": {"redacted": "PERSONAL"}, "surname": "King"})
    assert [cell.differs for row in golden for cell in row.cells] == [False, False, True, False, False, False]
    assert snake("organisationName") == "organisation_name"


def _profile(name: str | None) -> Any:
    known = {"givenName": name, "surname": None, "organisationName": None}
    return {"id": "x", "kind": "PERSON", "attributes": known}


def test_effects_are_told_with_names() -> None:
    changes = {
        "profiles": [
            {"profileId": "a", "profile": _profile("Ada"), "recordsBefore": 3, "recordsAfter": 0},
            {"profileId": "b", "profile": _profile("Bob"), "recordsBefore": 1, "recordsAfter": 3},
            {"profileId": "c", "profile": None, "recordsBefore": 0, "recordsAfter": 1},
        ],
        "moves": [
            {"recordKey": "1", "fromProfileId": "a", "toProfileId": "b"},
            {"recordKey": "2", "fromProfileId": "a", "toProfileId": "b"},
            {"recordKey": "3", "fromProfileId": "a", "toProfileId": "c"},
        ],
        "values": [{"profileId": "b", "attribute": "city", "before": None, "after": "Bonn"}],
        "segments": [{"profileId": "b", "segment": "buyers", "enters": True}],
    }
    found = effect(changes)
    assert found.summary == (
        "Ada becomes one with Bob, with 2 records; 1 record leaves Ada and becomes a profile of its own."
    )
    assert [(party.name, len(values)) for party, values in found.values] == [("Bob", 1)]
    joint = {"recordKey": "4", "fromProfileId": "b", "toProfileId": "c"}
    assert effect({**changes, "moves": [*changes["moves"], joint]}).summary.endswith(
        "1 record of Ada and 1 record of Bob become one profile, under the id of its oldest record."
    )
    assert effect({"profiles": [], "moves": [], "values": [], "segments": []}).summary == (
        "No profile changes: who is who stays as it is."
    )


def test_who_keeps_the_id_is_said_when_most_records_leave_it() -> None:
    changes = {
        "profiles": [
            {"profileId": "a", "profile": _profile("Ada"), "recordsBefore": 4, "recordsAfter": 1},
            {"profileId": "b", "profile": None, "recordsBefore": 0, "recordsAfter": 3},
        ],
        "moves": [{"recordKey": key, "fromProfileId": "a", "toProfileId": "b"} for key in "123"],
        "values": [],
        "segments": [],
    }
    assert effect(changes).summary == (
        "1 record keeps the id of Ada, and the other 3 become together a profile of their own."
    )
