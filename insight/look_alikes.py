"""Finds those outside a segment who are most like those in it: nearest neighbours over values and behaviour."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from graph.likenesses import COMPARED, Likeness, read_likenesses
from graph.transactions import Graph
from insight.segments import SegmentDefinition

MOST_PROFILES = 200_000
_NEIGHBOURS = 5
_SEEDS = 1_000
_COMMON = 20
"""So many of the most frequent values of an attribute, and of the types of touchpoints, are told apart."""
_ROWS = 4_096
_DAY = 86_400.0

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A profile outside the segment; `similarity` is 1 / (1 + mean distance to its nearest five in there), 0 to 1."""

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Those most like the members, best first. `curve` tells what an audience of a size would cost in likeness: (size,
    smallest similarity). `seeds` members were compared with, `compared` others."""

    found: Sequence[LookAlike]
    curve: Sequence[tuple[int, float]]
    seeds: int
    compared: int


async def look_alikes(
    graph: Graph, name: str, definition: SegmentDefinition, size: int, *, at: datetime | None = None
) -> LookAlikes:
    """The `size` most alike. Of very many profiles the first `MOST_PROFILES` are read; of many members every nth is a
    seed, by id. Values weigh by rarity of none: each attribute counts as one, each kind of behaviour as one."""
    moment = at or datetime.now(UTC)
    kinds = [kind.value for kind in definition.kinds]
    profiles = [one async for one in read_likenesses(graph, name, kinds, moment, MOST_PROFILES)]
    profiles.sort(key=lambda one: one.id)
    return await asyncio.to_thread(compared, profiles, size, moment)


def compared(profiles: Sequence[Likeness], size: int, at: datetime) -> LookAlikes:
    """The comparison itself, over profiles sorted by id."""
    inside = np.array([one.inside for one in profiles], dtype=bool)
    if not inside.any() or inside.all():
        return LookAlikes((), (), int(inside.sum()), 0)
    features = _features(profiles, at)
    seeds = features[inside][:: max(1, int(inside.sum()) // _SEEDS)]
    others = np.flatnonzero(~inside)
    similar = np.concatenate(
        [
            _similarity(features[others[start : start + _ROWS]], seeds)
            for start in range(0, len(others), _ROWS)
        ]
    )
    order = np.lexsort((others, -similar))
    found = [LookAlike(profiles[int(others[place])].id, float(similar[place])) for place in order[:size]]
    return LookAlikes(found, _curve(similar[order]), len(seeds), len(others))


def _similarity(rows: Matrix, seeds: Matrix) -> Matrix:
    squares = (rows**2).sum(1)[:, None] + (seeds**2).sum(1)[None, :] - 2 * rows @ seeds.T
    distances = np.sqrt(np.maximum(squares, 0))
    nearest = np.partition(distances, min(_NEIGHBOURS, len(seeds)) - 1, axis=1)[:, :_NEIGHBOURS]
    return (1 / (1 + nearest.mean(1))).astype(np.float32)


def _curve(similar: Matrix) -> list[tuple[int, float]]:
    """The smallest similarity among the best 1, 2, 5, 10, 20, 50 … and among all."""
    sizes = sorted(
        {step * 10**power for power in range(7) for step in (1, 2, 5)} & set(range(1, len(similar) + 1))
    )
    return [(size, float(similar[size - 1])) for size in (*sizes, len(similar)) if size]


def _features(profiles: Sequence[Likeness], at: datetime) -> Matrix:
    columns: list[NDArray[np.float64]] = []
    for place in range(len(COMPARED)):
        values = [one.values[place] for one in profiles]
        # Two who differ are √2 apart in one attribute: halved, so that they are 1 apart.
        columns += [
            np.array([value == common for value in values]) / np.sqrt(2)
            for common, _ in Counter(value for value in values if value).most_common(_COMMON)
        ]
    types = Counter(kind for one in profiles for kind in one.counts)
    for kind, _ in types.most_common(_COMMON):
        columns.append(_standard([np.log1p(one.counts.get(kind, 0)) for one in profiles]))
    columns.append(_standard([np.log1p(max(one.revenue, 0)) for one in profiles]))
    ages = [(at - one.last_at).total_seconds() / _DAY if one.last_at else None for one in profiles]
    oldest = max((age for age in ages if age is not None), default=0.0)
    columns.append(_standard([np.log1p(oldest if age is None else age) for age in ages]))
    return np.stack(columns, axis=1).astype(np.float32)


def _standard(values: Sequence[float]) -> NDArray[np.float64]:
    column = np.array(values, dtype=np.float64)
    spread = column.std()
    return (column - column.mean()) / spread if spread else column * 0
