"""Messages of SDKs become facts: whose they are, what they say, when it was, and what is wrong with the others."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.facts import Identifier
from graph.vocabulary import RecordKind
from loaders.events import EventReader
from loaders.facts import RowFacts
from loaders.journal_file import Message
from loaders.rows import UnusableRowError

RECEIVED = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def message(said: Any, *, source: str = "web", sent_at: str | None = None) -> Message:
    body = said if isinstance(said, bytes) else orjson.dumps(said)
    return Message(source, "m1", body, RECEIVED, sent_at)


def facts(*, source: str = "web", sent_at: str | None = None, **said: Any) -> RowFacts:
    return EventReader(b"salt", claimed=["web"]).facts(message(said, source=source, sent_at=sent_at))


def code(**said: Any) -> str:
    with pytest.raises(UnusableRowError) as caught:
        facts(**said)
    return caught.value.code


def test_a_user_is_a_person_and_a_browser_a_visitor() -> None:
    user, visitor = facts(type="page", userId="u1", anonymousId="a1"), facts(type="page", anonymousId="a1")
    assert user.record
    assert visitor.record
    assert (user.record.key, user.record.kind) == ("web:userId:u1", RecordKind.PERSON)
    assert user.record.identifiers == (Identifier("cookie", "a1"), Identifier("user_id", "u1"))
    assert (visitor.record.key, visitor.record.kind) == ("web:anonymousId:a1", RecordKind.VISITOR)


@pytest.mark.parametrize(
    "nobody", ["", " ", "null", "undefined", "anonymous", "-1", "0000", None, {}, [], True]
)
def test_an_id_that_says_nothing_is_none(nobody: Any) -> None:
    record = facts(type="page", userId=nobody, anonymousId="a1").record
    assert record
    assert record.key == "web:anonymousId:a1"
    assert code(type="page", userId=nobody, anonymousId=nobody) == "record_id_missing"


def test_an_email_as_user_id_is_not_in_the_key() -> None:
    record = facts(type="page", userId="Ada@Example.org").record
    assert record
    assert "Ada" not in record.key
    assert Identifier("email", "ada@example.org") in record.identifiers


def test_traits_become_attributes_identifiers_and_extra() -> None:
    record = facts(
        type="identify",
        userId="u1",
        traits={
            "firstName": "ADA",
            "last_name": "Byron",
            "birthday": "1815-12-10",
            "email": "A@x.org",
            "phone": "030 9876501",
            "address": {
                "street": "1 High Street",
                "city": "Berlin",
                "postalCode": "10115",
                "country": "Germany",
            },
            "company": {"name": "Analytical Ltd", "id": 7},
            "plan": "pro",
            "age": 36,
            "title": None,
        },
    ).record
    assert record
    assert record.attributes["given_name"] == "Ada"
    assert record.attributes["surname"] == "Byron"
    assert record.attributes["birth_date"] == "1815-12-10"
    assert record.attributes["city"] == "Berlin"
    assert record.attributes["organisation_name"] == "Analytical Ltd"
    assert record.extra == {"plan": "pro", "age": "36"}
    assert record.identifiers == (
        Identifier("email", "a@x.org"),
        Identifier("phone", "+49309876501"),
        Identifier("user_id", "u1"),
    )


def test_traits_are_stated_by_identify_alone_but_identifiers_count_from_any_call() -> None:
    record = facts(
        type="track", event="X", userId="u1", context={"traits": {"email": "a@x.org", "plan": "pro"}}
    ).record
    assert record
    assert record.extra == {}
    assert Identifier("email", "a@x.org") in record.identifiers


def test_a_claimed_source_links_by_its_user_id_and_devices_only() -> None:
    said = {
        "type": "alias",
        "userId": "u1",
        "previousId": "u2",
        "context": {
            "externalIds": [{"type": "customer_number", "id": "C1"}, {"type": "ios.idfa", "id": "AB-1"}]
        },
    }
    claimed, checked = facts(**said).record, facts(**said, source="server").record
    assert claimed
    assert checked
    assert {one.kind for one in claimed.identifiers} == {"user_id", "cookie", "device"}
    assert Identifier("user_id", "u2") not in claimed.identifiers
    assert {*checked.identifiers} >= {Identifier("user_id", "u2"), Identifier("customer_number", "C1")}


def test_a_group_call_speaks_of_an_organisation_too() -> None:
    said = facts(type="group", userId="u1", groupId="g1", traits={"name": "Acme Ltd", "plan": "gold"})
    assert said.record
    assert said.group
    assert said.touchpoint
    assert said.group.key == "web:groupId:g1"
    assert said.group.kind is RecordKind.ORGANISATION
    assert said.group.attributes == {"organisation_name": "Acme Ltd"}
    assert said.record.attributes == {}
    assert said.touchpoint.properties == {"groupId": "g1"}


def test_a_touchpoint_has_page_campaign_and_properties() -> None:
    touchpoint = facts(
        type="track",
        event="Order Completed",
        anonymousId="a1",
        properties={"revenue": 12.5, "products": [{"sku": "x"}], "cart": {"id": 9}},
        context={"page": {"url": "https://x/"}, "campaign": {"name": "spring", "source": "ads"}},
    ).touchpoint
    assert touchpoint
    assert (touchpoint.type, touchpoint.channel, touchpoint.campaign) == ("Order Completed", "web", "spring")
    assert touchpoint.revenue == 12.5
    assert touchpoint.properties["products"] == '[{"sku":"x"}]'
    assert touchpoint.properties["cart.id"] == "9"
    assert touchpoint.properties["page_url"] == "https://x/"


@pytest.mark.parametrize(
    ("stated", "sent", "late"),
    [
        ("2026-11-22T11:59:00Z", None, 60),
        ("2026-11-22T09:59:50Z", "2026-11-22T10:00:00Z", 10),  # a clock two hours behind
        ("2026-11-22T15:59:50+00:00", "2026-11-22T16:00:00Z", 10),  # and one four hours ahead
        ("2026-11-22T16:00:10Z", "2026-11-22T16:00:00Z", 0),  # never after it was received
        ("2099-01-01T00:00:00Z", None, 0),
        (None, "2026-11-22T10:00:00Z", 0),
    ],
)
def test_clock_skew_is_corrected(stated: str | None, sent: str | None, late: int) -> None:
    for said, envelope in ({"sentAt": sent}, None), ({}, sent):
        touchpoint = facts(
            type="page", anonymousId="a", timestamp=stated, **said, sent_at=envelope
        ).touchpoint
        assert touchpoint
        assert touchpoint.occurred_at == RECEIVED - timedelta(seconds=late)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"type": "purge", "userId": "u"}, "message_type_unknown"),
        ({"type": ["track"], "userId": "u"}, "message_type_unknown"),
        ({"userId": "u"}, "message_type_unknown"),
        ({"type": "track", "userId": "u"}, "touchpoint_type_missing"),
        ({"type": "group", "userId": "u"}, "record_id_missing"),
        ({"type": "page", "userId": "u" * 600}, "record_id_too_long"),
        ({"type": "page", "userId": "u", "timestamp": "30 February 2020"}, "occurred_at_unusable"),
        ({"type": "page", "userId": "u", "timestamp": "0001-01-01T00:00:00Z"}, "occurred_at_unusable"),
        ({"type": "page", "userId": "u", "timestamp": "9999-12-31T23:59:59Z"}, "occurred_at_unusable"),
    ],
)
def test_what_cannot_be_used_has_a_code(said: dict[str, Any], expected: str) -> None:
    assert code(**said) == expected


def test_reading_is_repeatable() -> None:
    said = {"type": "identify", "userId": "u", "traits": {"name": "Ada Byron"}}
    assert facts(**said) == facts(**said)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ID = st.sampled_from(["u1", "ada@x.org", 7]) | ANY
CONTEXT = st.fixed_dictionaries(
    {},
    optional={
        "traits": ANY,
        "device": ANY | st.fixed_dictionaries({"id": ID}),
        "page": ANY,
        "campaign": ANY,
        "externalIds": st.lists(st.fixed_dictionaries({"type": ANY | st.just("email"), "id": ID})) | ANY,
    },
)
TRAITS = st.dictionaries(
    st.sampled_from(["name", "email", "phone", "address", "company", "birthday", "country", "user_id", "x"])
    | st.text(),
    ANY,
)
MESSAGE = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "track", "page", "group", "alias", "merge"]), "userId": ID},
    optional={
        "anonymousId": ID,
        "traits": TRAITS | ANY,
        "context": CONTEXT | ANY,
        "properties": ANY,
        "event": ANY,
        "groupId": ID,
        "previousId": ID,
        "mergeProperties": ANY,
        "timestamp": ANY | st.just("2026-11-22T00:00:00Z"),
        "sentAt": ANY,
        "channel": ANY,
    },
)


@settings(max_examples=300)
@given(MESSAGE)
def test_any_message_gives_facts_or_a_code(said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    with suppress(UnusableRowError):  # anything else that is raised is a defect
        found = EventReader(b"salt", claimed=["web"]).facts(message(body))
        assert found.record
        assert found.touchpoint
        assert found.touchpoint.occurred_at <= RECEIVED
        kept = (*found.record.extra.values(), *found.touchpoint.properties.values())
        assert all(isinstance(value, str) for value in kept)
