"""The page of a cluster's graph: what cytoscape is given, the same as tables, and why a link or record is there."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from api.steward.cluster_graphs import elements
from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

HOSTILE = "</script><img src=x onerror=alert(1)>"
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
RECORD = {
    "key": "crm:1",
    "source": "crm",
    "kind": "PERSON",
    "name": {"redacted": "PERSONAL"},
    "profileId": "p1",
    "inside": True,
    "founder": True,
    "articulation": True,
    "x": 0.5,
    "y": 0.0,
}
IDENTIFIER = {
    "key": "email:k",
    "kind": "email",
    "value": {"redacted": "PERSONAL"},
    "state": "BLOCKED",
    "reason": "mailbox of a role",
    "holderCount": 2,
    "otherProfiles": ["p2"],
    "x": 0.0,
    "y": 1.0,
}


def link(left: str, right: str, kind: str, **more: object) -> dict[str, object]:
    plain = {
        "counts": True,
        "bridge": False,
        "weight": None,
        "verdict": None,
        "probability": None,
        "reason": None,
    }
    return {"left": left, "right": right, "kind": kind, **plain, **more}


def test_what_is_hidden_stays_hidden_and_classes_say_what_things_are() -> None:
    other = {
        **RECORD,
        "key": "web:2",
        "source": "web",
        "inside": False,
        "founder": False,
        "articulation": False,
    }
    links = [
        link("crm:1", "email:k", "HOLDS", counts=False),
        link("crm:1", "web:2", "MATCH", weight=20.0, bridge=True),
        link("crm:1", "web:2", "JUDGED", counts=False, verdict="DIFFERENT"),
    ]
    drawn = elements({"records": [RECORD, other], "identifiers": [IDENTIFIER], "links": links})
    nodes = {one["data"]["id"]: one for one in drawn if one["group"] == "nodes"}
    assert nodes["crm:1"]["data"]["label"] == "[hidden]"
    assert nodes["email:k"]["data"]["value"] == "[hidden]"
    assert set(nodes["crm:1"]["classes"].split()) >= {"record", "founder", "articulation", "person"}
    assert "nearby" in nodes["web:2"]["classes"]
    assert nodes["email:k"]["classes"] == "identifier blocked"
    edges = [one["classes"] for one in drawn if one["group"] == "edges"]
    assert edges == ["holds idle", "match counts bridge", "judged idle different"]


@pytest.fixture
async def ada(graph: Graph) -> str:
    """Two records that match, one of them with a hostile name; the third is tied by a customer number alone."""
    ada = {"surname": "Lovelace", "birth_date": "1985-12-10", "postcode": "W1"}
    number = (Identifier("customer_number", "C1"),)
    people = [
        ("1", {**ada, "given_name": "Ada"}, number),
        ("2", {**ada, "given_name": "Ada", "middle_name": HOSTILE, "surname": f"Lovelace {HOSTILE}"}, ()),
        ("3", {}, number),
    ]
    await write_records(
        graph,
        [
            SourceRecord("crm", key, RecordKind.PERSON, said, held, content_hash=key)
            for key, said, held in people
        ],
        DAWN,
    )
    await resolve(graph, ResolutionSettings())
    found = await graph.read(
        "MATCH (:SourceRecord {key: 'crm:1'})-[:RESOLVES_TO]->(p:Profile) RETURN p.id AS id"
    )
    return found[0]["id"]


@pytest.fixture
async def browser(ada: str, graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    base = f"http://steward.test/steward/people/{ada}"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        key, _ = await issue_key(graph, Role.STEWARD)
        await client.post("http://steward.test/steward/sign-in", data={"key": key})
        yield client


@pytest.mark.store
async def test_the_page_draws_and_lists_the_same(browser, ada) -> None:
    page = (await browser.get("/graph")).text
    found = re.search(r'<script type="application/json" id="elements">(.*?)</script>', page, re.DOTALL)
    assert found
    drawn = json.loads(found.group(1))
    keys = {one["data"]["id"] for one in drawn if "record" in one["classes"].split()}
    assert {"crm:1", "crm:3"} <= keys
    assert all(f'name="part" value="{key}"' in page for key in keys)
    assert "bridge</strong>: the only tie" in page
    assert "onerror=alert(1)>" not in page.replace("&gt;", "")
    near = await browser.get("/graph", params={"nearby": "true"})
    assert "Hide who was nearly joined" in near.text
    then = await browser.get("/graph", params={"asOf": datetime.now(UTC).isoformat(), "everyLink": "true"})
    assert "what links them is of now" in then.text
    assert 'name="part"' not in then.text


@pytest.mark.store
async def test_a_link_and_a_record_say_why(browser) -> None:
    why = (await browser.get("/graph/link", params={"left": "crm:1", "right": "crm:3"})).text
    assert "customer number" in why
    assert "any two records" in why
    why = (await browser.get("/graph/record", params={"record": "crm:3"})).text
    assert "The smallest set of ties to disbelieve" in why
    assert 'value="detach"' in why
    nobody = await browser.get("/graph/record", params={"record": "crm:9"})
    assert nobody.status_code == 404
