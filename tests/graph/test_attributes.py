"""A record's attributes are cleaned together: parts win over lines, and bad values become problems."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.attributes import INPUTS, Problem, clean_attributes, clean_gender
from graph.unusable import UnusableCode, UnusableValueError
from graph.vocabulary import ATTRIBUTES


def test_a_whole_record() -> None:
    cleaned = clean_attributes(
        {
            "given_name": "Robert J.",
            "surname": "DOBBINS JR",
            "gender": "Male",
            "birth_date": "12/11/1978",
            "birth_place": "LAS VEGAS",
            "occupation": " plumber ",
            "address": "123 Main Street, Las Vegas NV 89132",
            "country": "usa",
        },
        date_order="mdy",
    )
    assert cleaned.attributes == {
        "given_name": "Robert",
        "middle_name": "J",
        "surname": "Dobbins",
        "generation": "Jr",
        "gender": "M",
        "birth_date": "1978-12-11",
        "birth_place": "Las Vegas",
        "occupation": "plumber",
        "house_number": "123",
        "street": "Main Street",
        "city": "Las Vegas",
        "postcode": "89132",
        "region": "NV",
        "country": "US",
    }
    assert cleaned.problems == ()


@pytest.mark.parametrize(
    ("raw", "attributes"),
    [
        ({"full_name": "Lovelace, Ada"}, {"given_name": "Ada", "surname": "Lovelace"}),
        (
            {
                "given_name": "thomas",
                "surname": "clifford",
                "full_name": "thomas clifford, 1st baron of chudleigh",
            },
            {"given_name": "Thomas", "surname": "Clifford"},
        ),
        (
            {"given_name": "george", "surname": "aubin", "full_name": "george mattie aubin jr"},
            {"given_name": "George", "middle_name": "Mattie", "surname": "Aubin", "generation": "Jr"},
        ),
        ({"given_name": "sydney", "full_name": "sydney"}, {"given_name": "Sydney"}),
        ({"surname": "Smith", "full_name": "Smith"}, {"surname": "Smith"}),
        ({"given_name": "Ada", "full_name": "Ada Lovelace"}, {"given_name": "Ada", "surname": "Lovelace"}),
        ({"given_name": "Eve", "full_name": "Ada Lovelace"}, {"given_name": "Eve"}),
        ({"full_name": "王杰"}, {"given_name": "Jie", "surname": "Wang", "native_name": "王杰"}),
        (
            {"given_name": "杰", "surname": "王"},
            {"given_name": "Jie", "surname": "Wang", "native_name": "王杰"},
        ),
        (
            {"given_name": "Анна", "surname": "Каренина"},
            {"given_name": "Anna", "surname": "Karenina", "native_name": "Анна Каренина"},
        ),
        (
            {"given_name": "Jay", "surname": "Wong", "native_name": "王杰"},
            {"given_name": "Jay", "surname": "Wong", "native_name": "王杰"},
        ),
        ({"surname": "Null", "given_name": "Nan"}, {"given_name": "Nan", "surname": "Null"}),
        ({"given_name": "Ada", "generation": "junior"}, {"given_name": "Ada", "generation": "Jr"}),
        ({"organisation_name": "Acme  Inc."}, {"organisation_name": "Acme Inc."}),
        ({"given_name": "", "surname": "  "}, {}),
    ],
)
def test_names_from_columns_and_lines(raw: dict[str, str], attributes: dict[str, str]) -> None:
    cleaned = clean_attributes(raw)
    assert cleaned.attributes == attributes
    assert cleaned.problems == ()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("surname", "n/a", UnusableCode.PLACEHOLDER_VALUE),
        ("surname", "NULL", UnusableCode.PLACEHOLDER_VALUE),
        ("city", "Unknown", UnusableCode.PLACEHOLDER_VALUE),
        ("city", "-", UnusableCode.PLACEHOLDER_VALUE),
        ("birth_date", "1900-01-01", UnusableCode.PLACEHOLDER_VALUE),
        ("birth_date", "soon", UnusableCode.INVALID_DATE),
        ("given_name", "123", UnusableCode.INVALID_NAME),
        ("gender", "maybe", UnusableCode.INVALID_GENDER),
        ("country", "Ruritania", UnusableCode.INVALID_COUNTRY),
        ("given_name", "A\x00da", UnusableCode.FORBIDDEN_CHARACTER),
        ("occupation", "x" * 600, UnusableCode.VALUE_TOO_LONG),
        ("shoe_size", "44", UnusableCode.UNKNOWN_ATTRIBUTE),
    ],
)
def test_a_bad_value_becomes_a_problem_and_costs_nothing_else(
    name: str, value: str, code: UnusableCode
) -> None:
    cleaned = clean_attributes({"middle_name": "Augusta", "street": "Mill Ln", name: value})
    assert cleaned.problems == (Problem(name, code),)
    assert cleaned.attributes == {"middle_name": "Augusta", "street": "Mill Ln"}


def test_a_damaged_day_leaves_year_and_month() -> None:
    cleaned = clean_attributes({"birth_date": "1860-01-81"})
    assert cleaned.attributes == {"birth_date": "1860-01"}
    assert cleaned.problems == (Problem("birth_date", UnusableCode.IMPOSSIBLE_DATE),)


def test_the_country_of_the_source_is_assumed() -> None:
    assert clean_attributes({"postcode": "2139", "city": "Boston"}, country="US").attributes == {
        "city": "Boston",
        "postcode": "02139",
        "country": "US",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [("female", "F"), ("Frau", "F"), ("Mrs.", "F"), ("mujer", "F"), ("W", "F"), ("女", "F"), ("Ж", "F"),
     ("M", "M"), ("Mr", "M"), ("Herr", "M"), ("hombre", "M"), ("男", "M"), ("non-binary", "X"), ("divers", "X")],
)  # fmt: skip
def test_genders(text: str, code: str) -> None:
    assert clean_gender(text) == code


def test_an_unknown_gender_is_refused() -> None:
    with pytest.raises(UnusableValueError):
        clean_gender("?")


@given(
    st.dictionaries(
        st.sampled_from(INPUTS), st.text(max_size=40) | st.sampled_from(["1 Mill Ln, Leeds", "王杰"])
    )
)
@example({"native_name": "A A・"})
@example({"native_name": "A", "full_name": "ъ"})
def test_cleaning_never_raises_and_is_stable(raw: dict[str, str]) -> None:
    cleaned = clean_attributes(raw)
    assert set(cleaned.attributes) <= set(ATTRIBUTES)
    assert all(value and value.encode() for value in cleaned.attributes.values())
    assert {problem.attribute for problem in cleaned.problems} <= set(raw)
    again = clean_attributes(cleaned.attributes)
    for name in ("given_name", "surname", "generation", "gender", "birth_date", "postcode", "country"):
        assert again.attributes.get(name) == cleaned.attributes.get(name)
