"""Scores one record against a few candidates at once, without generating SQL anew: same levels, same weights."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from graph.neighbourhood import MatchEdge
from resolution.comparisons import COMPARISONS
from resolution.features import LIST_FEATURES, TEXT_FEATURES, RecordRow, features
from resolution.model import LevelWeight, Model
from resolution.scoring import DIGITS, PAIR_COLUMNS, connect

_STRUCTURE = orjson.dumps(
    [
        {"key": "VARCHAR"}
        | dict.fromkeys(TEXT_FEATURES, "VARCHAR")
        | {name: ["VARCHAR"] for name in LIST_FEATURES}
    ]
).decode()
_LEVELS = (
    "WITH l AS (SELECT unnest(from_json(?, '{structure}'), max_depth := 2)),"
    " r AS (SELECT unnest(from_json(?, '{structure}'), max_depth := 2)),"
    " pairs AS (SELECT {columns} FROM l CROSS JOIN r)"
    " SELECT key_r, {cases} FROM pairs"
).format(
    structure=_STRUCTURE,
    columns=PAIR_COLUMNS,
    cases=", ".join(comparison.case() for comparison in COMPARISONS),
)


class Scorer:
    """Weighs pairs under one model. Not safe for use by several threads at once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._connection = connect()
        self._weights = {
            comparison.name: tuple(
                map(_Weighing, model.levels[comparison.name], _terms_of(comparison.levels))
            )
            for comparison in COMPARISONS
        }

    def score(self, record: RecordRow, candidates: Iterable[RecordRow]) -> list[MatchEdge]:
        """The edge to every candidate with another key, however light, in the order of their keys."""
        left = features(record)
        rights = {row["key"]: features(row) for row in candidates if row["key"] != record["key"]}
        if not rights:
            return []
        parameters = [orjson.dumps([left]).decode(), orjson.dumps(list(rights.values())).decode()]
        answers = self._connection.execute(_LEVELS, parameters).fetchall()
        return [
            self._edge(left, rights[key], tuple(gammas))
            for key, *gammas in sorted(answers, key=lambda one: one[0])
        ]

    def close(self) -> None:
        """Let go of the database in memory."""
        self._connection.close()

    def _edge(self, left: Mapping[str, Any], right: Mapping[str, Any], gammas: tuple[int, ...]) -> MatchEdge:
        weight = self.model.prior_weight
        for comparison, gamma in zip(COMPARISONS, gammas, strict=True):
            if gamma >= 0:
                weighing = self._weights[comparison.name][len(comparison.levels) - 1 - gamma]
                weight += weighing.weight
                weight += weighing.sharpened(self.model, left)
        probability = 1 / (1 + 2**-weight) if weight >= 0 else 2**weight / (1 + 2**weight)
        low, high = sorted((left["key"], right["key"]))
        return MatchEdge(low, high, probability, round(weight, DIGITS), gammas)


class _Weighing:
    """A level's weight, ready to be added up; `term` is the column whose frequency sharpens it."""

    def __init__(self, level: LevelWeight, term: str | None) -> None:
        self.weight = level.weight
        self.term = term
        self.sharpening = level.sharpening
        self.log_u = math.log2(level.u)

    def sharpened(self, model: Model, left: Mapping[str, Any]) -> float:
        """Term frequency adjustment in bits; both records hold the same value of the term."""
        if self.term is None:
            return 0.0
        return self.sharpening * (self.log_u - math.log2(model.terms[self.term].of(left[self.term])))


def _terms_of(levels: Iterable[Any]) -> list[str | None]:
    return [level.term for level in levels]
