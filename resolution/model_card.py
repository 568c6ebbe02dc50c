"""The card of the model in force: its weights, how they spread over pairs, and how far stewards agree with it."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from graph.models import PublishedModel
from graph.whole_clusters import WholeCluster
from resolution.comparison import Comparison
from resolution.comparisons import COMPARISONS
from resolution.labels import LabelAgreement
from resolution.model import LevelWeight, Model

STEP = 2
"""Bits from one bar of the histogram to the next."""

LIGHTEST, HEAVIEST = -20, 40
"""Weights beyond count as these many bits."""

SHOWN = 10
"""So many profiles of each bar are named."""


@dataclass(frozen=True, slots=True)
class CardLevel:
    """A level of a comparison: `m` and `u` are how often pairs of one person and other pairs agree like this, `weight`
    is log2 m/u; `is_by_value` says that a value's rarity counts too."""

    comparison: str
    level: str
    m: float
    u: float
    weight: float
    is_by_value: bool


@dataclass(frozen=True, slots=True)
class WeightBar:
    """Stored match edges of a weight from `weight` to `STEP` bits more, inside one profile (`together`) or between
    two, with some of these profiles; no edge is kept below the model's floor."""

    weight: int
    together: int
    apart: int
    profile_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The model in force. `recent` counts only labels given since it was published, which it cannot have learnt."""

    version: str
    published_at: datetime
    cause: str
    records: int
    prior: float
    match: float
    possible: float
    floor: float
    block_limit: int
    levels: tuple[CardLevel, ...]
    histogram: tuple[WeightBar, ...]
    labels: LabelAgreement
    recent: LabelAgreement


@dataclass(slots=True)
class _Bar:
    together: int
    apart: int
    profile_ids: list[str]


class WeightHistogram:
    """Adds up the match edges over all profiles, each once."""

    def __init__(self) -> None:
        self._bars: defaultdict[int, _Bar] = defaultdict(lambda: _Bar(0, 0, []))

    def add(self, cluster: WholeCluster) -> None:
        """Look at the edges of one profile's records."""
        for one in cluster.members:
            for link in one.links:
                bar = self._bars[_place(link.weight)]
                if link.profile_id == cluster.profile_id:
                    bar.together += 1
                else:
                    bar.apart += 1
                if len(bar.profile_ids) < SHOWN and cluster.profile_id not in bar.profile_ids:
                    bar.profile_ids.append(cluster.profile_id)

    def outcome(self) -> tuple[WeightBar, ...]:
        """The bars, lightest first."""
        return tuple(
            WeightBar(weight, bar.together, bar.apart, tuple(bar.profile_ids))
            for weight, bar in sorted(self._bars.items())
        )


def _place(weight: float) -> int:
    return math.floor(min(max(weight, LIGHTEST), HEAVIEST) / STEP) * STEP


def model_card(
    published: PublishedModel,
    model: Model,
    histogram: WeightHistogram,
    labels: LabelAgreement,
    recent: LabelAgreement,
) -> ModelCard:
    """The card of a published model."""
    return ModelCard(
        version=model.version,
        published_at=published.published_at,
        cause=published.cause,
        records=model.records,
        prior=model.prior,
        match=model.match,
        possible=model.possible,
        floor=model.floor,
        block_limit=model.block_limit,
        levels=tuple(level for one in COMPARISONS for level in _levels(one, model.levels[one.name])),
        histogram=histogram.outcome(),
        labels=labels,
        recent=recent,
    )


def _levels(comparison: Comparison, weights: Iterable[LevelWeight]) -> Iterable[CardLevel]:
    for level, weight in zip(comparison.levels, weights, strict=True):
        yield CardLevel(
            comparison.name,
            level.label,
            weight.m,
            weight.u,
            weight.weight,
            is_by_value=level.term is not None,
        )
