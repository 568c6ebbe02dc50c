"""Profiles by id: golden values, old ids, and one statement a level."""

from typing import Any, LiteralString

import pytest

from graph.connection import Graph

pytestmark = pytest.mark.store

EVERYTHING = """
query ($id: ID!) {
  profile(id: $id) {
    id kind recordCount redirectedFrom retiredAt attributes { givenName surname }
    heirs { profileId recordCount share }
    golden { attribute value source rule alternatives { value recordKey } }
    identifiers { kind value state recordKeys }
    segments { segment cause }
    journey(first: 3) { edges { node { key } } pageInfo { hasNextPage } }
    cluster {
      records { key raw extra attributes { givenName } }
      identifiers { value state reason }
      edges { left right probability weight evidence { comparison level } }
    }
  }
}
"""


async def test_profile_shows_what_it_is_made_of(ask: Any) -> None:
    profile = (await ask(EVERYTHING, id="p1"))["data"]["profile"]
    assert (profile["id"], profile["kind"], profile["recordCount"]) == ("p1", "PERSON", 3)
    assert profile["attributes"] == {"givenName": "Ada", "surname": "Lovelace"}
    assert profile["golden"][0]["alternatives"] == [{"value": "Adah", "recordKey": "web:9"}]
    assert profile["segments"] == [{"segment": "buyers", "cause": "segment defined"}]
    assert [record["key"] for record in profile["cluster"]["records"]] == ["crm:1", "crm:2", "web:9"]
    assert profile["cluster"]["records"][0]["raw"] == {"secret": "raw"}
    (edge,) = profile["cluster"]["edges"]
    assert (edge["left"], edge["right"], edge["probability"], edge["weight"]) == ("crm:1", "crm:2", 0.99, 6.6)
    assert edge["evidence"][0] == {"comparison": "given_name", "level": "same given name"}
    assert len(edge["evidence"]) == 1
    assert [one["recordKeys"] for one in profile["identifiers"]] == [["crm:1", "crm:2"], ["crm:1"]]


async def test_id_merged_away_answers_the_survivor(ask: Any) -> None:
    profile = (await ask(EVERYTHING, id="p0"))["data"]["profile"]
    assert (profile["id"], profile["redirectedFrom"], profile["heirs"]) == ("p1", "p0", [])


async def test_id_that_fell_apart_names_its_heirs_with_shares(ask: Any) -> None:
    profile = (await ask(EVERYTHING, id="px"))["data"]["profile"]
    assert (profile["id"], profile["recordCount"], profile["redirectedFrom"]) == ("px", 0, None)
    assert profile["heirs"] == [
        {"profileId": "p1", "recordCount": 2, "share": pytest.approx(2 / 3)},
        {"profileId": "p2", "recordCount": 1, "share": pytest.approx(1 / 3)},
    ]


async def test_unknown_id_is_null(ask: Any) -> None:
    assert await ask('{ profile(id: "nobody") { id } }') == {"data": {"profile": None}}


class Counted:
    """Counts the reads of a graph by query."""

    def __init__(self, graph: Graph, patch: pytest.MonkeyPatch) -> None:
        self.queries: list[str] = []
        read = graph.read

        async def counting(query: LiteralString, /, **parameters: Any) -> list[dict[str, Any]]:
            self.queries.append(query)
            return await read(query, **parameters)

        patch.setattr(graph, "read", counting)


async def test_one_statement_a_level_however_many_profiles(
    ask: Any, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("{ version }")
    counted = Counted(graph, monkeypatch)
    answer = await ask(
        """{
          segment(name: "buyers") { profiles { edges { node {
            id identifiers { key } segments { segment } journey(first: 2) { edges { node { key } } }
            cluster { records { key } identifiers { key } edges { left } }
          } } } }
        }"""
    )
    assert len(answer["data"]["segment"]["profiles"]["edges"]) == 3
    # segment, its members, then identifiers, memberships, journeys, records, edges once for all three profiles
    assert len(counted.queries) == 7
    assert len(set(counted.queries)) == 7


async def test_aliases_of_one_field_share_a_statement(
    ask: Any, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("{ version }")
    counted = Counted(graph, monkeypatch)
    await ask('{ a: profile(id: "p1") { id } b: profile(id: "p2") { id } c: profile(id: "p3") { id } }')
    assert len(counted.queries) == 1
