"""Calibration: known pairs by probability, weight and threshold, worked out by hand."""

import pytest

from resolution.calibration import calibrate
from resolution.truth import Truth

PEOPLE = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "3"}
WEIGHTS = {
    ("a", "b"): 10.0,
    ("a", "c"): 0.0,
    ("c", "d"): 0.0,
    ("d", "e"): -3.0,
    ("e", "unknown"): -3.0,
    ("unknown", "unnamed"): 9.0,
}


def test_bins_hold_predicted_and_observed_shares() -> None:
    found = calibrate(Truth(PEOPLE), WEIGHTS)
    assert found.pairs == 5
    low, even, high = found.bins
    assert (even.low, even.pairs, even.predicted, even.observed) == (0.5, 2, 0.5, 0.5)
    assert (low.pairs, low.observed, high.observed) == (2, 0, 1)
    assert low.predicted == pytest.approx(1 / 9)
    assert all(one.observed_low <= one.observed <= one.observed_high for one in found.bins)
    assert found.error == pytest.approx((2 * (1 / 9) + 0 + (1 - high.predicted)) / 5)


def test_histogram_counts_every_known_pair_once() -> None:
    found = calibrate(Truth(PEOPLE), WEIGHTS)
    assert sum(one.same for one in found.histogram) == 2
    assert sum(one.different for one in found.histogram) == 3


def test_cuts_are_precision_and_recall_of_pairs_from_a_weight_on() -> None:
    cuts = {one.weight: one for one in calibrate(Truth(PEOPLE), WEIGHTS).cuts}
    assert (cuts[10].precision, cuts[10].recall) == (1, 1 / 2)
    assert (cuts[0].precision, cuts[0].recall) == (2 / 3, 1)
    # A pair of which one record is named has one end in the sample, and counts half.
    assert cuts[-3].precision == pytest.approx(2 / 4.5)


def test_nothing_scored_is_nothing_known() -> None:
    found = calibrate(Truth(PEOPLE), {})
    assert (found.pairs, found.error, found.bins, found.histogram, found.cuts) == (0, 0, (), (), ())
