"""The blocking report: who finds which true pair, alone or with others, at what cost."""

from graph.crowds import Crowd
from resolution.blocking import Costs, measure_blocking

PEOPLE = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"}
SIGNS = {
    "a": {("name", "ada"), ("email", "k1"), ("place", "x")},
    "b": {("name", "ada"), ("email", "k1")},
    "c": {("name", "ada"), ("place", "x")},
    "d": {("place", "x")},
    "e": {("place", "x")},
}
COSTS = Costs.of(
    [
        Crowd("name", None, 3, 1),
        Crowd("name", None, 2, 4),
        Crowd("email", None, 2, 1),
        Crowd("place", "x", 500, 1),
    ]
)


def test_rules_are_told_apart() -> None:
    found = measure_blocking(PEOPLE, {"d": "p", "e": "p"}, SIGNS, COSTS)
    rules = {rule.name: (rule.found, rule.only, rule.crowded, rule.candidates) for rule in found.rules}
    assert rules == {"name": (3, 2, 0, 7), "email": (1, 0, 0, 1), "place": (0, 0, 2, 0)}
    assert (found.pairs, found.found, found.completeness) == (4, 3, 3 / 4)
    assert (found.missed, found.together) == ((("d", "e"),), 1)


def test_pairs_of_unknown_records_are_missed_and_no_pairs_are_complete() -> None:
    assert measure_blocking({"x": "1", "y": "1"}, {}, {}, COSTS).together == 0
    assert measure_blocking({"x": "1"}, {}, {}, COSTS).completeness == 1
