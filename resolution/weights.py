"""The weights of agreement fitted to candidate pairs: a logistic regression anchored to the model it starts from.

Candidates, not pairs at random, are what a model has to tell apart: relatives and namesakes are among them. So
evidence that families share weighs only what it is worth beside the other evidence. Each level has one weight in
bits, each level with a term frequency also the share of that frequency which counts; Gaussian priors around the
model in force keep what the data say little about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack, vstack

from resolution.comparisons import COMPARISONS
from resolution.model import LevelWeight, Model
from resolution.scoring import PAIR_COLUMNS

Floats = NDArray[np.float64]

_COUNTS = [len(comparison.levels) for comparison in COMPARISONS]
_FIRST = np.concatenate([[0], np.cumsum(_COUNTS)])
_LEVELS = int(_FIRST[-1])
_TERMS = [
    (place, number, level.term)
    for place, comparison in enumerate(COMPARISONS)
    for number, level in enumerate(comparison.levels)
    if level.term
]
_SHARPENING_LOOSENESS = 0.15
_VETO = -20.0
"""Weights from here down are set by judgement and stay: no sample holds enough twins to learn them from."""

_KEPT = 0.6
"""The share of a negative weight that no fit takes away: dirty data must not teach to ignore contradictions."""

_LN2 = float(np.log(2))


@dataclass(frozen=True, slots=True)
class Design:
    """Candidate pairs as the fit sees them: per pair and comparison the number of the level in `columns` (−1
    missing) and the `rarity` (−log2 frequency) of a value held in common, else 0; `keys` names the pairs."""

    keys: Sequence[tuple[str, str]]
    columns: NDArray[np.int64]
    rarity: Floats

    def evidence(self, model: Model) -> Floats:
        """Evidence of every pair in bits, the prior left out."""
        return np.asarray(self.matrix() @ _parameters(model), np.float64)

    def matrix(self) -> csr_matrix:
        """The pairs as rows over all parameters."""
        row, place = np.nonzero(self.columns >= 0)
        shape = (len(self.columns), _LEVELS)
        levels = csr_matrix((np.ones(len(row)), (row, self.columns[row, place])), shape=shape)
        rarity = np.zeros((len(self.columns), len(_TERMS)))
        for at, (place, number, _) in enumerate(_TERMS):
            held = self.columns[:, place] == _FIRST[place] + number
            rarity[held, at] = self.rarity[held, place]
        return csr_matrix(hstack([levels, csr_matrix(rarity)]))


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs to fit to: `matched` is the probability (or the truth, 0 or 1) that each matches, `importance` how much
    each counts, `prior_weight` the log2 odds that two records of these data match."""

    design: Design
    matched: Floats
    importance: Floats
    prior_weight: float


def read_design(connection: duckdb.DuckDBPyConnection, model: Model) -> Design:
    """The pairs of table `candidates` over table `records`, with the term frequencies of `model`."""
    cases = ", ".join(f"{comparison.case()} AS g{place}" for place, comparison in enumerate(COMPARISONS))
    places = sorted({place for place, _, _ in _TERMS})
    terms = ", ".join(f"{_term_case(place)} AS t{place}" for place in places)
    answer = connection.sql(
        f"WITH pairs AS (SELECT {PAIR_COLUMNS} FROM candidates JOIN records l ON l.position = join_key_l"
        f" JOIN records r ON r.position = join_key_r), levelled AS (SELECT *, {cases} FROM pairs)"
        f" SELECT key_l, key_r, {', '.join(f'g{place}' for place in range(len(COMPARISONS)))}, {terms}"
        " FROM levelled ORDER BY key_l, key_r"
    ).to_arrow_table()
    gammas = np.stack([answer[f"g{place}"].to_numpy() for place in range(len(COMPARISONS))], axis=1)
    numbers = np.array(_COUNTS) - 1 - gammas
    columns = np.where(gammas < 0, -1, numbers + _FIRST[:-1]).astype(np.int64)
    rarity = np.zeros(columns.shape)
    for place, number, term in _TERMS:
        held = np.flatnonzero(columns[:, place] == _FIRST[place] + number)
        values = answer[f"t{place}"].take(pa.array(held)).to_pylist()
        rarity[held, place] = [-np.log2(model.terms[term].of(value)) for value in values]
    keys = list(zip(answer["key_l"].to_pylist(), answer["key_r"].to_pylist(), strict=True))
    return Design(keys, columns, rarity)


