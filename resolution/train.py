"""Fits a model to data: how common its values are, how many records match, and the weights of agreement."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.blocking import BLOCK_COLUMNS
from resolution.engines import DuckTables, connect
from resolution.features import RecordRow, feature_table
from resolution.model import Model, TermFrequencies
from resolution.scoring import candidate_pairs
from resolution.weights import Design, Sample, fit_weights, read_design

PAIRS_PER_RECORD = 25
"""Comparison budget: the block limit is lowered until all blocks together stay below it."""

BLOCK_LIMITS = (150, 100, 70, 50, 35, 25, 15)
PRIOR_MATCHES, PRIOR_PAIRS = 0.5, 1000
"""Matches and pairs of other data that an estimate of the prior starts with."""

SAMPLED_PAIRS = 300_000
TRAINED_PAIRS = 100_000
EXPECTATION_STEPS = 4
LOOSENESS = 0.7
"""By how many bits training may move a weight before it needs good reasons."""

UNLABELLED_IMPORTANCE = 0.02
"""What a pair that nobody judged counts beside a judged one."""

IDENTIFIER_HOLDERS = 12
"""Holders up to which an identifier's records are compared while the model is fitted."""

BURDEN = 1.2
"""By how many bits the evidence must outweigh the odds that a record begins a new person."""

PSEUDO_RECORDS: Mapping[str, int] = {
    "given": 500,
    "surname": 1000,
    "birth_date": 1000,
    "postcode": 300,
    "city": 100,
    "birth_place": 100,
    "occupation": 50,
}
"""How many records of its own the default frequency of a column counts as; 1,000 for every other column."""

LISTED_TERMS = 50_000
"""Values listed per column, the most frequent ones; the others have the default frequency."""


def fit_to_data(rows: pa.Table | Iterable[RecordRow], base: Model) -> Model:
    """`base` with the term frequencies, the block limit and the prior of these records, found without labels.

    The weights of agreement stay. Fewer than two records leave everything but the version as it is.
    """
    table = feature_table(rows)
    if table.num_rows < 2:
        return versioned(base)
    with connect() as connection:
        connection.register("records", table)
        terms = {column: _terms(connection, column, base.terms[column]) for column in base.terms}
        limit = affordable_block_limit(connection, table.num_rows)
    fitted = replace(base, terms=terms, block_limit=limit)
    design, scale = sampled(table, fitted, SAMPLED_PAIRS)
    prior = estimate_prior(design.evidence(fitted), scale, table.num_rows)
    cut = match_weight(prior, table.num_rows)
    return versioned(replace(fitted, prior=prior, match=cut, records=table.num_rows))


def match_weight(prior: float, records: int) -> float:
    """The mean weight from which a record joins a person, found without labels.

    A pair's prior is that of two records at random. A record's choice is another one: this person or a new one.
    With n records of p people a record joins a given person of average size with odds n/p : p, but begins a new
    one with p/n, so the more records a person has, the less a pair has to say for itself. `prior · records` is the
    expected number of other records of the same person, which makes n/p about 1 more.
    """
    return BURDEN - math.log2(1 + prior * records)


def train(
    rows: pa.Table | Iterable[RecordRow], base: Model, labels: Mapping[tuple[str, str], bool] | None = None
) -> Model:
    """`base` fitted to these records, and its weights of agreement to labels.

    `labels` say of pairs of keys (in any order) whether they match. They are believed; pairs without one count a
    little, as the model sees them, and the fit is anchored to `base`, so that few or odd labels move it little.
    Without labels the weights stay: a model learns nothing from its own opinion.
    """
    table = feature_table(rows)
    model = fit_to_data(table, base)
    if table.num_rows < 2 or not labels:
        return model
    known = {(min(pair), max(pair)): float(same) for pair, same in labels.items()}
    design, scale = sampled(table, model, TRAINED_PAIRS, known)
    truth = np.array([known.get(pair, np.nan) for pair in design.keys])
    importance = np.where(np.isnan(truth), UNLABELLED_IMPORTANCE, 1.0)
    for _ in range(EXPECTATION_STEPS):
        evidence = design.evidence(model) + model.prior_weight
        expected = 1 / (1 + np.exp2(-np.clip(evidence, -500, 500)))
        matched = np.where(np.isnan(truth), expected, truth)
        sample = Sample(design, matched, importance, model.prior_weight)
        model = replace(model, levels=fit_weights([sample], base, LOOSENESS))
        model = replace(model, prior=estimate_prior(design.evidence(model), scale, table.num_rows))
    return versioned(replace(model, match=match_weight(model.prior, table.num_rows)))


