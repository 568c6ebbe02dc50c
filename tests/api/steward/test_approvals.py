"""Approvals in pages: the dialog says that two are needed, a second steward sees the effect and carries it out."""

import re
from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.facts import Identifier, SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from insight.segments import define_segments, refresh_segments
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

CONFIGURATION = """
[stewardship]
approval_exposure = 1.5

[segments.londoners]
description = "Who lives in London"
rule = { attribute = "city", equals = "London" }
"""
HOSTILE = "<img src=x onerror=alert(1)>"


class Steward:
    """Somebody who is signed in, and sends what the pages send."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client = client
        self.secret = secret

    async def open(self, path: str) -> str:
        answer = await self.client.get(f"/steward{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, path: str, **form: object) -> httpx.Response:
        return await self.client.post(
            f"/steward{path}", data={**form, "secret": self.secret}, headers={"hx-request": "true"}
        )

    async def decide(self, **form: object) -> str:
        """The dry run, then what it showed; answers where that leads: for what waits, its own page."""
        shown = await self.send("/decisions/rehearse", **form)
        assert shown.status_code == 200, shown.text
        token = re.search(r'name="token" value="(\w+)"', shown.text)
        assert token
        done = await self.send("/decisions/carry-out", **form, token=token.group(1), reason=f"seen {HOSTILE}")
        assert done.status_code == 200, done.text
        there, _, asked = done.headers["hx-redirect"].removeprefix("/steward").partition("?asked=")
        return f"/approvals/{asked}" if asked else there


@pytest.fixture
async def people(graph):
    """The ids of three people in one segment."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for number, (name, surname) in enumerate([("Ada", "Lovelace"), ("Bob", "Byron"), ("Eva", "Kant")], 1):
        ids = (Identifier("email", f"{name.lower()}@example.org"),)
        attributes = {"given_name": name, "surname": surname, "city": "London"}
        one = SourceRecord("crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=str(number))
        await write_records(graph, [one], datetime(2025, 1, number, tzinfo=UTC))
    await resolve(graph, ResolutionSettings())
    rule = {"description": "Who lives in London", "rule": {"attribute": "city", "equals": "London"}}
    await refresh_segments(graph, define_segments({"londoners": rule}))
    rows = await graph.read("MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id ORDER BY id")
    return [row["id"] for row in rows]


@pytest.fixture
async def stewards(graph, people, tmp_path):
    """Ann and Ben, who may decide, and an analyst, who may not."""
    assert people
    (tmp_path / "onefold.toml").write_text(CONFIGURATION)
    transport = httpx.ASGITransport(create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph))
    made = []
    for role in (Role.STEWARD, Role.STEWARD, Role.ANALYST):
        client = httpx.AsyncClient(transport=transport, base_url="http://steward.test")
        key, _ = await issue_key(graph, role)
        await client.post("/steward/sign-in", data={"key": key})
        secret = re.search(r'<meta name="secret" content="([^"]+)">', (await client.get("/steward/")).text)
        assert secret
        made.append(Steward(client, secret.group(1)))
    yield made
    for one in made:
        await one.client.aclose()


async def test_two_stewards_decide_what_one_may_not(stewards, people) -> None:
    ann, ben, _ = stewards
    shown = await ann.send("/decisions/rehearse", act="merge", profile=people[:2])
    assert "This needs a second person" in shown.text
    assert "Ask for approval" in shown.text
    place = await ann.decide(act="merge", profile=people[:2])
    assert "waits for a second person" in await ann.open(f"/decisions?asked={place.rpartition('/')[2]}")
    own = await ann.open(place)
    assert "Take it back" in own
    assert "Approve and carry out" not in own
    assert (await ann.send(f"{place}/approve", reason="me too")).status_code == 403
    assert "1 waiting" in await ben.open("/approvals/waiting")
    assert place in await ben.open("/decisions")
    page = await ben.open(place)
    assert "Approve and carry out" in page
    assert "<h3>Segments</h3>" in page
    assert "londoners" in page
    assert HOSTILE not in page
    assert "&lt;img src=x" in page
    done = await ben.send(f"{place}/approve", reason="seen it too")
    decided = done.headers["hx-redirect"].removeprefix("/steward")
    page = await ben.open(decided)
    assert "Approved by" in page
    assert all(f"/steward/people/{one}" in page for one in people[:2])
    assert 'data-key="u"' in page, "it can be undone"
    assert "waiting" not in await ann.open("/approvals/waiting")
    assert "approved" in await ann.open("/approvals?state=APPROVED")
    late = await ann.send(f"{place}/decline", reason="no")
    assert late.status_code == 409
    assert "approval_answered" in late.text


async def test_undo_from_its_page_leads_back_to_it(stewards, people) -> None:
    ann, ben, _ = stewards
    place = await ann.decide(act="merge", profile=people[:2])
    done = await ben.send(f"{place}/approve", reason="seen it too")
    decided = done.headers["hx-redirect"].removeprefix("/steward")
    undone = await ben.decide(act="undo", id=decided.rpartition("/")[2], next=f"/steward{decided}")
    assert undone.startswith(f"{decided}?done=")
    page = await ben.open(decided)
    assert "by <a" in page
    assert 'data-key="u"' not in page
    trail = await ben.open("/decisions")
    assert trail.index("undo</a>") < trail.index("merge</a>")
    only = await ben.open("/decisions?kind=MERGE")
    assert "undo</a>" not in only
    assert "No decision fits" in await ben.open("/decisions?author=nobody")
    assert (await ben.client.get("/steward/decisions?since=soon")).status_code == 400


async def test_what_is_stale_says_so_and_can_be_declined(stewards, people) -> None:
    ann, ben, _ = stewards
    ada, bob, eva = people
    first, second = [await ann.decide(act="merge", profile=pair) for pair in ([ada, bob], [bob, eva])]
    await ben.send(f"{first}/approve", reason="yes")
    page = await ben.open(second)
    assert "cannot be approved as it is" in page
    assert "Approve and carry out" not in page
    declined = await ben.send(f"{second}/decline", reason="ask again")
    assert declined.headers["hx-redirect"] == f"/steward{second}"
    assert "ask again" in await ann.open(second)


async def test_pages_without_anything_say_what_to_do(stewards) -> None:
    ann, _, analyst = stewards
    assert "Nobody has decided anything yet" in await ann.open("/decisions")
    assert "approval_exposure" in await ann.open("/approvals")
    assert (await ann.client.get("/steward/decisions/nothing")).status_code == 404
    assert (await ann.client.get("/steward/approvals/nothing")).status_code == 404
    assert (await analyst.client.get("/steward/decisions")).status_code == 403
