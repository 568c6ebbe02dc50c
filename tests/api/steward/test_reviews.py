"""The queue's pages: the effect of each answer before it is given, the next one by itself, several at once."""

import json
import re
from html import unescape

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.facts import SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.reviewing import ReviewSettings, catch_up
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

HOSTILE = "<img src=x onerror=alert(1)>"


class Steward:
    """Somebody who is signed in, and sends what the pages send."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client = client
        self.secret = secret

    async def open(self, path: str) -> str:
        answer = await self.client.get(unescape(path) if path.startswith("/steward") else f"/steward{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, path: str, **form: object) -> httpx.Response:
        return await self.client.post(
            f"/steward{path}", data={**form, "secret": self.secret}, headers={"hx-request": "true"}
        )

    async def answers(self, page: str) -> dict[str, dict[str, str]]:
        """The forms of the open review, by verdict."""
        place = re.search(r'hx-get="([^"]+/reviews/effects[^"]+)"', page)
        assert place
        forms = (await self.open(place.group(1))).split("<form")[1:]
        fields = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', one)) for one in forms]
        return {one["verdict"]: {name: unescape(value) for name, value in one.items()} for one in fields}


def pairs(page: str) -> list[str]:
    """The pairs in the queue, as their checkboxes have them."""
    return [
        unescape(one) for one in re.findall(r'type="checkbox" name="pair" value=[\'"](\[.*?\])[\'"]', page)
    ]


@pytest.fixture
async def stewards(graph):
    """Ann and Ben before a queue of three, one of whose records is hostile."""
    await graph.write("MATCH (n:Installation) REMOVE n.reviewed_by")
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for number in range(3):
        for source, given in (("crm", "Gretchen"), ("web", "Greta")):
            said = {"given_name": given, "surname": ("Holm", "Rask", "Vik")[number], "region": HOSTILE}
            one = SourceRecord(source, str(number), RecordKind.PERSON, said, content_hash=f"{said}")
            await write_records(graph, [one])
    await resolve(graph, ResolutionSettings())
    await catch_up(graph, ReviewSettings())
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    made = []
    for _ in range(2):
        client = httpx.AsyncClient(transport=transport, base_url="http://steward.test")
        key, _ = await issue_key(graph, Role.STEWARD)
        await client.post("/steward/sign-in", data={"key": key})
        secret = re.search(r'<meta name="secret" content="([^"]+)">', (await client.get("/steward/")).text)
        assert secret
        made.append(Steward(client, secret.group(1)))
    yield made
    for one in made:
        await one.client.aclose()


async def test_one_after_the_other_until_nothing_is_left(stewards) -> None:
    ann, _ = stewards
    page = await ann.open("/reviews")
    assert len(pairs(page)) == 3
    assert "Does this profile hold two people?" in page
    assert HOSTILE not in page
    assert page.count("differs: ") >= 2  # the given names, marked in words too
    assert "Match weights, log2 odds" in page
    for left in (2, 1, 0):
        answers = await ann.answers(page)
        assert set(answers) == {"SAME", "DIFFERENT", "UNSURE"}
        done = await ann.send("/decisions/carry-out", **answers["DIFFERENT"], reason="seen")
        assert done.status_code == 200, done.text
        page = await ann.open(done.headers["hx-redirect"])
        assert "Carried out." in page
        assert len(pairs(page)) == left
    assert "Nothing to review" in page


async def test_the_effect_is_shown_before(stewards) -> None:
    ann, _ = stewards
    place = re.search(r'hx-get="([^"]+/reviews/effects[^"]+)"', await ann.open("/reviews"))
    assert place
    same, different, unsure = (await ann.open(place.group(1))).split("<form")[1:]
    assert "stays as it is" in same
    assert "stays as it is" in unsure
    assert "<caption>Profiles</caption>" in different
    assert "split" in different


async def test_the_second_of_two_stewards_is_told_who_decided(stewards) -> None:
    ann, ben = stewards
    theirs = [await one.answers(await one.open("/reviews")) for one in (ann, ben)]
    assert (
        await ann.send("/decisions/carry-out", **theirs[0]["DIFFERENT"], reason="seen")
    ).status_code == 200
    late = await ben.send("/decisions/carry-out", **theirs[1]["SAME"], reason="seen")
    assert late.status_code == 409
    assert "The last word on these records" in late.text
    gone = await ben.open(
        f"/reviews/one?key={theirs[1]['SAME']['left']}|{theirs[1]['SAME']['right']}&back=/steward/reviews"
    )
    assert "answered already" in gone


async def test_several_at_once(stewards) -> None:
    ann, ben = stewards
    chosen = pairs(await ann.open("/reviews"))
    shown = await ann.send("/reviews/judge", pair=chosen, verdict="SAME", next="/steward/reviews")
    assert "Judge 3 pairs same" in shown.text
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', shown.text):
        fields.setdefault(name, []).append(unescape(value))
    assert [json.loads(one) for one in chosen] == [
        list(one) for one in zip(fields["left"], fields["right"], strict=True)
    ]
    await ann.send("/reviews/assign", pair=chosen[:2], to="me", next="/steward/reviews")
    assert pairs(await ann.open("/reviews?whose=mine")) == chosen[:2]
    assert "taken" in await ben.open("/reviews")
    moved = await ann.send("/reviews/snooze", pair=chosen[:1], days="7", next="/steward/reviews?whose=mine")
    assert moved.headers["hx-redirect"] == "/steward/reviews?whose=mine"
    assert pairs(await ann.open("/reviews?whose=snoozed")) == chosen[:1]
    assert pairs(await ann.open("/reviews")) == chosen[1:]
    assert "Choose reviews first" in (await ann.send("/reviews/assign", to="me", next="/steward/")).text
    assert (await ann.send("/reviews/snooze", pair=chosen, days="999", next="/steward/")).status_code == 400
    assert (
        await ann.send("/reviews/assign", pair="[1]", to="me", next="https://x.example")
    ).status_code == 400
    done = await ann.send("/decisions/carry-out", **fields, reason="one and the same")
    assert "Nothing to review" in await ann.open(done.headers["hx-redirect"])