def sampled(
    table: pa.Table, model: Model, most: int, asked: Iterable[tuple[str, str]] = ()
) -> tuple[Design, float]:
    """At most about `most` candidate pairs of a feature table, those `asked` for always, chosen by a hash; and how
    many candidates each stands for."""
    with connect() as connection:
        connection.register("records", table)
        connection.execute("CREATE TABLE features AS FROM records").fetchall()
        extra = identifier_pairs(connection, IDENTIFIER_HOLDERS)
        candidate_pairs(DuckTables(connection), model.block_limit, None, [*extra, *asked])
        count = _one(connection, "SELECT count(*) FROM candidates")
        connection.register("asked", pa.table({"pair": [f"{left} {right}" for left, right in asked]}, _ASKED))
        connection.execute(
            "CREATE OR REPLACE TABLE candidates AS SELECT * FROM candidates"
            " WHERE hash(join_key_l || ' ' || join_key_r) % 1000000 < ?"
            " OR join_key_l || ' ' || join_key_r IN (FROM asked)",
            [most / max(count, most) * 1_000_000],
        ).fetchall()
        return read_design(connection, model), max(1.0, count / most)


_ASKED = pa.schema([("pair", pa.string())])


def estimate_prior(evidence: NDArray[np.float64], scale: float, records: int) -> float:
    """The probability that two records match, from the `evidence` (bits, without prior) of candidate pairs.

    Expectation maximisation over one parameter: the expected number of matches among the candidates, each of
    which stands for `scale` pairs, over all pairs. Some pairs of other data are counted in, so that few records
    do not talk themselves into matching.
    """
    pairs = records * (records - 1) / 2
    prior = min(0.5, records / 2 / max(pairs, 1))
    for _ in range(200):
        odds = np.log2(prior / (1 - prior)) + evidence
        expected = scale * float((1 / (1 + np.exp2(-np.clip(odds, -500, 500)))).sum())
        updated = (expected + PRIOR_MATCHES) / (pairs + PRIOR_PAIRS)
        if abs(updated / prior - 1) < 1e-6:
            break
        prior = updated
    return prior


def identifier_pairs(connection: duckdb.DuckDBPyConnection, most_holders: int) -> list[tuple[str, str]]:
    """Pairs of keys in table `records` that share an identifier which is not on more than `most_holders`."""
    holders = (
        "SELECT key, block FROM (SELECT key, kind = 'ORGANISATION' AS organised, unnest(identifiers) AS block"
        " FROM records) QUALIFY count(*) OVER (PARTITION BY organised, block) BETWEEN 2 AND ?"
    )
    query = (
        f"WITH holders AS ({holders}) SELECT DISTINCT a.key, b.key"
        " FROM holders a JOIN holders b ON a.block = b.block AND a.key < b.key"
    )
    return connection.execute(query, [most_holders]).fetchall()


def affordable_block_limit(connection: duckdb.DuckDBPyConnection, records: int) -> int:
    """The largest of BLOCK_LIMITS at which the blocks of table `records` keep to the comparison budget."""
    sizes = " UNION ALL ".join(
        f"(SELECT count(*) AS size FROM records WHERE {column} IS NOT NULL GROUP BY {column})"
        for column in BLOCK_COLUMNS
    )
    query = f"SELECT size, count(*) * size * (size - 1) / 2 FROM ({sizes}) WHERE size > 1 GROUP BY size"
    pairs = connection.execute(query).fetchall()
    for limit in BLOCK_LIMITS:
        if sum(count for size, count in pairs if size <= limit) <= 2 * PAIRS_PER_RECORD * records:
            return limit
    return BLOCK_LIMITS[-1]


def _terms(connection: duckdb.DuckDBPyConnection, column: str, base: TermFrequencies) -> TermFrequencies:
    """Frequencies of the data blended with those of `base`; the default is that of a value on two records."""
    query = f"SELECT {column}, count(*) AS holders FROM records WHERE {column} IS NOT NULL GROUP BY {column}"
    counted = connection.execute(query).fetchall()
    pseudo = PSEUDO_RECORDS.get(column, 1000)
    total = sum(holders for _, holders in counted) + pseudo
    counts = dict.fromkeys(base.values, 0.0) | dict(counted)
    default = (2 + pseudo * base.default) / total
    shares = {value: (holders + pseudo * base.of(value)) / total for value, holders in counts.items()}
    listed = sorted((-share, value) for value, share in shares.items() if share > 1.2 * default)
    return TermFrequencies(default, {value: -negated for negated, value in listed[:LISTED_TERMS]})


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (found,) = connection.execute(query).fetchall()[0]
    return found


def versioned(model: Model) -> Model:
    """The model under a version that is a digest of its content."""
    content = replace(model, version="").to_json()
    return replace(model, version=blake2b(content.encode(), digest_size=8).hexdigest())
