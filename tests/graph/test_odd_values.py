"""Values as they stand in exports of many countries, and what becomes of them."""

import pytest

from graph.attributes import clean_attributes
from graph.identifiers import clean_identifier
from graph.unusable import UnusableCode, UnusableValueError

ADDRESSES = {
    "Bahnhofstrasse 1\n8001 Zürich\nSchweiz": "1|Bahnhofstrasse|Zürich|8001|CH",
    "Rua Augusta 15,\r\n1250-001 Lisboa": "15|Rua Augusta|Lisboa|1250-001|",
    "شارع الملك فهد، الرياض 12345": "|شارع الملك فهد|الرياض|12345|",
    "Flat 2, 221B Baker Street, London NW1 6XE, UK": "221b|Baker Street|London|NW1 6XE|GB",
    "ul. Marszałkowska 10/12 m. 5, 00-590 Warszawa, Polska": "10/12|ul. Marszałkowska|Warszawa|00-590|PL",
    "Calle Mayor 5, 3º B, 28013 Madrid, España": "5|Calle Mayor|Madrid|28013|ES",
    "1-1 Chiyoda, Chiyoda-ku, Tokyo 100-0001, Japan": "1-1|Chiyoda|Tokyo|100-0001|JP",
    "Straße des 17. Juni 135, 10623 Berlin": "135|Straße des 17. Juni|Berlin|10623|",
    "Hauptstr. 5, 50667 Köln, Niemcy": "5|Hauptstr.|Köln|50667|DE",
}
COUNTRIES = {
    "Niemcy": "DE", "ドイツ": "DE", "السعودية": "SA", "EE.UU.": "US", "Stany Zjednoczone": "US", "BRD": "DE",
    "Ivory Coast": "CI", "Vereinigtes Königreich": "GB", "日本": "JP", "XK": "XK", "Royaume-Uni": "GB", "مصر": "EG",
}  # fmt: skip
NOTHING = (
    "k.A.", "keine Angabe", "N/D", "s/d", "brak", "nie podano", "なし", "不明", "غير معروف", "(leer)", "#N/A", "\\N",
    "néant", "sin datos", "[null]", "unbek.", "-NULL-", "ninguno",
)  # fmt: skip
PHONES = {
    ("Tel.: 030 901820", "DE"): "+4930901820",
    ("030 901820 (privat)", "DE"): "+4930901820",
    ("Teléfono 612 34 56 78", "ES"): "+34612345678",
    ("Mobil 0151 23456780", "DE"): "+4915123456780",
    ("4915123456780.0", None): "+4915123456780",
    ("٠٥٠١٢٣٤٥٦٧", "SA"): "+966501234567",
    ("８１-３-１２３４-５６７８", "JP"): "+81312345678",
    ("+33 (0)6 12 34 56 78", None): "+33612345678",
    ("8 (495) 123-45-67", "RU"): "+74951234567",
    ("011 49 30 901820", "US"): "+4930901820",
}
EMAILS = {
    "ada [at] example.org": "ada@example.org",
    "ada(at)example.de": "ada@example.de",
    "Müller <Hans@müller.de>": "hans@müller.de",
    "ada@xn--mller-kva.de": "ada@müller.de",
}


@pytest.mark.parametrize(("line", "parts"), ADDRESSES.items())
def test_addresses(line: str, parts: str) -> None:
    found = clean_attributes({"address": line}).attributes
    names = ("house_number", "street", "city", "postcode", "country")
    assert "|".join(found.get(name, "") for name in names) == parts


@pytest.mark.parametrize(("text", "code"), COUNTRIES.items())
def test_countries(text: str, code: str) -> None:
    assert clean_attributes({"country": text}).attributes == {"country": code}


@pytest.mark.parametrize("text", NOTHING)
def test_words_for_nothing(text: str) -> None:
    for name in ("surname", "city", "occupation"):
        cleaned = clean_attributes({name: text})
        assert (cleaned.attributes, [one.code for one in cleaned.problems]) == ({}, ["placeholder_value"])


@pytest.mark.parametrize(
    ("name", "text"), [("surname", "Brak"), ("surname", "Null"), ("given_name", "K.A."), ("city", "Leer")]
)
def test_what_only_looks_like_nothing(name: str, text: str) -> None:
    assert clean_attributes({name: text}).attributes


@pytest.mark.parametrize(("written", "number"), PHONES.items())
def test_phones(written: tuple[str, str | None], number: str) -> None:
    assert clean_identifier("phone", written[0], country=written[1]).value == number


def test_a_number_that_a_spreadsheet_rounded_is_none() -> None:
    with pytest.raises(UnusableValueError) as raised:
        clean_identifier("phone", "4.930901820E+11", country="DE")
    assert raised.value.code is UnusableCode.INVALID_PHONE


@pytest.mark.parametrize(("text", "mailbox"), EMAILS.items())
def test_emails(text: str, mailbox: str) -> None:
    assert clean_identifier("email", text).value == mailbox


@pytest.mark.parametrize(("text", "gender"), [("ذكر", "M"), ("أنثى", "F"), ("kobieta", "F"), ("男", "M")])
def test_genders(text: str, gender: str) -> None:
    assert clean_attributes({"gender": text}).attributes == {"gender": gender}
