"""Pins from outside: a steward's value shows at once, survives every rebuild and a merge, and goes when unpinned."""

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

SETTINGS = ResolutionSettings()
CONFIGURATION = """
[segments.londoners]
description = "Who lives in London"
rule = { attribute = "city", equals = "London" }
"""
_SHOWN = "{ id attributes { city surname } segments { segment } golden { attribute value rule source } }"
PIN = f"""
mutation($id: ID!, $attribute: String!, $value: String!, $reason: String = "they rang") {{
  pinValue(id: $id, attribute: $attribute, value: $value, reason: $reason) {_SHOWN}
}}
"""
UNPIN = f"""
mutation($id: ID!) {{ unpinValue(id: $id, attribute: "city", reason: "a mistake") {_SHOWN} }}
"""
PROFILE = f"query($id: ID!) {{ profile(id: $id) {_SHOWN} }}"
_PINS = (
    "MATCH (p:Pin) RETURN p.value AS value, p.until IS NULL AS stands, p.ended_by AS ended_by ORDER BY p.at"
)


@pytest.fixture
async def clients(graph, tmp_path):
    """One client each as steward and reader, on one profile of two records in Bonn."""
    (tmp_path / "onefold.toml").write_text(CONFIGURATION)
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    ids = (Identifier("email", "ada@example.org"),)
    ada = {"given_name": "Ada", "surname": "Lovelace", "city": "Bonn"}
    for number in ("1", "2"):
        record = SourceRecord("crm", number, RecordKind.PERSON, ada, ids, content_hash=number)
        await write_records(graph, [record], datetime(2025, 1, int(number), tzinfo=UTC))
    await resolve(graph, SETTINGS)
    rule = {"description": "Who lives in London", "rule": {"attribute": "city", "equals": "London"}}
    await refresh_segments(graph, define_segments({"londoners": rule}))
    transport = httpx.ASGITransport(create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph))
    made = []
    for role in (Role.STEWARD, Role.READER):
        key, _ = await issue_key(graph, role)
        headers = {"authorization": f"Bearer {key}"}
        made.append(httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=headers))
    yield made
    for client in made:
        await client.aclose()


async def ask(client, query, **variables):
    return (await client.post("/graphql", json={"query": query, "variables": variables})).json()


async def home_of(graph):
    rows = await graph.read("MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id")
    assert len(rows) == 1
    return rows[0]["id"]


def city(answer, field):
    found = answer["data"][field]
    golden = next(one for one in found["golden"] if one["attribute"] == "city")
    assert golden["value"] == found["attributes"]["city"]
    return (
        found["attributes"]["city"],
        golden["rule"].partition(" ")[0],
        [s["segment"] for s in found["segments"]],
    )


async def test_a_pinned_value_shows_survives_and_is_lifted(graph, clients) -> None:
    steward, reader = clients
    home = await home_of(graph)
    answer = await ask(steward, PIN, id=home, attribute="city", value=" London ")
    assert city(answer, "pinValue") == ("London", "pinned", ["londoners"])
    await ask(steward, PIN, id=home, attribute="city", value="Leeds")
    await resolve(graph, SETTINGS, full=True)
    assert city(await ask(reader, PROFILE, id=home), "profile") == ("Leeds", "pinned", [])
    assert city(await ask(steward, UNPIN, id=home), "unpinValue") == ("Bonn", "address", [])
    rows = await graph.read(_PINS)
    assert [(row["value"], row["stands"]) for row in rows] == [("London", False), ("Leeds", False)]
    assert all(row["ended_by"] for row in rows)
    quiet = await resolve(graph, SETTINGS, full=True)
    assert (quiet.moved, quiet.created) == (0, 0)


async def test_new_evidence_leaves_a_pin_alone(graph, clients) -> None:
    steward, _ = clients
    home = await home_of(graph)
    await ask(steward, PIN, id=home, attribute="surname", value="King")
    newer = {"given_name": "Ada", "surname": "Byron", "city": "Rome"}
    ids = (Identifier("email", "ada@example.org"),)
    await write_records(graph, [SourceRecord("shop", "9", RecordKind.PERSON, newer, ids, content_hash="9")])
    await resolve(graph, SETTINGS)
    answer = await ask(steward, PROFILE, id=home)
    assert answer["data"]["profile"]["attributes"] == {"city": "Rome", "surname": "King"}


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("shoe_size", "44", "input_unusable"),
        ("birth_date", "soon", "input_unusable"),
        ("email", "nobody", "input_unusable"),
        ("city", "  ", "input_unusable"),
    ],
)
async def test_what_cannot_be_pinned(graph, clients, attribute, value, code) -> None:
    answer = await ask(clients[0], PIN, id=await home_of(graph), attribute=attribute, value=value)
    assert answer["errors"][0]["extensions"]["code"] == code
    assert await graph.read(_PINS) == []


async def test_who_may_pin_and_what_must_be_there(graph, clients) -> None:
    steward, reader = clients
    home = await home_of(graph)
    answers = (
        await ask(reader, PIN, id=home, attribute="city", value="London"),
        await ask(steward, PIN, id="nobody", attribute="city", value="London"),
        await ask(steward, UNPIN, id=home),
        await ask(steward, PIN, id=home, attribute="city", value="London", reason=" "),
    )
    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["permission_denied", "not_found", "not_found", "input_unusable"]
