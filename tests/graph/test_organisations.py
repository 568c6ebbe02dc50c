"""Organisations are told from people and compared without their legal forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.organisations import looks_like_organisation, organisation_root


@pytest.mark.parametrize(
    "name",
    [
        "Müllenkranz GmbH",
        "Onefold Inc.",
        "Acme, Ltd",
        "ABC Sp. z o.o.",
        "Banco Uno S.A.",
        "Nordea AG",
        "Joe's Garage",
        "University of Graz",
        "ООО Ромашка",
        "Miller & Sons Trading",
    ],
)
def test_organisations(name: str) -> None:
    assert looks_like_organisation(name)


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "Maria Sa", "MARIA SA", "Kim Ag", "Hajah Maimunah", "GmbH", ""]
)
def test_people(name: str) -> None:
    assert not looks_like_organisation(name)


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("The Miller Group GmbH & Co. KG", "miller group"),
        ("Acme, Inc.", "acme"),
        ("ACME Incorporated", "acme"),
        ("Banco Uno S.A.", "banco uno"),
        ("ООО Ромашка", "romashka"),
        ("Procter & Gamble Co.", "procter gamble"),
        ("Procter and Gamble", "procter gamble"),
        ("GmbH", "gmbh"),
        ("", ""),
    ],
)
def test_roots(name: str, root: str) -> None:
    assert organisation_root(name) == root


@given(st.text(max_size=60))
def test_the_root_of_a_root_is_itself(name: str) -> None:
    assert organisation_root(organisation_root(name)) == organisation_root(name)
    looks_like_organisation(name)
