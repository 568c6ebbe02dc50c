"""Says why a pair weighs what it weighs: every comparison with its level, its values and its share of the weight."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.neighbourhood import StoredRecord
from resolution.compared import Value, value_of
from resolution.comparison import Level
from resolution.comparisons import COMPARISONS
from resolution.features import features
from resolution.matching import record_row
from resolution.model import Model

MISSING = "not known of both"
"""The level of a comparison that says nothing because a record has no value."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison of a pair: what was found (`level`) and what it weighs, in bits (log2 odds).

    `m` and `u` are how often matching and other pairs agree like this, None where nothing can be said. `adjustment`
    is what the rarity of a value held in common adds, and is part of `weight`; `total` is the prior with all weights
    up to this one.
    """

    comparison: str
    level: str
    m: float | None
    u: float | None
    adjustment: float
    weight: float
    total: float
    left: Value
    right: Value

    @property
    def speaks(self) -> bool:
        """Whether both records say something."""
        return self.m is not None

    def __str__(self) -> str:
        return f"{self.level} ({signed(self.weight)})"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A pair's way from the prior to its weight, all in bits: `reasons` are in the order of the comparisons."""

    prior: float
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        """The sum of everything, log2 odds."""
        return self.reasons[-1].total

    @property
    def probability(self) -> float:
        """The same as a probability."""
        return probability(self.weight)

    def strongest(self) -> list[Reason]:
        """The reasons that say something, the heaviest first, whether for or against."""
        return sorted((one for one in self.reasons if one.speaks), key=lambda one: -abs(one.weight))


def waterfall(model: Model, left: StoredRecord, right: StoredRecord, gammas: Sequence[int]) -> Waterfall:
    """The waterfall of two records whose comparisons ended at `gammas`; the numbers are Splink's.

    A level weighs log2(m/u); where both hold the same value, its term frequency f adds sharpening · log2(u/f).
    """
    ours, theirs = features(record_row(left)), features(record_row(right))
    total = model.prior_weight
    found: list[Reason] = []
    for comparison, gamma in zip(COMPARISONS, gammas, strict=True):
        values = value_of(comparison.name, left, ours), value_of(comparison.name, right, theirs)
        level = comparison.level(gamma)
        if level is None:
            found.append(Reason(comparison.name, MISSING, None, None, 0.0, 0.0, total, *values))
            continue
        weighed = model.levels[comparison.name][len(comparison.levels) - 1 - gamma]
        weight = weighed.bits(_frequency(model, level, ours))
        adjustment = weight - weighed.weight
        total += weight
        reason = Reason(
            comparison.name, level.label, weighed.m, weighed.u, adjustment, weight, total, *values
        )
        found.append(reason)
    return Waterfall(model.prior_weight, tuple(found))


def _frequency(model: Model, level: Level, features: dict[str, object]) -> float | None:
    """How common the value is that both records hold, None where the level looks at no value."""
    return model.terms[level.term].of(str(features[level.term])) if level.term else None


def probability(weight: float) -> float:
    """The probability of log2 odds."""
    return 1 / (1 + 2**-weight) if weight >= 0 else 2**weight / (1 + 2**weight)


def signed(weight: float) -> str:
    """A weight as people read it: +9.1, −3.2."""
    return f"{weight:+.1f}".replace("-", "−")
