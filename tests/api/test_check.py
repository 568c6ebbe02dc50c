"""The check before an insert: somebody known is found, somebody like them is offered, and nobody is guessed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.connection import Graph
from graph.facts import Identifier
from graph.lookup import Holders
from graph.profiles import StoredProfile
from graph.records import write_records
from graph.vocabulary import IdentifierState, Outcome, RecordKind, Role
from loaders.stated import Statement, stated
from resolution.check import Known, checked
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

CHECK = """
query ($attributes: AttributesInput, $identifiers: [IdentifierInput!]) {
  checkRecord(attributes: $attributes, identifiers: $identifiers) {
    outcome reason problems { name code } known { profileId outcome probability evidence profile { recordCount } }
  }
}
"""
ADA = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1815-12-10", "city": "London"}
KARL = {"given_name": "Karl", "surname": "Marx", "birth_date": "1818-05-05", "city": "Trier"}


async def known(graph: Graph) -> dict[str, str]:
    """Two people with three records; answers profile ids by record id."""
    people = [
        Statement("crm", ADA, [("email", "ada@x.org", None), ("customer_number", "A1", None)], "1"),
        Statement("shop", ADA, [("email", "ada@x.org", None)], "2"),
        Statement("crm", KARL, [("phone", "020 7183 8750", "GB"), ("customer_number", "K1", None)], "3"),
    ]
    await write_records(graph, [stated(one).record for one in people])
    await resolve(graph, ResolutionSettings())
    rows = await graph.read(
        "MATCH (r:SourceRecord)-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL RETURN r.record_id AS id, p.id AS profile"
    )
    return {row["id"]: row["profile"] for row in rows}


async def test_each_verdict(graph: Graph, client: Any) -> None:
    homes = await known(graph)
    crm = await client(Role.CRM)

    async def check(attributes: dict[str, str], *identifiers: tuple[str, ...]) -> dict[str, Any]:
        named = [dict(zip(("kind", "value", "country"), one, strict=False)) for one in identifiers]
        answer = await crm.post("/v1/check", json={"attributes": attributes, "identifiers": named})
        assert answer.status_code == 200, answer.text
        return answer.json()

    exact = await check({}, ("customer_number", "k-1"))
    assert (exact["outcome"], exact["known"][0]["profile_id"]) == ("MATCH", homes["3"])
    assert exact["reason"] == "One profile holds the same customer_number."
    torn = await check(ADA, ("customer_number", "A1"), ("customer_number", "K1"))
    assert torn["outcome"] == "AMBIGUOUS"
    assert {one["profile_id"] for one in torn["known"]} == {homes["1"], homes["3"]}
    like = await check(ADA, ("email", "ADA@x.org"))
    assert (like["outcome"], like["known"][0]["profile_id"]) == ("MATCH", homes["1"])
    assert like["known"][0]["probability"] > 0.9
    assert like["known"][0]["evidence"]
    contact = await check({}, ("phone", "02071838750", "GB"))
    assert (contact["outcome"], contact["known"][0]["profile_id"]) == ("POSSIBLE", homes["3"])
    stranger = await check({"given_name": "Rosa", "surname": "Luxemburg", "birth_date": "1871-03-05"})
    assert (stranger["outcome"], stranger["known"]) == ("NO_MATCH", [])
    half = await check(ADA, ("email", "nonsense"))
    assert half["problems"] == [{"name": "email", "code": "invalid_email"}]
    assert (await graph.read("MATCH (r:SourceRecord) RETURN count(r) AS records"))[0]["records"] == 3


@pytest.mark.parametrize(
    ("kind", "state", "outcome", "reason"),
    [
        ("customer_number", "linking", "MATCH", "One profile holds the same customer_number."),
        (
            "customer_number",
            "blocked",
            "POSSIBLE",
            "Somebody holds the same customer_number, and nothing else agrees.",
        ),
        ("email", "linking", "POSSIBLE", "Somebody holds the same email, and nothing else agrees."),
    ],
)
def test_an_identifier_with_nothing_beside_it(kind: str, state: str, outcome: str, reason: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    held = StoredProfile("p1", RecordKind.PERSON, 1, at, at, None, {}, "{}")
    found = checked({Identifier(kind, "x"): Holders(IdentifierState(state), None, (held,), 1, 0)}, [])
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.known == (Known("p1", Outcome(outcome), None, (f"the same {kind}",)),)


async def test_graphql_says_the_same_as_rest(graph: Graph, client: Any) -> None:
    await known(graph)
    crm = await client(Role.CRM)
    identifiers = [{"kind": "email", "value": "ada@x.org"}]
    rest = (await crm.post("/v1/check", json={"attributes": ADA, "identifiers": identifiers})).json()
    camel = {"givenName": "Ada", "surname": "Lovelace", "birthDate": "1815-12-10", "city": "London"}
    asked = {"query": CHECK, "variables": {"attributes": camel, "identifiers": identifiers}}
    answer = (await crm.post("/graphql", json=asked)).json()["data"]["checkRecord"]
    assert (answer["outcome"], answer["reason"]) == (rest["outcome"], rest["reason"])
    assert [one["profileId"] for one in answer["known"]] == [one["profile_id"] for one in rest["known"]]
    assert answer["known"][0]["profile"] == {"recordCount": 2}


BAD = (
    *(b"", b"[]", b"\xff", b"{}", b'{"identifiers": 5}', b'{"identifiers": [{"kind": "email"}]}'),
    *(b'{"attributes": {"a": {}}}', b'{"a":' * 3_000, b'{"attributes": {"given_name": "\\ud800"}}'),
    b'{"identifiers": [' + b"9" * 5_000,
)


@pytest.mark.parametrize("body", BAD)
async def test_a_bad_body_is_refused_without_an_echo(graph: Graph, client: Any, body: bytes) -> None:
    crm = await client(Role.CRM)
    for path in ("/v1/check", "/v1/lookup"):
        answer = await crm.post(path, content=body)
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"code", "message"}
        assert "999" not in answer.text


async def test_many_are_looked_up_in_their_order(graph: Graph, client: Any) -> None:
    homes = await known(graph)
    crm = await client(Role.CRM)
    wanted = [
        ("email", "nobody@x.org"),
        ("customer_number", "K1"),
        ("email", "nonsense"),
        ("email", "Ada@X.org"),
    ]
    named = [{"kind": kind, "value": value} for kind, value in wanted]
    answers = (await crm.post("/v1/lookup", json={"identifiers": named})).json()["answers"]
    assert [one["outcome"] for one in answers] == ["NO_MATCH", "MATCH", "NO_MATCH", "MATCH"]
    assert [answers[n]["profiles"][0]["id"] for n in (1, 3)] == [homes["3"], homes["1"]]
    assert "invalid_email" in answers[2]["reason"]
    query = (
        "query ($ids: [IdentifierInput!]!) { lookups(identifiers: $ids) { outcome reason profiles { id } } }"
    )
    told = (await crm.post("/graphql", json={"query": query, "variables": {"ids": named}})).json()
    assert [one["outcome"] for one in told["data"]["lookups"]] == [one["outcome"] for one in answers]
    many = await crm.post("/v1/lookup", json={"identifiers": named[:1] * 1_001})
    assert (many.status_code, many.json()["code"]) == (400, "input_unusable")
    whole = await crm.post("/v1/lookup", json={"identifiers": named[:1] * 1_000})
    assert len(whole.json()["answers"]) == 1_000
