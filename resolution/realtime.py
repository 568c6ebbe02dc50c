"""Scores one record against a few candidates at once, without generating SQL anew: same levels, same weights."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from graph.neighbourhood import MatchEdge
from resolution.comparison import Level
from resolution.comparisons import COMPARISONS
from resolution.features import RecordRow, features
from resolution.levels import gammas
from resolution.model import LevelWeight, Model
from resolution.scoring import DIGITS


class Scorer:
    """Weighs pairs under one model. Holds nothing but the model: tasks and threads may share it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._weighings = [
            [
                _Weighing(model, level, weight)
                for level, weight in zip(one.levels, model.levels[one.name], strict=True)
            ][::-1]
            for one in COMPARISONS
        ]

    def score(self, record: RecordRow, candidates: Iterable[RecordRow]) -> list[MatchEdge]:
        """The edge to every candidate with another key, however light, in the order of their keys."""
        left = features(record)
        rights = {row["key"]: features(row) for row in candidates if row["key"] != record["key"]}
        return [self.edge(left, right) for _, right in sorted(rights.items())]

    def edge(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> MatchEdge:
        """The edge between two records, given as their `features`."""
        levels = tuple(gamma(left, right) for gamma in gammas())
        weight = self.model.prior_weight
        for gamma, weighings in zip(levels, self._weighings, strict=True):
            if gamma >= 0:
                weight = weighings[gamma].added_to(weight, left)
        probability = 1 / (1 + 2**-weight) if weight >= 0 else 2**weight / (1 + 2**weight)
        low, high = sorted((left["key"], right["key"]))
        return MatchEdge(low, high, probability, round(weight, DIGITS), levels)


class _Weighing:
    """A level's weight, ready to be added up; `term` is the column whose frequency sharpens it."""

    def __init__(self, model: Model, level: Level, weight: LevelWeight) -> None:
        self._bits = weight.weight
        self._term = level.term
        self._frequencies = model.terms[level.term] if level.term else None
        self._sharpening = weight.sharpening
        self._log_u = math.log2(weight.u)

    def added_to(self, weight: float, left: Mapping[str, Any]) -> float:
        """`weight` with this level's bits and its term frequency adjustment; both records hold the term's value."""
        weight += self._bits
        if self._frequencies is None or self._term is None:
            return weight
        return weight + self._sharpening * (self._log_u - math.log2(self._frequencies.of(left[self._term])))
