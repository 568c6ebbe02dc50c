"""`identify` from outside: a record goes in, the answer says whose it is; who may, and what cannot be used."""

from typing import Any

import pytest

from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = [pytest.mark.store, pytest.mark.flow]

IDENTIFY = """
mutation ($record: RecordInput!) {
  identify(record: $record) {
    recordKey profileId isNew outcome
    affectedProfiles { id change } conflicts { reason } problems { name code }
  }
}
"""
WITH_PROFILE = """
mutation ($record: RecordInput!) {
  identify(record: $record) {
    outcome profile { attributes { givenName } recordCount } candidates { outcome evidence profile { id } }
  }
}
"""
_PENDING = "MATCH (r:Pending) RETURN count(r) AS pending"


def record(number: str | None = None, **attributes: str) -> dict[str, Any]:
    known = {"givenName": "Ada", "surname": "Lovelace", "birthDate": "1815-12-10", **attributes}
    return {
        "source": "crm",
        "recordId": number,
        "attributes": known,
        "identifiers": [{"kind": "email", "value": "ada@example.org"}],
    }


async def identified(client: Any, said: dict[str, Any], query: str = IDENTIFY) -> dict[str, Any]:
    answer = (await client.post("/graphql", json={"query": query, "variables": {"record": said}})).json()
    assert "errors" not in answer, answer
    return answer["data"]["identify"]


async def test_the_first_record_of_all_makes_a_profile_and_the_next_joins_it(
    graph: Graph, client: Any
) -> None:
    crm = await client(Role.CRM)
    first = await identified(crm, record("1"))
    assert first == {
        "recordKey": "crm:1",
        "profileId": first["profileId"],
        "isNew": True,
        "outcome": "NO_MATCH",
        "affectedProfiles": [{"id": first["profileId"], "change": "CREATED"}],
        "conflicts": [],
        "problems": [],
    }
    second = await identified(crm, record("2"), WITH_PROFILE)
    assert second["outcome"] == "MATCH"
    assert second["profile"] == {"attributes": {"givenName": "Ada"}, "recordCount": 2}
    assert [(one["outcome"], one["profile"]["id"]) for one in second["candidates"]] == [
        ("MATCH", first["profileId"])
    ]
    assert second["candidates"][0]["evidence"]


async def test_without_an_id_the_content_is_the_id(graph: Graph, client: Any) -> None:
    ingest = await client(Role.INGEST)
    first, again = await identified(ingest, record()), await identified(ingest, record())
    assert first["recordKey"] == again["recordKey"]
    assert again["affectedProfiles"] == []


async def test_values_that_cannot_be_used_are_told_beside_the_answer(graph: Graph, client: Any) -> None:
    said = record("1", birthDate="1815-99-99", gender="?")
    said["identifiers"] = [
        {"kind": "email", "value": "no address"},
        {"kind": "phone", "value": "+442079460000"},
    ]
    answer = await identified(await client(Role.STEWARD), said)
    assert {one["name"] for one in answer["problems"]} == {"birth_date", "gender", "email"}
    assert answer["isNew"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"source": "crm", "recordId": "1"}, "nothing_usable"),
        ({"source": "  ", "identifiers": [{"kind": "email", "value": "a@example.org"}]}, "source_missing"),
        ({**record("x" * 501)}, "record_id_too_long"),
    ],
)
async def test_a_record_that_cannot_be_used_is_an_error(
    graph: Graph, client: Any, said: dict[str, Any], code: str
) -> None:
    body = {"query": IDENTIFY, "variables": {"record": said}}
    answer = (await (await client()).post("/graphql", json=body)).json()
    assert answer["errors"][0]["extensions"]["code"] == "input_unusable"
    assert code in answer["errors"][0]["message"]
    assert await graph.read(_PENDING) == [{"pending": 0}]


@pytest.mark.parametrize("role", [Role.READER, Role.ANALYST, Role.PRIVACY])
async def test_who_only_reads_may_not(graph: Graph, client: Any, role: Role) -> None:
    body = {"query": IDENTIFY, "variables": {"record": record("1")}}
    answer = (await (await client(role)).post("/graphql", json=body)).json()
    assert answer["errors"][0]["extensions"]["code"] == "permission_denied"


async def test_who_only_brings_records_is_not_told_of_profiles(graph: Graph, client: Any) -> None:
    body = {"query": WITH_PROFILE, "variables": {"record": record("1")}}
    answer = (await (await client(Role.INGEST)).post("/graphql", json=body)).json()
    assert {one["extensions"]["code"] for one in answer["errors"]} == {"permission_denied"}
