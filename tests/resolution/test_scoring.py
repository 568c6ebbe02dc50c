"""Candidates and their weights in a batch."""

from dataclasses import replace

import pytest

from graph.facts import Identifier
from graph.vocabulary import RecordKind
from resolution.features import feature_table
from resolution.model import default_model
from resolution.scoring import edges, score_all, score_table, score_touched

MODEL = replace(default_model(), prior=0.01, floor=-1000.0)


def person(key, given, surname, *identifiers, born="", **attributes):
    named = {"given_name": given, "surname": surname, "birth_date": born, **attributes}
    return {
        "key": key,
        "kind": RecordKind.PERSON,
        "source": key.partition(":")[0],
        "attributes": {name: value for name, value in named.items() if value},
        "identifiers": list(identifiers),
    }


def weight(one, other):
    found = edges(score_table(feature_table([one, other]), MODEL, None, [(one["key"], other["key"])]))
    return found[0].weight


HOME = {"house_number": "7", "street": "Elm Road", "postcode": "10115", "city": "Berlin"}
LANDLINE = Identifier("phone", "+4930123456")


def test_worker_process_answers_sorted_edges_with_levels():
    rows = [person(f"a:{n}", "Ada", "Lovelace", born="1815-12-10") for n in (2, 1, 3)]
    found = score_all(rows, MODEL)
    assert [(edge.left, edge.right) for edge in found] == [("a:1", "a:2"), ("a:1", "a:3"), ("a:2", "a:3")]
    assert all(edge.probability > 0.99 and len(edge.gammas) == len(MODEL.levels) for edge in found)
    assert score_touched(rows, {"a:3"}, MODEL) == [edge for edge in found if "a:3" in (edge.left, edge.right)]


def test_weight_does_not_depend_on_the_other_records():
    rows = [person(f"a:{n}", "Ada", "Lovelace", born="1815-12-10") for n in range(2)]
    crowd = [person(f"b:{n}", "Ada", f"Smith{n}", born="1815-12-10") for n in range(30)]
    alone = edges(score_table(feature_table(rows), MODEL))
    among = edges(score_table(feature_table([*rows, *crowd]), MODEL))
    assert alone[0] in among


def test_relatives_of_one_household_stay_apart():
    one = person("a:1", "Daniel", "Weber", LANDLINE, born="1970-04-01", **HOME)
    other = person("a:2", "Sabine", "Weber", LANDLINE, born="1972-09-12", **HOME)
    assert weight(one, other) < MODEL.possible


def test_twins_stay_apart():
    one = person("a:1", "Daniel", "Weber", LANDLINE, born="1990-04-01", **HOME)
    other = person("a:2", "Sabine", "Weber", LANDLINE, born="1990-04-01", **HOME)
    assert weight(one, other) < MODEL.possible
    assert weight(one, person("a:3", "Dan", "Weber", LANDLINE, born="1990-04-01", **HOME)) > MODEL.match


@pytest.mark.parametrize(
    "changed",
    [
        {"given": "Bob"},
        {"surname": "Lovelacce"},
        {"born": "1978-11-12"},
        {"born": "1978-12-17"},
        {"given": "Lovelace", "surname": "Robert"},
        {"street": "Elm Rd", "house_number": "7"},
    ],
    ids=["nickname", "misspelt", "day and month swapped", "one digit", "names swapped", "street shortened"],
)
def test_everyday_differences_still_match(changed):
    same = {"given": "Robert", "surname": "Lovelace", "born": "1978-12-11", **HOME}
    other = same | changed
    assert weight(person("a:1", **same), person("a:2", **other)) > MODEL.match


def test_another_birth_date_speaks_against():
    one, other = (
        person(f"a:{n}", "John", "Smith", born=born) for n, born in enumerate(["1978-12-11", "1991-03-02"])
    )
    assert weight(one, other) < MODEL.match


def test_blocks_with_too_many_holders_are_not_compared():
    rows = [person(f"a:{n}", f"Name{n}x", "Smith") for n in range(40)]
    assert score_table(feature_table(rows), replace(MODEL, block_limit=30)).num_rows == 0
    assert score_table(feature_table(rows), replace(MODEL, block_limit=50)).num_rows == 40 * 39 / 2


def test_extra_pairs_are_scored_whatever_their_order():
    rows = [person("a:1", "Ada", "Lovelace"), person("a:2", "Grace", "Hopper")]
    found = edges(
        score_table(feature_table(rows), MODEL, None, [("a:2", "a:1"), ("a:1", "gone:1"), ("a:1", "a:1")])
    )
    assert [(edge.left, edge.right) for edge in found] == [("a:1", "a:2")]


def test_one_record_has_no_edges():
    assert score_all([person("a:1", "Ada", "Lovelace")], MODEL) == []
