"""Rows become facts as the mapping says, and every row that cannot has a code."""

import pytest

from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.vocabulary import RecordKind
from loaders.facts import RowFacts, RowMapper
from loaders.interactions import read_amount
from loaders.mapping import parse_mapping
from loaders.rows import Row, UnusableRowError

PEOPLE = """
[source]
name = "crm"
[record]
id = "id"
deleted = { column = "op", values = ["D"] }
observed_at = "seen"
[attributes]
given_name = "first"
surname = "last"
organisation_name = "firm"
birth_date = { column = ["y", "m", "d"], order = "ymd" }
tier = "tier"
[identifiers]
email = { column = "mail", separator = ";" }
phone = { column = "phone", country = "land" }
customer_number = { column = "no", namespace = "acme" }
"""

EVENTS = """
[source]
name = "web"
[record]
first_of = ["login", "device"]
[identifiers]
email = "login"
device = "device"
[touchpoint]
id = "event"
occurred_at = "at"
type = "what"
revenue = "sum"
properties = ["page"]
"""


def facts(mapping: str, **values: str) -> RowFacts:
    return RowMapper(parse_mapping(mapping), b"salt").facts(Row(2, values))


def code(mapping: str, **values: str) -> str:
    with pytest.raises(UnusableRowError) as caught:
        facts(mapping, **values)
    return caught.value.code


def test_a_row_becomes_a_cleaned_record() -> None:
    record = facts(
        PEOPLE, id="7", first="ADA", last="byron", y="1815", m="12", d="10", mail="A@x.org; b@x.org"
    ).record
    assert record is not None
    assert record.key == "crm:7"
    assert record.kind is RecordKind.PERSON
    assert record.attributes == {"given_name": "Ada", "surname": "Byron", "birth_date": "1815-12-10"}
    assert record.identifiers == (Identifier("email", "a@x.org"), Identifier("email", "b@x.org"))
    assert '"first":"ADA"' in record.raw


def test_a_column_gives_the_country_of_a_phone_and_a_namespace_its_prefix() -> None:
    record = facts(PEOPLE, id="7", phone="030 9876501", land="Germany", no="17").record
    assert record is not None
    assert record.identifiers == (
        Identifier("customer_number", "acme:17"),
        Identifier("phone", "+49309876501"),
    )


def test_an_unusable_value_is_noted_and_the_row_kept() -> None:
    record = facts(PEOPLE, id="7", first="Ada", mail="nonsense", y="1815", m="13", d="45").record
    assert record is not None
    assert record.identifiers == ()
    assert record.extra["problems"] == "email:invalid_email birth_date:impossible_date"


def test_other_names_are_kept_and_never_matched() -> None:
    record = facts(PEOPLE, id="7", first="Ada", tier="gold").record
    assert record is not None
    assert record.extra == {"tier": "gold"}
    assert "tier" not in record.attributes


def test_only_an_organisations_name_makes_an_organisation() -> None:
    alone, with_person = (
        facts(PEOPLE, id="1", firm="Acme Ltd"),
        facts(PEOPLE, id="2", firm="Acme", first="Ada"),
    )
    assert alone.record is not None
    assert alone.record.kind is RecordKind.ORGANISATION
    assert with_person.record is not None
    assert with_person.record.kind is RecordKind.PERSON


def test_a_delete_marker_is_a_tombstone() -> None:
    told = facts(PEOPLE, id="7", op="d")
    assert told.record is None
    assert told.tombstone is not None
    assert told.tombstone.key == "crm:7"


