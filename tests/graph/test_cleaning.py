"""What the cleaners answer goes with a version: whoever changes the one raises the other."""

from hashlib import blake2b

import orjson

from graph.attributes import clean_attributes
from graph.cleaning import CLEANING
from graph.identifiers import clean_identifier
from graph.unusable import UnusableValueError

ANSWERS = {2: "05c16cd1c8b2eee9"}
"""By version of the rules, the digest of their answers to the table below. Rules that answer otherwise are a new
version; a longer table is not."""

ATTRIBUTES: tuple[tuple[str, ...], ...] = (
    (
        "full_name",
        "Dr. med. Hans-Jürgen von der Heide",
        "DOBBINS JR, Robert J.",
        "Mme Marie-Claire D'ARTAGNAN",
    ),
    (
        "full_name",
        "Kim Cheol-su",
        "김철수",
        "Иванов Иван Иванович",
        "Eva Schmidt geb. Meier",
        "test test",
        "n/a",
    ),
    ("given_name", "Mary-Jane", "J.R.", "Dr. ADA", "عبد الله"),
    ("surname", "o'neill III", "van gogh", "Null", "null"),
    ("gender", "männlich", "mujer", "X", "?"),
    ("birth_date", "12/11/1978", "1978-12-11", "30.02.1980", "1. März 85", "1900-01-01", "1978"),
    ("address", "Hauptstraße 12 a, 10115 Berlin, Deutschland", "123 Main St Apt 4, Las Vegas NV 89132-1234"),
    ("address", "Flat 2, 221B Baker Street, London NW1 6XE, UK", "15, avenue Foch, 75008 PARIS"),
    ("street_line", "No. 5 Elm Rd", "Calle Mayor 5, 3º B", "p.o. box 12"),
    ("country", "GER", "Österreich", "Atlantis"),
    ("organisation_name", "  Miller  Group GmbH"),
    ("surname", "k.A.", "Brak", "brak", "(leer)"),
    ("address", "Bahnhofstrasse 1\n8001 Zürich\nSchweiz", "Rua Augusta 15, 1250-001 Lisboa"),
    ("country", "Niemcy", "ドイツ", "EE.UU."),
)
IDENTIFIERS = (
    ("email", "", "Ada.L+x@GoogleMail.com", "Ada <ada@@x,org>", "mailto:a@b.org?subject=c", "ada"),
    ("phone", "", "+49 (0)30 901820", "702.919.1300 x12", "493090182015", "12"),
    ("phone", "DE", "030/901820", "0049 30 901820", "tel:0151-23456789"),
    ("phone", "DE", "Tel.: 030 901820 (privat)", "4915123456780.0", "4.930901820E+11"),
    ("email", "", "ada [at] example.org"),
    ("customer_number", "", "a-12 / 7", "-1", "--"),
    ("ssn", "", "078-05-1120", "1234"),
    ("device", "", "AB-12"),
    ("user_id", "", " Ada "),
)


def identified(kind: str, country: str, text: str) -> str:
    try:
        return clean_identifier(kind, text, country=country or None).value
    except UnusableValueError as error:
        return f"!{error.code}"


def test_other_answers_are_another_version() -> None:
    answers: list[object] = []
    for name, *texts in ATTRIBUTES:
        for text in texts:
            cleaned = clean_attributes({name: text}, date_order="dmy")
            answers.append([name, text, cleaned.attributes, [problem.code for problem in cleaned.problems]])
    for kind, country, *texts in IDENTIFIERS:
        answers.extend([kind, country, text, identified(kind, country, text)] for text in texts)
    digest = blake2b(orjson.dumps(answers, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
    assert {CLEANING: digest} == ANSWERS, (
        "What the cleaners answer has changed: raise graph.cleaning.CLEANING."
    )
