"""Says why a pair weighs what it weighs: every comparison with its level and its share of the weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolution.comparisons import COMPARISONS
from resolution.model import Model


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison of a pair: what was found (`level`) and its `weight` in bits, term frequency included."""

    comparison: str
    level: str
    weight: float

    def __str__(self) -> str:
        return f"{self.level} ({self.weight:+.1f})"


def reasons(model: Model, features: Mapping[str, Any], gammas: Sequence[int]) -> list[Reason]:
    """The reasons behind a pair of `gammas`, in the order of the comparisons; missing values give none.

    `features` are of either record of the pair: where a term frequency counts, both hold the same value.
    """
    found: list[Reason] = []
    for comparison, gamma in zip(COMPARISONS, gammas, strict=True):
        level = comparison.level(gamma)
        if level is None:
            continue
        weighed = model.levels[comparison.name][len(comparison.levels) - 1 - gamma]
        share = model.terms[level.term].of(features[level.term]) if level.term else None
        found.append(Reason(comparison.name, level.label, weighed.bits(share)))
    return found
