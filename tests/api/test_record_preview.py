"""`previewRecord` shows how a record would be read and whose it could be, and writes nothing."""

from datetime import UTC, datetime

import pytest

from graph.facts import Identifier, SourceRecord
from graph.identifiers import identifier_key
from graph.records import write_records
from graph.suppressions import suppress
from graph.transactions import Graph
from graph.vocabulary import RecordKind, Role
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

QUERY = """
query ($record: RecordInput!) {
  previewRecord(record: $record) {
    usable code recordKey kind attributes { givenName surname birthDate }
    identifiers { key kind value identifierClass } blocks { rule value } problems { name code }
    candidates { outcome recordKey profile { id } }
  }
}
"""
AT = datetime(2026, 3, 1, tzinfo=UTC)
_OF_ADA = "MATCH (:SourceRecord {key: 'crm:ada'})-[:RESOLVES_TO]->(p) RETURN p.id AS id"
_SIZE = "MATCH (n) WHERE NOT n:ApiKey RETURN count(n) AS nodes, sum(size(keys(n))) AS properties"
ADA = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1985-12-10", "city": "London"}


async def test_a_record_is_shown_with_the_people_it_could_be(client, graph: Graph) -> None:
    known = SourceRecord("crm", "ada", RecordKind.PERSON, ADA, content_hash="a")
    await write_records(graph, [known])
    await resolve(graph, ResolutionSettings())
    before = await graph.read(_SIZE)
    said = {
        "source": "shop",
        "recordId": "7",
        "attributes": {
            "givenName": " ADA",
            "surname": "Lovelace",
            "birthDate": "10.12.1985",
            "city": "London",
        },
        "identifiers": [{"kind": "email", "value": "Ada@Example.org"}, {"kind": "phone", "value": "none"}],
    }
    asked = {"query": QUERY, "variables": {"record": said}}
    shown = (await (await client(Role.CRM)).post("/graphql", json=asked)).json()["data"]["previewRecord"]
    assert (shown["usable"], shown["recordKey"], shown["kind"]) == (True, "shop:7", "PERSON")
    assert shown["attributes"] == {"givenName": "Ada", "surname": "Lovelace", "birthDate": "1985-12-10"}
    address = Identifier("email", "ada@example.org")
    assert shown["identifiers"] == [
        {
            "key": identifier_key(address, graph.salt),
            "kind": "email",
            "value": "ada@example.org",
            "identifierClass": "contact",
        }
    ]
    assert [one["name"] for one in shown["problems"]] == ["phone"]
    assert "block_name" in {one["rule"] for one in shown["blocks"]}
    assert shown["candidates"][0]["profile"]["id"] in {row["id"] for row in await graph.read(_OF_ADA)}
    assert await graph.read(_SIZE) == before


async def test_a_record_that_would_be_refused_says_why(ask) -> None:
    shown = (await ask(QUERY, record={"source": "shop"}))["data"]["previewRecord"]
    assert (shown["usable"], shown["code"], shown["candidates"]) == (False, "nothing_usable", [])


async def test_a_suppressed_identifier_is_refused_by_preview_and_identify(ask, graph: Graph) -> None:
    await suppress(graph, [Identifier("email", "x@example.org")], author="me", reason="", at=AT)
    said = {"source": "shop", "identifiers": [{"kind": "email", "value": "X@Example.org"}]}
    shown = (await ask(QUERY, record=said))["data"]["previewRecord"]
    assert (shown["usable"], shown["code"]) == (False, "suppressed")
    identify = "mutation ($record: RecordInput!) { identify(record: $record) { recordKey } }"
    [error] = (await ask(identify, record=said))["errors"]
    assert (error["extensions"]["code"], "suppressed" in error["message"]) == ("input_unusable", True)
    assert "example.org" not in error["message"]
    assert await graph.read("MATCH (r:SourceRecord {source: 'shop'}) RETURN r") == []
