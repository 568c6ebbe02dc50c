"""Estimates: equal to the exact figures when all is known, and intervals that hold the truth when little is."""

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from resolution.estimates import Estimate, Estimates, Sample
from resolution.evaluate import evaluate
from resolution.truth import Truth

PARTITIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


def figures(of: Estimates) -> list[Estimate]:
    return [getattr(getattr(of, kind), name) for kind in ("pairwise", "bcubed", "exact")
            for name in ("precision", "recall", "f1")]  # fmt: skip


@given(PARTITIONS, st.floats(0.1, 9))
def test_with_everybody_known_the_estimates_are_the_exact_figures(
    pairs: list[tuple[int, int]], weight: float
) -> None:
    people = {str(number): str(person) for number, (person, _) in enumerate(pairs)}
    found = {str(number): str(cluster) for number, (_, cluster) in enumerate(pairs)}
    truth = Truth(people, dict.fromkeys(people.values(), weight))
    exact = evaluate(people, found)
    estimated = figures(Sample(truth, found).estimates())
    expected = [getattr(getattr(exact, kind), name) for kind in ("pairwise", "bcubed", "exact")
                for name in ("precision", "recall", "f1")]  # fmt: skip
    assert [one.value for one in estimated] == pytest.approx(expected)
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in estimated)


def test_records_that_the_truth_does_not_name_count_against_precision() -> None:
    truth = Truth({"a": "1", "b": "1"})
    found = {"a": "x", "b": "x", "stranger": "x"}
    pairwise = Sample(truth, found).estimates().pairwise
    assert pairwise.precision.value == 1 / 2
    assert pairwise.recall.value == 1


def test_one_person_says_nothing_about_others_and_none_is_refused() -> None:
    one = Sample(Truth({"a": "1", "b": "1"}), {"a": "x", "b": "x"}).estimates().pairwise.f1
    assert (one.value, one.low, one.high) == (1, 0, 1)
    with pytest.raises(InputError):
        Sample(Truth({}), {})


def test_a_stratum_is_measured_by_its_own_people() -> None:
    people = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "3", "f": "3"}
    found = {"a": "x", "b": "x", "c": "y", "d": "z", "e": "w", "f": "w"}
    strata = {"easy": frozenset({"1", "3"}), "torn": frozenset({"2"})}
    found_strata = Sample(Truth(people, strata=strata), found).by_stratum()
    assert found_strata["easy"].pairwise.recall.value == 1
    assert found_strata["torn"].pairwise.recall.value == 0
    assert (found_strata["easy"].people, found_strata["torn"].records) == (2, 2)


def world(people: int, seed: int) -> tuple[dict[str, str], dict[str, str]]:
    """Records of people of one to eight records; some torn in two, some thrown together with the one before."""
    draw = random.Random(seed)
    truth: dict[str, str] = {}
    found: dict[str, str] = {}
    for person in range(people):
        torn, joined = draw.random() < 0.25, person and draw.random() < 0.15
        for number in range(1 + min(7, int(draw.expovariate(0.5)))):
            key = f"{person}-{number}"
            truth[key] = str(person)
            side = number % 2 if torn else 0
            found[key] = f"{person - 1}-0" if joined and not side else f"{person}-{side}"
    return truth, found


@pytest.mark.parametrize("by_record", [False, True])
def test_intervals_of_samples_hold_the_true_figures(by_record: bool) -> None:
    truth, found = world(3000, seed=4)
    exact = evaluate(truth, found)
    expected = [exact.pairwise.precision, exact.pairwise.recall, exact.bcubed.f1, exact.exact.f1]
    records: defaultdict[str, list[str]] = defaultdict(list)
    for key, person in truth.items():
        records[person].append(key)
    draw = random.Random(9)
    held, values = [0] * 4, [0.0] * 4
    rounds = 200
    for _ in range(rounds):
        pool = [truth[key] for key in truth] if by_record else sorted(records)
        drawn = set(draw.sample(pool, 100))
        sample = {key: person for person in drawn for key in records[person]}
        weights = {person: 1 / len(records[person]) for person in drawn} if by_record else {}
        of = Sample(Truth(sample, weights), found).estimates()
        for at, one in enumerate((of.pairwise.precision, of.pairwise.recall, of.bcubed.f1, of.exact.f1)):
            held[at] += one.low <= expected[at] <= one.high
            values[at] += one.value / rounds
    assert min(held) >= 0.9 * rounds
    assert values == pytest.approx(expected, abs=0.02)
