"""Every spelling of an identifier becomes one value, and nothing else becomes it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.facts import Identifier
from graph.identifiers import (
    KINDS,
    UnusableValueError,
    canonical_kind,
    clean_identifier,
    identifier_key,
    kind_of,
    placeholder_reason,
)
from graph.unusable import UnusableCode
from graph.vocabulary import IdentifierClass


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("E-Mail", "email"),
        ("mail", "email"),
        ("emailAddress", "email"),
        ("Tel.", "phone"),
        ("Mobile Number", "phone"),
        ("Driver's License", "driving_licence"),
        ("soc_sec_id", "ssn"),
        ("anonymousId", "cookie"),
        ("login", "user_id"),
        ("Kundennummer", "customer_number"),
        ("shop reference", "shop_reference"),
    ],
)
def test_kinds_are_known_by_what_people_call_them(written: str, kind: str) -> None:
    assert canonical_kind(written) == kind


def test_kinds_are_registered_with_a_description_and_their_own_priority() -> None:
    assert all(kind.description.endswith(".") and kind.name == name for name, kind in KINDS.items())
    assert len({kind.priority for kind in KINDS.values()}) == len(KINDS)
    assert {kind.identifier_class for kind in KINDS.values()} == set(IdentifierClass)


def test_an_unregistered_kind_is_a_guarded_contact() -> None:
    kind = kind_of("shop reference")
    assert (kind.name, kind.identifier_class) == ("shop_reference", IdentifierClass.CONTACT)
    assert clean_identifier("shop reference", " aB-1 ") == Identifier("shop_reference", "aB-1")


@pytest.mark.parametrize("name", ["", "  ", "1st", "?", "x" * 80])
def test_a_kind_is_a_word(name: str) -> None:
    with pytest.raises(UnusableValueError) as refused:
        canonical_kind(name)
    assert refused.value.code is UnusableCode.UNKNOWN_KIND


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Ada.Lovelace@Example.ORG", "ada.lovelace@example.org"),
        ("Maria Sentosa <m@x.com>", "m@x.com"),
        ('"Sentosa, M." <m@x.com>', "m@x.com"),
        ("mailto:m@x.com?subject=hi", "m@x.com"),
        ("a.d.a+news@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("ada+x@outlook.com", "ada@outlook.com"),
        ("a.da+x@example.org", "a.da+x@example.org"),
        ("ada@me.com", "ada@icloud.com"),
        ("ada@@example.org", "ada@example.org"),
        ("ada@example..org", "ada@example.org"),
        ("ada@example,org", "ada@example.org"),
        ("ada\u200b@example.org", "ada@example.org"),
        ("ａｄａ@example.org", "ada@example.org"),
        ("jürgen@müller.de", "jürgen@müller.de"),
        ("ada@xn--mller-kva.de", "ada@müller.de"),
    ],
)
def test_emails(raw: str, value: str) -> None:
    assert clean_identifier("email", raw) == Identifier("email", value)


def test_an_address_of_mixed_scripts_is_not_its_look_alike() -> None:
    cyrillic_a = "\u0430"
    assert clean_identifier("email", f"{cyrillic_a}da@example.org") != clean_identifier(
        "email", "ada@example.org"
    )


@pytest.mark.parametrize("raw", ["ada", "ada@", "@x.org", "a b@x.org", "ada@localhost", "ada@x", "1"])
def test_what_is_no_email_is_refused(raw: str) -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_identifier("email", raw)
    assert refused.value.code is UnusableCode.INVALID_EMAIL


@pytest.mark.parametrize(
    ("raw", "country", "value"),
    [
        ("+1 702-919-1300", None, "+17029191300"),
        ("702-919-1300", None, "+17029191300"),
        ("(702) 919-1300", None, "+17029191300"),
        ("1-702-919-1300", None, "+17029191300"),
        ("(702)  170-1671", None, "+17021701671"),
        ("7029191300", None, "+17029191300"),
        ("tel:+17029191300", None, "+17029191300"),
        ("0049 30 1234567", None, "+49301234567"),
        ("+49 (0)30 1234567", None, "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("030 1234567", "de", "+49301234567"),
        ("030 1234567", None, "0301234567"),
        ("4915112345678", None, "+4915112345678"),
        ("4915112345678", "DE", "+4915112345678"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("321-3212", None, "3213212"),
        ("321-3212", "US", "3213212"),
        ("+92 42-7925774", None, "+92427925774"),
        ("+1 702 919 1300 ext. 12", None, "+17029191300;ext=12"),
        ("٠٧٠٢٩١٩١٣٠٠", None, "07029191300"),
    ],
)
def test_phones(raw: str, country: str | None, value: str) -> None:
    assert clean_identifier("phone", raw, country=country) == Identifier("phone", value)


@pytest.mark.parametrize("raw", ["12345", "ask for Ada", "ada@example.org", "+", "1" * 30])
def test_what_is_no_phone_is_refused(raw: str) -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_identifier("phone", raw)
    assert refused.value.code is UnusableCode.INVALID_PHONE


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("driving_licence", "nv 112-233", "NV112233"),
        ("passport", "P<GBR 123.456", "PGBR123456"),
        ("ssn", "294-66-9999", "294669999"),
        ("customer_number", "c-00 12", "C0012"),
        ("customer_number", "-1", "-1"),
        ("user_id", "Ada_L", "Ada_L"),
        ("device", "6D92078A-8246", "6d92078a-8246"),
    ],
)
def test_numbers(kind: str, raw: str, value: str) -> None:
    assert clean_identifier(kind, raw).value == value


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("customer_number", "", UnusableCode.EMPTY_VALUE),
        ("customer_number", "--", UnusableCode.EMPTY_VALUE),
        ("ssn", "6999", UnusableCode.VALUE_TOO_SHORT),
        ("passport", "unknown", UnusableCode.INVALID_NUMBER),
        ("user_id", "x" * 513, UnusableCode.VALUE_TOO_LONG),
        ("user_id", "x\x00", UnusableCode.FORBIDDEN_CHARACTER),
    ],
)
def test_numbers_refused(kind: str, raw: str, code: UnusableCode) -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_identifier(kind, raw)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("email", "info@ca-state.gov"),
        ("email", "no-reply@example.org"),
        ("email", "Customer.Service@example.org"),
        ("email", "test@test.com"),
        ("email", "none@none.com"),
        ("email", "a@a.com"),
        ("phone", "0000000000"),
        ("phone", "+1 555 555 5555"),
        ("phone", "+18005550100"),
        ("phone", "1234567"),
        ("ssn", "078-05-1120"),
        ("ssn", "000-12-3456"),
        ("national_id", "123456789"),
        ("bank_account", "DE89370400440532013001"),
        ("user_id", "null"),
        ("user_id", "anonymous"),
        ("user_id", "N/A"),
        ("customer_number", "-1"),
        ("customer_number", "000000"),
        ("customer_number", "999999"),
        ("cookie", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_placeholders_are_kept_and_blocked(kind: str, raw: str) -> None:
    assert placeholder_reason(clean_identifier(kind, raw))


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("email", "ada@example.org"),
        ("email", "мария@example.org"),
        ("email", "mail@lovelace.org"),
        ("email", "smith@smith.com"),
        ("phone", "+17029191300"),
        ("ssn", "294-66-9999"),
        ("bank_account", "DE89 3704 0044 0532 0130 00"),
        ("customer_number", "12345"),
        ("customer_number", "1000"),
        ("user_id", "Nullmeier"),
    ],
)
def test_ordinary_values_are_not_blocked(kind: str, raw: str) -> None:
    assert placeholder_reason(clean_identifier(kind, raw)) is None


def test_keys_hide_the_value_and_depend_on_kind_and_salt() -> None:
    ada = Identifier("email", "ada@example.org")
    key = identifier_key(ada, b"salt")
    assert key.startswith("email:")
    assert "ada@" not in key
    assert key == identifier_key(ada, b"salt")
    assert key != identifier_key(ada, b"pepper")


@example("phone", "2012+000000")
@example("phone", "+8002000000")
@given(kind=st.sampled_from(sorted(KINDS)), raw=st.text(max_size=40) | st.from_regex(r"\+?[0-9 ()/-]{5,18}"))
def test_cleaning_again_changes_nothing(kind: str, raw: str) -> None:
    try:
        cleaned = clean_identifier(kind, raw)
    except UnusableValueError:
        return
    assert clean_identifier(kind, cleaned.value) == cleaned
    assert cleaned.value.encode()
    placeholder_reason(cleaned)


@given(st.emails())
def test_cleaning_an_email_again_changes_nothing(raw: str) -> None:
    try:
        cleaned = clean_identifier("email", raw)
    except UnusableValueError:
        return
    assert clean_identifier("email", cleaned.value) == cleaned
