"""What somebody consents to: the latest word of every identifier counts, and the strictest of them decides."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from api.consents import grants, latest
from graph.connection import Graph
from graph.consents import StoredConsent
from graph.vocabulary import ConsentStatus, Role

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IDENTIFY = "mutation ($record: RecordInput!) { identify(record: $record) { profileId } }"
CONSENTS = """
query ($id: ID!) { profile(id: $id) { recordCount consents {
  purpose granted status decisions { identifierKind status decidedAt expiresAt source }
} } }
"""


def decision(identifier: str, status: ConsentStatus, days: int, expires: int | None = None) -> StoredConsent:
    expires_at = None if expires is None else NOW + timedelta(days=expires)
    return StoredConsent(
        identifier, "email", "", "news", status, NOW + timedelta(days=days), expires_at, "crm"
    )


def test_the_latest_word_of_each_identifier_stands_whatever_the_order() -> None:
    said = [
        decision("a", ConsentStatus.GRANTED, -9),
        decision("a", ConsentStatus.REVOKED, -5),
        decision("b", ConsentStatus.GRANTED, -1),
        decision("b", ConsentStatus.DENIED, -1),
    ]
    for order in permutations(said):
        standing = {one.identifier_key: one.status for one in latest(order)}
        assert standing == {"a": ConsentStatus.REVOKED, "b": ConsentStatus.DENIED}


def test_a_consent_ends_when_it_expires() -> None:
    assert grants(decision("a", ConsentStatus.GRANTED, -9), NOW)
    assert grants(decision("a", ConsentStatus.GRANTED, -9, expires=1), NOW)
    assert not grants(decision("a", ConsentStatus.GRANTED, -9, expires=0), NOW)
    assert not grants(decision("a", ConsentStatus.REVOKED, -9), NOW)


def record(number: str, email: str, status: str, at: str, **consent: Any) -> dict[str, Any]:
    return {
        "source": "crm",
        "recordId": number,
        "attributes": {"givenName": "Ada", "surname": "Lovelace", "birthDate": "1815-12-10"},
        "identifiers": [{"kind": "email", "value": email}, {"kind": "customer_number", "value": "A-77"}],
        "consents": [
            {"purpose": "news", "status": status, "decidedAt": at, "identifierKind": "email", **consent}
        ],
    }


@pytest.mark.store
@pytest.mark.flow
async def test_one_address_that_withdraws_speaks_for_the_person(graph: Graph, client: Any) -> None:
    steward = await client(Role.STEWARD)

    async def told(said: dict[str, Any]) -> dict[str, Any]:
        answer = await steward.post("/graphql", json={"query": IDENTIFY, "variables": {"record": said}})
        id_ = answer.json()["data"]["identify"]["profileId"]
        found = await steward.post("/graphql", json={"query": CONSENTS, "variables": {"id": id_}})
        return found.json()["data"]["profile"]

    first = await told(record("1", "ada@x.org", "GRANTED", "2026-01-01T00:00:00Z"))
    assert first["consents"] == [
        {
            "purpose": "news",
            "granted": True,
            "status": "GRANTED",
            "decisions": [
                {
                    "identifierKind": "email",
                    "status": "GRANTED",
                    "decidedAt": "2026-01-01T00:00:00+00:00",
                    "expiresAt": None,
                    "source": "crm",
                }
            ],
        }
    ]
    second = await told(record("2", "ada@work.org", "DENIED", "2025-01-01T00:00:00Z"))
    assert second["recordCount"] == 2
    [news] = second["consents"]
    assert (news["granted"], news["status"], len(news["decisions"])) == (False, "DENIED", 2)
    third = await told(record("2", "ada@work.org", "GRANTED", "2026-02-01T00:00:00Z"))
    [news] = third["consents"]
    assert (news["granted"], news["status"], len(news["decisions"])) == (True, "GRANTED", 3)


@pytest.mark.store
async def test_a_consent_without_a_holder_is_refused(graph: Graph, client: Any) -> None:
    said = record("1", "ada@x.org", "GRANTED", "2026-01-01T00:00:00Z", identifierKind="phone")
    answer = await (await client(Role.CRM)).post(
        "/graphql", json={"query": IDENTIFY, "variables": {"record": said}}
    )
    assert "consent_unusable" in answer.json()["errors"][0]["message"]
    assert await graph.read("MATCH (r:SourceRecord) RETURN r") == []
