"""The search by anything: ids, identifiers of any kind, names as they are typed, and how sure each hit is."""

from typing import Any

import pytest

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

SEARCH = """
query ($text: String!, $first: Int! = 10) {
  search(text: $text, first: $first) {
    outcome probability why profile { id attributes { givenName surname organisationName } }
  }
}
"""


def record(number: int, *identifiers: tuple[str, str], **attributes: str) -> SourceRecord:
    held = tuple(Identifier(*one) for one in identifiers)
    return SourceRecord("crm", f"r{number}", RecordKind.PERSON, attributes, held, content_hash=str(number))


FAMILY = ("email", "family@example.org")
ADA = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1985-12-10", "city": "London"}
SOPHIE = {"given_name": "Žofie", "surname": "Žižková", "birth_date": "1970-01-02", "city": "Praha"}
SEAN = {"given_name": "Sean", "surname": "O'Neil", "birth_date": "1999-05-06"}
ADAM = {"given_name": "Adam", "surname": "Smith", "birth_date": "1950-03-04"}


@pytest.fixture
async def people(graph: Graph) -> Graph:
    await write_records(
        graph,
        [
            record(1, ("email", "ada@example.org"), FAMILY, **ADA),
            record(2, FAMILY, **SOPHIE),
            record(3, ("club_card", "K-77/a"), **SEAN),
            record(4, ("phone", "+442079460958"), **ADAM),
        ],
    )
    await resolve(graph, ResolutionSettings())
    await graph.read("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh() RETURN 1 AS done")
    return graph


@pytest.fixture
async def search(people: Graph, client: Any) -> Any:
    asking = await client(Role.STEWARD)

    async def post(text: str, first: int = 10) -> Any:
        body = {"query": SEARCH, "variables": {"text": text, "first": first}}
        answer = (await asking.post("/graphql", json=body)).json()
        return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"]["search"]

    return post


def surnames(hits: list[dict[str, Any]]) -> list[str]:
    return [one["profile"]["attributes"]["surname"] for one in hits]


WHOLE = {
    " ADA@Example.org ": "Lovelace",
    "mailto:ada@example.org": "Lovelace",
    "0044 20 7946 0958": "Smith",
    "K-77/a": "O'Neil",
    "crm:r3": "O'Neil",
    "r2": "Žižková",
}


async def test_whole_identifiers_and_ids_are_matches(search) -> None:
    for text, surname in WHOLE.items():
        [hit] = await search(text)
        assert (surnames([hit]), hit["outcome"]) == ([surname], "MATCH"), text
        assert hit["why"].endswith(".")
    [same] = await search(hit["profile"]["id"])
    assert same["profile"] == hit["profile"]
    assert same["why"] == "This is its id."
    hits = await search("family@example.org")
    assert sorted(surnames(hits)) == ["Lovelace", "Žižková"]
    assert {one["outcome"] for one in hits} == {"AMBIGUOUS"}


BEGUN = {
    "ad": ["Lovelace", "Smith"],
    "lov ad": ["Lovelace"],
    "ZIZ": ["Žižková"],
    "o'n": ["O'Neil"],
    "o’neil sean": ["O'Neil"],
    "ada lond": ["Lovelace"],
    "smith 1950": ["Smith"],
    "ada@ex": ["Lovelace"],
    "+44 207": ["Smith"],
    "family@": ["Lovelace", "Žižková"],
}


async def test_names_and_identifiers_are_found_while_they_are_typed(search) -> None:
    for text, found in BEGUN.items():
        hits = await search(text)
        assert sorted(surnames(hits)) == found, text
        assert {one["outcome"] for one in hits} == {"POSSIBLE"}, text
    assert surnames(await search("ada")) == ["Lovelace", "Smith"]  # the whole word first
    assert surnames(await search("ada", first=1)) == ["Lovelace"]


NOBODY = ["", " ", "a", "?", "nobody", "AND", "a* OR (b", '"', "\\", "/.*/", "surname:lovelace", "{!}",
          "[a TO z]", "~2", "x" * 512]  # fmt: skip


async def test_what_means_nobody_finds_nobody(search) -> None:
    for text in NOBODY:
        assert await search(text) == [], text
    for text in ("x" * 513, "\u0000"):
        assert await search(text) == "input_unusable", text


async def test_who_is_described_is_scored_and_who_is_retired_has_only_an_id(search, people) -> None:
    best = (await search("Ada Lovelace 1985-12-10"))[0]
    assert surnames([best]) == ["Lovelace"]
    assert best["outcome"] == "MATCH"
    assert best["probability"] > 0.9
    assert "birth date" in best["why"]
    await people.write(
        "MATCH (p:Profile {surname: 'Smith'}) SET p.retired_at = datetime(), p.record_count = 0"
    )
    assert await search("smith") == []


async def test_an_analyst_may_not_search(world, client) -> None:
    body = {"query": SEARCH, "variables": {"text": "ada"}}
    answer = (await (await client(Role.ANALYST)).post("/graphql", json=body)).json()
    assert answer["errors"][0]["extensions"]["code"] == "permission_denied"
