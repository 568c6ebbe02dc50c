"""One record against a few candidates, as Splink would weigh them."""

import random
from dataclasses import replace
from itertools import combinations

import pytest

from graph.facts import Identifier
from graph.vocabulary import RecordKind
from resolution.features import feature_table
from resolution.model import default_model
from resolution.realtime import Scorer
from resolution.scoring import edges, score_table

MODEL = replace(default_model(), prior=0.01, floor=-1000.0)
GIVEN = ("Ada", "Bob", "Robert", "R", "Žofie", "Zofie", "Мария", "John", "Jon", "Maria José", "", "Renée")
SURNAMES = ("Lovelace", "Žižka", "Zizka", "García López", "Garcia", "O'Neil", "Smith", "Smyth", "李", "")
BORN = ("1978-12-11", "1978-11-12", "1978-12-17", "1978", "1978-12", "1991-01-01", "1952-03-30", "")
STREETS = ("Main Street", "Main St", "Hauptstraße", "")


def made_up(number, draw):
    attributes = {
        "given_name": draw.choice(GIVEN),
        "surname": draw.choice(SURNAMES),
        "birth_date": draw.choice(BORN),
        "street": draw.choice(STREETS),
        "house_number": draw.choice(("1", "12", "")),
        "postcode": draw.choice(("10115", "10116", "")),
        "city": draw.choice(("Köln", "Koln", "Paris", "")),
        "gender": draw.choice(("F", "M", "")),
        "generation": draw.choice(("Jr", "Sr", "")),
        "occupation": draw.choice(("painter", "poet", "")),
        "birth_place": draw.choice(("São Paulo", "Paris", "")),
    }
    emails = draw.sample(
        ("žofie@example.org", "ada.l@example.org", "ada.l@example.com", "bob@example.org"), draw.randint(0, 2)
    )
    phones = draw.sample(("+4930123456", "+4930123457"), draw.randint(0, 1))
    numbers = draw.sample(("123456789", "123456780", "987654321"), draw.randint(0, 1))
    return {
        "key": f"s:{number}",
        "kind": RecordKind.PERSON,
        "source": "s",
        "attributes": {name: value for name, value in attributes.items() if value},
        "identifiers": [
            *(Identifier("email", value) for value in emails),
            *(Identifier("phone", value) for value in phones),
            *(Identifier("ssn", value) for value in numbers),
        ],
    }


@pytest.fixture
def scorer():
    return Scorer(MODEL)


def test_ten_thousand_pairs_weigh_what_splink_says(scorer):
    rows = [made_up(number, random.Random(number)) for number in range(145)]
    pairs = [(one["key"], other["key"]) for one, other in combinations(rows, 2)]
    expected = {
        (edge.left, edge.right): edge for edge in edges(score_table(feature_table(rows), MODEL, None, pairs))
    }
    assert len(expected) == len(pairs) > 10_000
    for number, row in enumerate(rows):
        for edge in scorer.score(row, rows[number + 1 :]):
            splink = expected.pop((edge.left, edge.right))
            assert edge.gammas == splink.gammas
            assert edge.weight == pytest.approx(splink.weight, abs=1e-9)
            assert edge.probability == pytest.approx(splink.probability, abs=1e-9)
    assert not expected


def test_no_candidates_no_edges(scorer):
    row = made_up(1, random.Random(1))
    assert scorer.score(row, []) == []
    assert scorer.score(row, [row]) == []
