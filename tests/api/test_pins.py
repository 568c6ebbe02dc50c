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
_RESULT = """{
  applied token decision { id kind pins { attribute value } unpins { value } profileIds }
  changes { values { attribute before after } segments { segment enters } moves { recordKey } }
}"""
PIN = f"""
mutation($id: ID!, $attribute: String!, $value: String!, $reason: String = "they rang", $token: String) {{
  result: pinValue(id: $id, attribute: $attribute, value: $value, reason: $reason, token: $token) {_RESULT}
}}
"""
UNPIN = f"""
mutation($id: ID!, $token: String) {{
  result: unpinValue(id: $id, attribute: "city", reason: "a mistake", token: $token) {_RESULT}
}}
"""
UNDO = f"""
mutation($id: ID!, $token: String) {{
  result: undoDecision(id: $id, reason: "a mistake", token: $token) {_RESULT}
}}
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


async def do(client, query, **variables):
    """The dry run, then the same with its token."""
    first = await ask(client, query, **variables)
    assert first["data"], first
    shown = first["data"]["result"]
    second = await ask(client, query, **variables, token=shown["token"])
    assert second["data"], second
    done = second["data"]["result"]
    assert (shown["applied"], done["applied"], done["changes"]) == (False, True, shown["changes"])
    return done


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
    await do(steward, PIN, id=home, attribute="city", value=" London ")
    assert city(await ask(reader, PROFILE, id=home), "profile") == ("London", "pinned", ["londoners"])
    await do(steward, PIN, id=home, attribute="city", value="Leeds")
    await resolve(graph, SETTINGS, full=True)
    assert city(await ask(reader, PROFILE, id=home), "profile") == ("Leeds", "pinned", [])
    await do(steward, UNPIN, id=home)
    assert city(await ask(reader, PROFILE, id=home), "profile") == ("Bonn", "address", [])
    rows = await graph.read(_PINS)
    assert [(row["value"], row["stands"]) for row in rows] == [("London", False), ("Leeds", False)]
    assert all(row["ended_by"] for row in rows)
    quiet = await resolve(graph, SETTINGS, full=True)
    assert (quiet.moved, quiet.created) == (0, 0)


async def test_a_dry_run_shows_what_a_pin_does_and_writes_nothing(graph, clients) -> None:
    steward, _ = clients
    home = await home_of(graph)
    answer = await ask(steward, PIN, id=home, attribute="city", value="London")
    shown = answer["data"]["result"]
    assert shown["changes"] == {
        "values": [{"attribute": "city", "before": "Bonn", "after": "London"}],
        "segments": [{"segment": "londoners", "enters": True}],
        "moves": [],
    }
    assert await graph.read(_PINS) == []
    other = await ask(steward, PIN, id=home, attribute="city", value="Leeds", token=shown["token"])
    assert other["errors"][0]["extensions"]["code"] == "decision_stale"
    done = await do(steward, PIN, id=home, attribute="city", value="London")
    assert done["decision"] == {
        "id": done["decision"]["id"],
        "kind": "PIN",
        "pins": [{"attribute": "city", "value": "London"}],
        "unpins": [],
        "profileIds": [home],
    }
    again = await ask(steward, PIN, id=home, attribute="city", value="London")
    assert again["errors"][0]["extensions"]["code"] == "decision_refused"


async def test_undoing_a_pin_brings_back_what_was_pinned_before(graph, clients) -> None:
    steward, _ = clients
    home = await home_of(graph)
    fingerprint = "MATCH (p:Profile) RETURN p.digest AS digest"
    plain = await graph.read(fingerprint)
    first = (await do(steward, PIN, id=home, attribute="city", value="London"))["decision"]
    london = await graph.read(fingerprint)
    second = (await do(steward, PIN, id=home, attribute="city", value="Leeds"))["decision"]
    assert second["unpins"] == [{"value": "London"}]
    refused = await ask(steward, UNDO, id=first["id"])
    assert refused["errors"][0]["extensions"]["code"] == "decision_refused", "another stands in its place"
    undo = (await do(steward, UNDO, id=second["id"]))["decision"]
    assert await graph.read(fingerprint) == london
    await do(steward, UNDO, id=undo["id"])
    assert city(await ask(steward, PROFILE, id=home), "profile")[0] == "Leeds"
    lifted = (await do(steward, UNPIN, id=home))["decision"]
    assert await graph.read(fingerprint) == plain
    await do(steward, UNDO, id=lifted["id"])
    assert city(await ask(steward, PROFILE, id=home), "profile")[0] == "Leeds"
    full = await resolve(graph, SETTINGS, full=True)
    assert (full.moved, full.created) == (0, 0)


async def test_new_evidence_leaves_a_pin_alone(graph, clients) -> None:
    steward, _ = clients
    home = await home_of(graph)
    await do(steward, PIN, id=home, attribute="surname", value="King")
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