def test_the_same_content_has_the_same_hash() -> None:
    one, same, other = (facts(PEOPLE, id="7", first=name).record for name in ("Ada", "Ada", "Eda"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.content_hash == same.content_hash != other.content_hash


def test_content_can_be_the_id() -> None:
    mapping = PEOPLE.replace('id = "id"', 'id = "content"')
    one, same, other = (facts(mapping, first=name).record for name in ("Ada", "Ada", "Eda"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.key == same.key != other.key


def test_an_event_hangs_on_the_user_when_logged_in_else_on_the_device() -> None:
    row = {"event": "e1", "at": "2024-05-06T07:08:09Z", "what": "view", "device": "17", "page": "/"}
    visitor, user = facts(EVENTS, **row), facts(EVENTS, **row, login="Ada@X.org")
    assert visitor.record is not None
    assert visitor.touchpoint is not None
    assert (visitor.record.key, visitor.record.kind) == ("web:device:17", RecordKind.VISITOR)
    assert visitor.touchpoint.record_key == "web:device:17"
    assert visitor.touchpoint.properties == {"page": "/"}
    assert user.record is not None
    assert user.record.kind is RecordKind.PERSON
    assert [identifier.kind for identifier in user.record.identifiers] == ["device", "email"]
    assert "ada" not in user.record.key.lower()
    assert facts(EVENTS, **row, login="ada@x.org").record == user.record


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"id": "x" * 9_000, "first": "Ada"}, "record_id_too_long"),
        ({"id": "7"}, "nothing_usable"),
        ({"id": "7", "mail": "x" * 9_000 + "@x.org", "first": "n/a"}, "nothing_usable"),
    ],
)
def test_rows_without_a_use_have_a_code(values: dict[str, str], expected: str) -> None:
    assert code(PEOPLE, **values) == expected


@pytest.mark.parametrize("missing", [{}, {"id": "NaN"}, {"id": "null"}])
def test_a_row_without_an_id_gets_one_from_its_content(missing: dict[str, str]) -> None:
    one, same, other = (facts(PEOPLE, **missing, first=name).record for name in ("Ada", "Ada", "Ralph"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.record_id == same.record_id != other.record_id
    strict = PEOPLE.replace('id = "id"', 'id = "id"\nwithout_id = "reject"')
    assert code(strict, **missing, first="Ada") == "record_id_missing"
    assert code(PEOPLE, **missing, op="D") == "record_id_missing"


def test_an_identifier_of_9_kb_costs_only_itself() -> None:
    record = facts(PEOPLE, id="7", first="Ada", mail="x" * 9_000 + "@x.org").record
    assert record is not None
    assert record.extra["problems"] == "email:value_too_long"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"event": "null"}, "touchpoint_id_missing"),
        ({"at": "yesterday"}, "occurred_at_unusable"),
        ({"at": "0001-01-01"}, "occurred_at_unusable"),
        ({"what": ""}, "touchpoint_type_missing"),
        ({"device": "none"}, "record_id_missing"),
    ],
)
def test_events_without_a_use_have_a_code(change: dict[str, str], expected: str) -> None:
    row = {"event": "e1", "at": "2024-05-06", "what": "view", "device": "17"} | change
    assert code(EVENTS, **{name: text for name, text in row.items() if text}) == expected


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.5", 12.5),
        ("€ 1.234,50", 1234.5),
        ("1,234.50 USD", 1234.5),
        ("-3", -3.0),
        ("12,5", 12.5),
        ("free", None),
    ],
)
def test_amounts_in_several_spellings(text: str, amount: float | None) -> None:
    assert read_amount(text) == amount


def test_a_mapping_says_what_is_verified() -> None:
    text = """
        [source]
        name = "crm"
        [record]
        id = "id"
        [attributes]
        full_name = { column = "name", verified = true }
        [identifiers]
        E-Mail = { column = "mail", verified = "checked" }
        phone = "phone"
    """
    mapper = RowMapper(parse_mapping(text), b"salt")
    row = {"id": "1", "name": "Ada Byron", "mail": "ada@example.org", "phone": "+12025550101"}
    found = [mapper.facts(Row(1, {**row, "checked": said})).record for said in ("Yes", "no")]
    assert [one.verified for one in found] == [("email", "full_name"), ("full_name",)]
    assert len({one.content_hash for one in found}) == 2


def test_a_touchpoint_of_somebody_logged_in_names_the_device() -> None:
    known = facts(EVENTS, event="1", at="2025-01-01", what="view", device="D-9", login="a@x.org")
    device = next(one for one in known.record.identifiers if one.kind == "device")
    assert known.touchpoint.device_key == identifier_key(device, b"salt")
    unusable = facts(EVENTS, event="2", at="2025-01-01", what="view", device="D-9", login="a@")
    assert unusable.record.kind is RecordKind.VISITOR
    assert unusable.touchpoint.device_key is None
    elsewhere = facts(EVENTS, event="3", at="2025-01-01", what="view", device="", login="a@x.org")
    assert elsewhere.touchpoint.device_key is None
