"""The search: describes somebody, gets candidates with probabilities and reasons."""

from typing import Any

import pytest

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

SEARCH = """
query ($attributes: AttributesInput!, $identifiers: [IdentifierInput!], $first: Int! = 10) {
  searchProfiles(attributes: $attributes, identifiers: $identifiers, first: $first) {
    probability weight outcome evidence profile { id attributes { surname } }
  }
}
"""


def record(number: int, **attributes: str) -> SourceRecord:
    email = Identifier("email", f"{attributes['given_name']}@example.org")
    return SourceRecord("crm", str(number), RecordKind.PERSON, attributes, (email,), content_hash=str(number))


@pytest.fixture
async def resolved(graph: Graph) -> Graph:
    people = [
        record(
            1, given_name="ada", surname="lovelace", birth_date="1985-12-10", city="london", postcode="w1"
        ),
        record(
            2, given_name="ada", surname="lovelace", birth_date="1985-12-10", city="london", postcode="w1"
        ),
        record(3, given_name="bob", surname="marsh", birth_date="1970-01-02", city="leeds", postcode="ls1"),
    ]
    await write_records(graph, people)
    await resolve(graph, ResolutionSettings())
    return graph


async def test_a_good_description_finds_the_person_with_reasons(resolved: Graph, client: Any) -> None:
    known = {"fullName": "Ada Lovelace", "birthDate": "1985-12-10", "city": "London"}
    body = {"query": SEARCH, "variables": {"attributes": known}}
    answer = (await (await client()).post("/graphql", json=body)).json()
    best = answer["data"]["searchProfiles"][0]
    assert best["profile"]["attributes"]["surname"].lower() == "lovelace"
    assert best["outcome"] == "MATCH"
    assert 0.9 < best["probability"] <= 1
    assert best["evidence"]


async def test_nobody_is_found_for_nobody(resolved: Graph, client: Any) -> None:
    for known in ({}, {"surname": "Nowhere"}, {"birthDate": "not a date", "city": "\u0000"}):
        body = {"query": SEARCH, "variables": {"attributes": known}}
        answer = (await (await client()).post("/graphql", json=body)).json()
        assert answer["data"]["searchProfiles"] == []


async def test_an_identifier_that_cannot_be_one_is_refused(resolved: Graph, client: Any) -> None:
    variables = {"attributes": {}, "identifiers": [{"kind": "email", "value": "no address"}]}
    answer = (await (await client()).post("/graphql", json={"query": SEARCH, "variables": variables})).json()
    assert answer["errors"][0]["extensions"]["code"] == "input_unusable"
