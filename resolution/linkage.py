"""How strongly two clusters hang together: the mean weight of the pairs between them, as average linkage has it."""

from dataclasses import dataclass
from typing import NamedTuple

from resolution.agreement import dates_contradict
from resolution.constraints import Holdings

_DIGITS = 6
"""Means are rounded, so that the order of additions cannot decide a tie."""


class Scored(NamedTuple):
    """The scored pairs between two clusters: sum of weights, pairs, and pairs in which both records are named."""

    weight: float = 0.0
    pairs: int = 0
    named: int = 0

    def plus(self, other: "Scored") -> "Scored":
        """These pairs and the others."""
        return Scored(self.weight + other.weight, self.pairs + other.pairs, self.named + other.named)


@dataclass(frozen=True, slots=True)
class Linkage:
    """What the clustering is tuned by: weights in log2 odds, `size_limit` in records.

    A pair of named records that was never scored counts with `absent_weight`; `contradiction` is what two birth
    dates that contradict each other weigh; two clusters whose means are within `margin` are equally good.
    """

    threshold: float
    absent_weight: float
    size_limit: int
    contradiction: float = 0.0
    margin: float = 1.0

    def mean(self, scored: Scored, one: Holdings, other: Holdings) -> float:
        """The mean weight between two clusters whose scored pairs are `scored`."""
        absent = one.named * other.named - scored.named
        total = scored.weight + absent * self.absent_weight
        pairs = scored.pairs + absent
        if pairs > 1 and self.contradiction and one.births and other.births:
            return round(total / pairs + self.contradiction * _carried_over(one, other), _DIGITS)
        return round(total / pairs, _DIGITS) if pairs else 0.0


def _carried_over(one: Holdings, other: Holdings) -> float:
    """The share of pairs in which a birth date is missing, times the share of contradictions where none is.

    The dates that are known speak for the whole clusters: records without a date must not dilute a contradiction.
    """
    dated = contradicting = 0
    for date, count in one.births.items():
        for another, others in other.births.items():
            dated += count * others
            if dates_contradict(date, another):
                contradicting += count * others
    undated = 1 - dated / (len(one.keys) * len(other.keys))
    return undated * contradicting / dated
