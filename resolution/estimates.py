"""What a sample of people says about all records: ratio estimates, with intervals from a jackknife over people."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from graph.errors import InputError
from resolution.intervals import LEVEL, wilson
from resolution.truth import Truth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share (0–1), and the interval that holds the true one with a probability of about LEVEL."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass(frozen=True, slots=True)
class AccuracyEstimate:
    """Precision, recall and their harmonic mean."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of pairwise, B-cubed and exact-cluster accuracy from `people` drawn, who have `records`."""

    people: int
    records: int
    pairwise: AccuracyEstimate
    bcubed: AccuracyEstimate
    exact: AccuracyEstimate


class Sample:
    """People whose records are all known, and what became of these among all records of the graph.

    Each person accounts for the true pairs of their records, for half of every found pair that one of these is in, and
    for the share of every found cluster that they are; so sums over a sample of people, each weighed by how many
    they stand for, estimate sums over all, and their ratios precision and recall (Binette, York, Hickerson, Baek,
    Madhavan and Jones, "Estimating the performance of entity resolution algorithms", The American Statistician 2023).
    With everybody in the sample the figures are those of `evaluate`.
    """

    def __init__(self, truth: Truth, memberships: Mapping[str, str]) -> None:
        """`memberships` has the profile of every record, not only of those that the truth names. Raises InputError
        for an empty truth."""
        if not truth.people:
            raise InputError("The truth names no record.")
        sizes = Counter(memberships.values())
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for key, person in truth.people.items():
            found[person][memberships.get(key, f"\0{key}")] += 1
        self._position = {person: at for at, person in enumerate(sorted(found))}
        totals = np.array([_account(found[person], sizes) for person in self._position])
        self._weighed = totals * np.array([[truth.weights.get(person, 1.0)] for person in self._position])
        self._records = totals[:, _RECORDS].astype(int)
        self._strata = truth.strata

    def estimates(self) -> Estimates:
        """Of all people."""
        return self._estimates(np.arange(len(self._position)))

    def by_stratum(self) -> dict[str, Estimates]:
        """Of the people of each stratum; a wrong pair counts half for the stratum of either end."""
        return {
            name: self._estimates(np.array([self._position[person] for person in sorted(people)]))
            for name, people in self._strata.items()
        }

    def _estimates(self, rows: NDArray[np.int64]) -> Estimates:
        nine = _intervals(self._weighed[rows])
        pairwise, bcubed, exact = (AccuracyEstimate(*nine[at : at + 3]) for at in (0, 3, 6))
        return Estimates(len(rows), int(self._records[rows].sum()), pairwise, bcubed, exact)


_RECORDS = 3


def _account(found: Mapping[str, int], sizes: Mapping[str, int]) -> list[float]:
    """What one person accounts for: pairs found rightly, true pairs, pairs found, records, sums of B-cubed precision
    and recall, found as exactly one cluster or not, clusters found, people (1)."""
    records = sum(found.values())
    of = {cluster: max(sizes.get(cluster, 0), count) for cluster, count in found.items()}
    return [
        sum(count * (count - 1) / 2 for count in found.values()),
        records * (records - 1) / 2,
        sum(count * (of[cluster] - 1) / 2 for cluster, count in found.items()),
        records,
        sum(count * count / of[cluster] for cluster, count in found.items()),
        sum(count * count for count in found.values()) / records,
        float(len(found) == 1 and set(of.values()) == {records}),
        sum(count / of[cluster] for cluster, count in found.items()),
        1.0,
    ]


def _ratios(totals: Floats) -> tuple[Floats, Floats]:
    """Numerators and denominators of precision, recall and F1, pairwise, B-cubed and exact, of rows of totals."""
    hits, true, found, records, precise, recalled, whole, clusters, people = totals.T
    both = precise + recalled
    above = np.stack([hits, hits, 2 * hits, precise, recalled, 2 * precise * recalled / np.where(both > 0, both, 1),
                      whole, whole, 2 * whole], axis=-1)  # fmt: skip
    below = np.stack([found, true, true + found, records, records, records,
                      clusters, people, clusters + people], axis=-1)  # fmt: skip
    return above, below


def _figures(totals: Floats) -> Floats:
    """The nine figures of rows of totals, 1 where there is nothing to get wrong."""
    above, below = _ratios(totals)
    return np.minimum(np.where(below > 0, above / np.where(below > 0, below, 1), 1.0), 1.0)


def _intervals(weighed: Floats) -> list[Estimate]:
    """The nine figures over the sum of the rows, each with its interval.

    The variance is that of the jackknife: every person is left out once. The interval is Wilson's for a share seen
    in as many draws as would give this variance (after Korn and Graubard 1998), so that it stays within 0 and 1; where
    nothing varies, in as many as there are people who have a say (Kish's effective size).
    """
    count, whole = len(weighed), weighed.sum(axis=0)
    values = _figures(whole)
    if count < 2:
        return [Estimate(value, 0.0, 1.0) for value in values.tolist()]
    rest = whole - weighed
    rest[np.abs(rest) < 1e-9 * np.abs(whole)] = 0.0
    without = _figures(rest)
    variance = (count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    says = _ratios(weighed)[1]
    squares = (says**2).sum(axis=0)
    kish = np.where(squares > 0, says.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1), 1.0)
    spread = values * (1 - values)
    varied = (variance > 1e-12) & (spread > 1e-12)
    draws = np.where(varied, spread / np.where(varied, variance, 1), kish)
    quantile = float(student.ppf((1 + LEVEL) / 2, count - 1))
    return [
        Estimate(value, *wilson(value, draw, quantile))
        for value, draw in zip(values.tolist(), draws.tolist(), strict=True)
    ]
