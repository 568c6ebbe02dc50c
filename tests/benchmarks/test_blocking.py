"""What the blocking benchmark counts is what going through all pairs counts."""

from itertools import combinations

import pytest

pytest.importorskip("faker")
pytest.importorskip("names")

from benchmarks.blocking import Candidates, candidates
from benchmarks.worlds import read_strata, read_universe
from graph.blocking import block_columns


def test_counts_are_those_of_all_pairs() -> None:
    rows, truth = read_universe("households", 120, 5)
    found, limit = candidates(rows, truth)
    assert limit >= len(rows) / 3  # nothing is crowded, so that equal values are candidates
    signs = {
        row["key"]: {*block_columns(row["kind"], row["attributes"], row["identifiers"]).items()}
        | {(one.kind, one.value) for one in row["identifiers"]}
        for row in rows
    }
    pairs = [pair for pair in combinations(sorted(signs), 2) if signs[pair[0]] & signs[pair[1]]]
    true = [pair for pair in combinations(sorted(truth), 2) if truth[pair[0]] == truth[pair[1]]]
    everything = (1 << len(found.rules)) - 1
    assert found.cost(everything) == pytest.approx(len(pairs) / len(rows))
    assert found.true_pairs == len(true)
    assert found.found(everything) == pytest.approx(len({*true} & {*pairs}) / len(true))


def test_rules_come_in_the_order_of_what_they_add() -> None:
    found = Candidates(
        ("wide", "narrow", "idle"), {0b01: 2, 0b11: 8}, {0b01: 100, 0b11: 10, 0b100: 50}, 10, 20
    )
    assert list(found.in_order()) == [0b10, 0b01, 0b100]
    assert (found.found(0b01), found.found(0b10), found.cost(0b111)) == (0.5, 0.4, 16)


def test_strata_are_people_of_the_truth() -> None:
    _, truth = read_universe("households", 120, 5)
    strata = read_strata("households", 120, 5)
    assert frozenset().union(*strata.values()) == frozenset(truth.values())
    assert strata["plain"].isdisjoint(strata["moved"])
