"""Look-ups: how sure an answer is, and that REST and GraphQL say the same."""

from typing import Any

import pytest

from graph.vocabulary import Role

pytestmark = pytest.mark.store

LOOKUP = """
query ($kind: String!, $value: String!, $country: String) {
  lookup(kind: $kind, value: $value, country: $country) { outcome reason profileCount
    profiles { id attributes { givenName } } }
}
"""


@pytest.mark.parametrize(
    ("kind", "value", "outcome", "profiles"),
    [
        ("email", " Ada@Example.ORG ", "MATCH", ["p1"]),
        ("email", "family@example.org", "AMBIGUOUS", ["p1", "p2"]),
        ("email", "info@example.org", "POSSIBLE", ["p3"]),
        ("phone", "+44 20 7123 4567", "AMBIGUOUS", ["p2", "p3"]),
        ("email", "nobody@example.org", "NO_MATCH", []),
        ("email", "new@example.org", "NO_MATCH", []),
    ],
)
async def test_outcomes(ask: Any, kind: str, value: str, outcome: str, profiles: list[str]) -> None:
    answer = (await ask(LOOKUP, kind=kind, value=value))["data"]["lookup"]
    assert answer["outcome"] == outcome
    assert [profile["id"] for profile in answer["profiles"]] == profiles
    assert answer["profileCount"] == len(profiles)


async def test_reasons_say_why_an_identifier_does_not_link(ask: Any) -> None:
    async def reason(value: str) -> str:
        return (await ask(LOOKUP, kind="email", value=value))["data"]["lookup"]["reason"]

    assert "blocked: shared mailbox" in await reason("info@example.org")
    assert "1 records that are not resolved yet" in await reason("new@example.org")


async def test_national_phone_needs_its_country(ask: Any) -> None:
    answer = await ask(LOOKUP, kind="phone", value="020 7123 4567", country="GB")
    assert answer["data"]["lookup"]["profileCount"] == 2


@pytest.mark.parametrize(
    ("kind", "value"), [("email", ""), ("email", "no address"), ("", "x"), ("email", "a\0b@example.org")]
)
async def test_a_value_no_record_can_hold_is_refused_without_repeating_it(
    ask: Any, kind: str, value: str
) -> None:
    error = (await ask(LOOKUP, kind=kind, value=value))["errors"][0]
    assert error["extensions"]["code"] == "input_unusable"
    assert not value or value not in error["message"]


@pytest.mark.parametrize(
    "value", ["ada@example.org", "family@example.org", "info@example.org", "no@example.org"]
)
async def test_rest_says_what_graphql_says(ask: Any, client: Any, value: str) -> None:
    graphql = (await ask(LOOKUP, kind="email", value=value))["data"]["lookup"]
    rest = (await (await client(Role.CRM)).get("/v1/lookup", params={"email": value})).json()
    assert {name: rest[name] for name in ("outcome", "reason")} == {
        name: graphql[name] for name in ("outcome", "reason")
    }
    assert [one["id"] for one in rest["profiles"]] == [one["id"] for one in graphql["profiles"]]
    assert rest["profile_count"] == graphql["profileCount"]


INJECTIONS = ["x' OR 1=1 //", '"}) MATCH (n) DETACH DELETE n //', "$key", "{{7*7}}", "`", "\\u0027"]


@pytest.mark.parametrize("attempt", INJECTIONS)
async def test_values_are_parameters(ask: Any, client: Any, attempt: str) -> None:
    assert (await ask(LOOKUP, kind="user_id", value=attempt))["data"]["lookup"]["outcome"] == "NO_MATCH"
    response = await (await client(Role.CRM)).get("/v1/lookup", params={"user_id": attempt})
    assert response.json()["outcome"] == "NO_MATCH"
    assert (await ask("{ sources { name } }"))["data"]["sources"]
