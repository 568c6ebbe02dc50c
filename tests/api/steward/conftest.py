"""People with hostile names, resolved, and browsers of the workbench that are signed in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.facts import Identifier, SourceRecord, Touchpoint
from graph.models import publish_model
from graph.records import write_records
from graph.touchpoints import write_touchpoints
from graph.vocabulary import RecordKind, Role
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

DAWN = datetime(2025, 1, 1, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"
NAMES = (HOSTILE, "{{7*7}}", "\u202eevil", "n" * 500, "😀")
KEY = 'crm:a/b c?d&e#f:"<b>%41'
"""A record key with everything that an address gives a meaning to."""

Browser = Callable[[Role], Awaitable[httpx.AsyncClient]]


def told(number: str, name: str, surname: str, email: str) -> SourceRecord:
    attributes = {"given_name": name, "surname": surname, "city": f"City {number[:3]}"}
    ids = (Identifier("email", email),)
    return SourceRecord("crm", number, RecordKind.PERSON, attributes, ids, content_hash=number)


@pytest.fixture
async def crowd(graph: Graph) -> Graph:
    """Ada of three records, one with a key of odd characters; and one person for each hostile name."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    ada = [told(number, "Ada", "Lovelace", "ada@example.org") for number in ("1", "2", KEY[4:])]
    surnames = ("Abel", "Brandt", "Cohen", "Dumas", "Eriksen")
    named = enumerate(zip(NAMES, surnames, strict=True))
    others = [told(f"h{n}", name, surname, f"{surname}@example.org") for n, (name, surname) in named]
    for day, record in enumerate((*ada, *others)):
        await write_records(graph, [record], DAWN + timedelta(days=day))
    visit = Touchpoint("crm", "m1", "crm:1", DAWN, "page_view", channel=HOSTILE, properties={"q": HOSTILE})
    await write_touchpoints(graph, [visit], DAWN)
    await resolve(graph, ResolutionSettings())
    return graph


@pytest.fixture
async def sign_in(graph: Graph) -> AsyncIterator[Browser]:
    """Makes a browser that is signed in with a role, and repeats the secret of its session."""
    transport = httpx.ASGITransport(create_app(ApiSettings(key_seconds=0), graph))
    opened: list[httpx.AsyncClient] = []

    async def browser(role: Role) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=transport, base_url="http://steward.test")
        opened.append(client)
        key, _ = await issue_key(graph, role)
        await client.post("/steward/sign-in", data={"key": key})
        page = (await client.get("/steward/")).text
        client.headers["x-onefold-secret"] = page.split('name="secret" content="')[1].split('"')[0]
        return client

    yield browser
    for one in opened:
        await one.aclose()


@pytest.fixture
def home_of(graph: Graph) -> Callable[[str], Awaitable[str]]:
    """The id of the profile that a record is in."""

    async def home(key: str) -> str:
        [row] = await graph.read(
            "MATCH (:SourceRecord {key: $key})-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL RETURN p.id AS id",
            key=key,
        )
        return row["id"]

    return home
