"""Evaluation: figures worked out by hand, and invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from resolution.evaluate import evaluate

PARTITIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


def test_figures_by_hand() -> None:
    truth = {"a": "1", "b": "1", "c": "1", "d": "2"}
    found = {"a": "x", "b": "x", "c": "y", "d": "y"}
    result = evaluate(truth, found)
    assert (result.pairwise.precision, result.pairwise.recall) == (1 / 2, 1 / 3)
    assert result.bcubed.precision == (1 + 1 + 1 / 2 + 1 / 2) / 4
    assert result.bcubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert (result.clusters, result.largest, result.people, result.largest_true) == (2, 2, 2, 3)
    assert (result.exact.f1, result.splits, result.merges) == (0, 1, 1)


def test_exact_clusters_are_whole_people_and_nobody_else() -> None:
    truth = {"a": "1", "b": "1", "c": "2", "d": "3", "e": "3"}
    result = evaluate(truth, {"a": "x", "b": "x", "c": "y", "d": "z", "e": "w"})
    assert (result.exact.precision, result.exact.recall) == (2 / 4, 2 / 3)
    assert (result.splits, result.merges) == (0, 1)


def test_a_record_without_profile_is_alone() -> None:
    result = evaluate({"a": "1", "b": "1"}, {"a": "x"})
    assert result.missing == 1
    assert result.clusters == 2
    assert result.pairwise.recall == 0


@given(PARTITIONS)
def test_truth_against_itself_is_perfect(pairs: list[tuple[int, int]]) -> None:
    truth = {str(number): str(person) for number, (person, _) in enumerate(pairs)}
    result = evaluate(truth, truth)
    assert result.pairwise.f1 == result.bcubed.f1 == result.exact.f1 == 1
    assert result.clusters == result.people
    assert result.splits == result.merges == 0


@given(PARTITIONS)
def test_swapping_sides_swaps_precision_and_recall(pairs: list[tuple[int, int]]) -> None:
    truth = {str(number): str(person) for number, (person, _) in enumerate(pairs)}
    found = {str(number): str(cluster) for number, (_, cluster) in enumerate(pairs)}
    one, other = evaluate(truth, found), evaluate(found, truth)
    assert one.pairwise.precision == other.pairwise.recall
    assert one.bcubed.precision == pytest.approx(other.bcubed.recall)
    assert one.exact.precision == other.exact.recall
    assert (one.splits, one.merges) == (other.merges, other.splits)


def test_an_empty_truth_is_refused() -> None:
    with pytest.raises(InputError):
        evaluate({}, {})