def fit_weights(
    samples: Sequence[Sample], base: Model, looseness: float
) -> Mapping[str, tuple[LevelWeight, ...]]:
    """The level weights that explain `samples` best; `looseness` is the standard deviation, in bits, by which a
    weight may leave that of `base`."""
    start = _parameters(base)
    matrix = csr_matrix(vstack([sample.design.matrix() for sample in samples]))
    matched = np.concatenate([sample.matched for sample in samples])
    importance = np.concatenate([sample.importance for sample in samples])
    prior = np.concatenate([np.full(len(sample.matched), sample.prior_weight) for sample in samples])
    stiffness = np.full(len(start), 1 / looseness**2)
    stiffness[_LEVELS:] = 1 / _SHARPENING_LOOSENESS**2

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logit = (prior + matrix @ parameters) * _LN2
        missed = matched * np.logaddexp(0, -logit) + (1 - matched) * np.logaddexp(0, logit)
        wrong = 1 / (1 + np.exp(-np.clip(logit, -500, 500))) - matched
        apart = parameters - start
        value = float(importance @ missed + 0.5 * stiffness @ apart**2)
        return value, _LN2 * (matrix.T @ (importance * wrong)) + stiffness * apart

    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=_bounds(start), options={"maxiter": 300}
    )
    return _levels(np.asarray(found.x, np.float64), samples, base)


def _term_case(place: int) -> str:
    last = _COUNTS[place] - 1
    whens = " ".join(f"WHEN {last - number} THEN {term}_l" for at, number, term in _TERMS if at == place)
    return f"CASE g{place} {whens} END"


def _parameters(model: Model) -> Floats:
    """One constant per level in bits, then one share per term: weight = constant + share · rarity."""
    constants = [weight.weight for comparison in COMPARISONS for weight in model.levels[comparison.name]]
    shares: list[float] = []
    for place, number, _ in _TERMS:
        weight = model.levels[COMPARISONS[place].name][number]
        constants[_FIRST[place] + number] = float(
            np.log2(weight.m) + (weight.sharpening - 1) * np.log2(weight.u)
        )
        shares.append(weight.sharpening)
    return np.array([*constants, *shares])


def _bounds(start: Floats) -> list[tuple[float | None, float | None]]:
    """Evidence keeps its direction: agreement never speaks against a match, disagreement keeps most of the weight
    it starts with, and a shared value is never worth more than its rarity."""
    bounds: list[tuple[float | None, float | None]] = [
        (weight, weight) if weight <= _VETO else (0.0, None) if weight > 0 else (None, _KEPT * weight)
        for weight in start[:_LEVELS].tolist()
    ]
    for place, number, _ in _TERMS:
        bounds[_FIRST[place] + number] = (-8.0, 0.0)
    return [*bounds, *[(0.3, 1.0)] * len(_TERMS)]


def _levels(parameters: Floats, samples: Sequence[Sample], base: Model) -> dict[str, tuple[LevelWeight, ...]]:
    """Parameters as m, u and sharpening: m as observed among the matches, u what gives the weight."""
    columns = np.concatenate([sample.design.columns for sample in samples])
    counted = np.concatenate([sample.matched * sample.importance for sample in samples])
    seen = np.array([counted[(columns == level).any(axis=1)].sum() for level in range(_LEVELS)]) + 0.5
    shares = {(place, number): parameters[_LEVELS + at] for at, (place, number, _) in enumerate(_TERMS)}
    levels: dict[str, tuple[LevelWeight, ...]] = {}
    for place, comparison in enumerate(COMPARISONS):
        here = slice(_FIRST[place], _FIRST[place + 1])
        observed = seen[here] / seen[here].sum()
        levels[comparison.name] = tuple(
            _termed(float(constant), float(shares[place, number]), base.levels[comparison.name][number].u)
            if (place, number) in shares
            else _plain(float(constant), float(observed[number]))
            for number, constant in enumerate(parameters[here])
        )
    return levels


def _plain(weight: float, m: float) -> LevelWeight:
    u = m / 2**weight
    return LevelWeight(m, u) if u <= 1 else LevelWeight(2**weight, 1.0)


def _termed(constant: float, share: float, u: float) -> LevelWeight:
    return LevelWeight(float(2 ** (constant - (share - 1) * np.log2(u))), u, share)
