"""How far probabilities can be believed: scored pairs whose truth is known, by probability, weight and threshold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from graph.neighbourhood import Weights
from resolution.intervals import wilson
from resolution.truth import Truth

Floats = NDArray[np.float64]

PROBABILITIES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Borders of the bins: finer at the ends, where most pairs are."""

STEP = 2
"""Bits from one bar of the histogram to the next."""

HEAVIEST = 30
"""Weights above count as this many bits."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of similar probability (`low` ≤ it < `high`): their mean probability, the share that matches in truth, and
    the interval of that share."""

    low: float
    high: float
    pairs: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Pairs of a weight from `weight` to STEP bits more, which match in truth (`same`) or do not."""

    weight: int
    same: int
    different: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Precision of the scored pairs from `weight` on, and the share of all true pairs that they find."""

    weight: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scored `pairs` with a known truth. `error` is the expected calibration error: how far probability and observed
    share are apart, in the mean over pairs (Naeini, Cooper and Hauskrecht 2015)."""

    pairs: int
    error: float
    bins: tuple[Bin, ...]
    histogram: tuple[Bar, ...]
    cuts: tuple[Cut, ...]


def calibrate(truth: Truth, weights: Weights) -> Calibration:
    """Compare the weights (log2 odds) of scored pairs with the truth.

    A pair is known when the truth names one of its records: as it names all records of a person, one with a record it
    does not name is no match. Pairs count as often as their people were drawn to stand for.
    """
    table = np.array(list(_known(truth, weights)), dtype=np.float64).reshape(-1, 3)
    weight, same, counted = table.T
    bins = tuple(_bins(weight, same, counted))
    apart = sum(one.pairs * abs(one.predicted - one.observed) for one in bins)
    return Calibration(
        pairs=len(table),
        error=apart / len(table) if len(table) else 0.0,
        bins=bins,
        histogram=tuple(_histogram(weight, same)),
        cuts=tuple(_cuts(weight, same * counted, counted, _true_pairs(truth))),
    )


def _known(truth: Truth, weights: Weights) -> Iterator[tuple[float, bool, float]]:
    """Weight, whether it matches, and how often it counts, of every known pair: half for each end."""
    for (left, right), weight in weights.items():
        one, other = truth.people.get(left), truth.people.get(right)
        if one is not None or other is not None:
            drawn = [truth.weights.get(person, 1.0) for person in (one, other) if person is not None]
            yield weight, one == other, sum(drawn) / 2


def _true_pairs(truth: Truth) -> float:
    sizes = Counter(truth.people.values())
    return sum(truth.weights.get(person, 1.0) * size * (size - 1) / 2 for person, size in sizes.items())


def _bins(weight: Floats, same: Floats, counted: Floats) -> Iterator[Bin]:
    probability = 1 / (1 + np.exp2(-np.clip(weight, -500, 500)))
    place = np.digitize(probability, PROBABILITIES[1:-1])
    for at, (low, high) in enumerate(pairwise(PROBABILITIES)):
        here = place == at
        if here.any():
            count = counted[here]
            share = float(np.average(same[here], weights=count))
            around = wilson(share, float(count.sum() ** 2 / (count**2).sum()))
            mean = float(np.average(probability[here], weights=count))
            yield Bin(low, high, int(here.sum()), mean, share, *around)


def _histogram(weight: Floats, same: Floats) -> Iterator[Bar]:
    low = (np.floor(np.minimum(weight, HEAVIEST) / STEP) * STEP).astype(int)
    for start in range(int(low.min()), int(low.max()) + 1, STEP) if len(low) else ():
        here = low == start
        matching = int(same[here].sum())
        yield Bar(start, matching, int(here.sum()) - matching)


def _cuts(weight: Floats, right: Floats, counted: Floats, true: float) -> Iterator[Cut]:
    if not len(weight) or not true:
        return
    for cut in range(int(np.floor(weight.min())), HEAVIEST + 1):
        above = weight >= cut
        if above.any():
            hits = float(right[above].sum())
            yield Cut(cut, hits / float(counted[above].sum()), hits / true)
