"""Addresses come apart the same way from columns and from one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.address_lines import split_line, split_street
from graph.addresses import ADDRESS_PARTS, Address, clean_address, clean_postcode
from graph.countries import clean_country, clean_region
from graph.streets import street_key
from graph.text import tidy
from graph.unusable import UnusableCode, UnusableValueError


@pytest.mark.parametrize(
    ("line", "number", "street", "unit"),
    [
        ("123 Main Street", "123", "Main Street", ""),
        ("123 Main St Apt 4B", "123", "Main St", "Apt 4B"),
        ("123 E Main St #5", "123", "E Main St", "#5"),
        ("221B Baker St", "221B", "Baker St", ""),
        ("12-14 High Street", "12-14", "High Street", ""),
        ("42 1st Street", "42", "1st Street", ""),
        ("5th Avenue 200", "200", "5th Avenue", ""),
        ("Hauptstraße 12a", "12a", "Hauptstraße", ""),
        ("Hauptstr. 12 a", "12 a", "Hauptstr.", ""),
        ("Nowy Świat 15 m. 3", "15", "Nowy Świat", "m. 3"),
        ("Old Mill 638 Downey St", "638", "Downey St", "Old Mill"),
        ("Rose Cottage", "", "Rose Cottage", ""),
        ("", "", "", ""),
    ],
)
def test_street_lines(line: str, number: str, street: str, unit: str) -> None:
    assert split_street(line) == Address(house_number=number, street=street, unit=unit)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("123 Main Street, Las Vegas NV 89132", ("123", "Main Street", "", "Las Vegas", "89132", "NV", "")),
        (
            "123 Main St Apt 4B, Springfield, IL 62704",
            ("123", "Main St", "Apt 4B", "Springfield", "62704", "IL", ""),
        ),
        ("9 32nd St Palm Harbor, FL 60527", ("9", "32nd St", "", "Palm Harbor", "60527", "FL", "US")),
        (
            "80 Delaware Ave SE Washington DC 40040",
            ("80", "Delaware Ave SE", "", "Washington", "40040", "DC", "US"),
        ),
        (
            "Suite 9, 14 City Rd, Arlington, VA, USA",
            ("14", "City Rd", "Suite 9", "Arlington", "", "VA", "US"),
        ),
        (
            "10 Downing Street, London SW1A 2AA, UK",
            ("10", "Downing Street", "", "London", "SW1A 2AA", "", "GB"),
        ),
        ("1 Mill Ln, Hull, Yorkshire, HU1 1AA", ("1", "Mill Ln", "", "Hull", "HU1 1AA", "Yorkshire", "")),
        (
            "Hauptstr. 12 a, D-10115 Berlin, Deutschland",
            ("12a", "Hauptstr.", "", "Berlin", "10115", "", "DE"),
        ),
        ("12 rue de la Paix, 75002 Paris, France", ("12", "rue de la Paix", "", "Paris", "75002", "", "FR")),
        ("Calle Mayor 5, 3º B, 28013 Madrid", ("5", "Calle Mayor", "3º B", "Madrid", "28013", "", "")),
        ("Kungsgatan 5, 111 43 Stockholm", ("5", "Kungsgatan", "", "Stockholm", "111 43", "", "")),
        ("PO BOX 12, Smalltown, TX 75001", ("12", "PO Box", "", "Smalltown", "75001", "TX", "")),
        ("Las Vegas", ("", "", "", "Las Vegas", "", "", "")),
    ],
)
def test_whole_addresses(line: str, expected: tuple[str, ...]) -> None:
    # 3º is kept as NFKC writes it once a loader has tidied it; here the line goes in as it is.
    assert clean_address({"address": line}) == Address(*expected)


def test_columns_win_over_the_line() -> None:
    cleaned = clean_address({"address": "1 Mill Ln, Leeds, LS1 1AA", "city": "HULL", "postcode": "hu11aa"})
    assert (cleaned.street, cleaned.city, cleaned.postcode) == ("Mill Ln", "Hull", "HU1 1AA")


def test_a_street_column_may_hold_everything() -> None:
    assert clean_address({"street": "1 Mill Ln, Leeds, LS1 1AA"}).city == "Leeds"
    assert clean_address({"street": "Mill Ln", "house_number": "1.0"}).house_number == "1"


@pytest.mark.parametrize(
    ("text", "country", "postcode"),
    [
        ("tr276jn", "", "TR27 6JN"),
        ("m1s1t4", "CA", "M1S 1T4"),
        ("1016gv", "NL", "1016 GV"),
        ("89132-1234", "US", "89132"),
        ("927230000", "US", "92723"),
        ("2139", "US", "02139"),
        ("2139", "AU", "2139"),
        ("57866.0", "", "57866"),
        ("D-10115", "DE", "10115"),
        ("00-590", "PL", "00-590"),
    ],
)
def test_postcodes(text: str, country: str, postcode: str) -> None:
    assert clean_postcode(text, country) == postcode


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("deu", "DE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("CAN", "CA"),
        ("England", "GB"),
        ("UK", "GB"),
        ("Россия", "RU"),
        ("中国", "CN"),
        ("South Korea", "KR"),
        ("Viet Nam", "VN"),
        ("Bolivia", "BO"),
    ],
)
def test_countries(text: str, code: str) -> None:
    assert clean_country(text) == code


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_country("Ruritania")
    assert refused.value.code is UnusableCode.INVALID_COUNTRY


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Nevada", "US", "NV"),
        ("nevada", "", "NV"),
        ("nsw", "AU", "NSW"),
        ("Ontario", "CA", "ON"),
        ("Tirol", "AT", "Tirol"),
    ],
)
def test_regions(text: str, country: str, code: str) -> None:
    assert clean_region(text, country) == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("N. Main Street", "North Main St"),
        ("Adela Lane", "Adela Ln"),
        ("Hauptstraße", "Hauptstr."),
        ("Berliner Straße", "Berliner Str."),
        ("Fifth Avenue", "5th Ave."),
        ("ul. Marszałkowska", "Ulica Marszalkowska"),
    ],
)
def test_streets_that_are_the_same(one: str, other: str) -> None:
    assert street_key(one) == street_key(other)


def test_streets_that_are_not_the_same() -> None:
    assert street_key("Main Street") != street_key("Main Road")


@given(
    st.dictionaries(st.sampled_from([*ADDRESS_PARTS[:-1], "address", "street_line"]), st.text(max_size=40))
)
def test_addresses_never_raise(parts: dict[str, str]) -> None:
    try:
        tidied = {name: tidy(text) for name, text in parts.items()}
    except UnusableValueError:
        return
    cleaned = clean_address(tidied)
    assert all(tidy(getattr(cleaned, name)) == getattr(cleaned, name) for name in ADDRESS_PARTS)
    split_line(tidied.get("address", ""))
