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
from resolution.scoring import candidate_pairs, offer_pairs, offer_records
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
    with connect() as connection:
        offer_records(DuckTables(connection), table)
        return fit(connection, base)


def fit(connection: duckdb.DuckDBPyConnection, base: Model) -> Model:
    """`fit_to_data` of table `records`."""
    count = _one(connection, "SELECT count(*) FROM records")
    if count < 2:
        return versioned(base)
    terms = {column: _terms(connection, column, base.terms[column]) for column in base.terms}
    fitted = replace(base, terms=terms, block_limit=affordable_block_limit(connection, count))
    design, scale = sampled(connection, fitted, SAMPLED_PAIRS)
    prior = estimate_prior(design.evidence(fitted), scale, count)
    return versioned(replace(fitted, prior=prior, match=match_weight(prior, count), records=count))


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
    known = {(min(pair), max(pair)): float(same) for pair, same in (labels or {}).items()}
    with connect() as connection:
        offer_records(DuckTables(connection), table)
        model = fit(connection, base)
        if table.num_rows < 2 or not known:
            return model
        design, scale = sampled(connection, model, TRAINED_PAIRS, known)
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
    connection: duckdb.DuckDBPyConnection, model: Model, most: int, asked: Iterable[tuple[str, str]] = ()
) -> tuple[Design, float]:
    """At most about `most` candidate pairs of table `records`, those `asked` for always, chosen by a hash of their
    keys; and how many candidates each stands for."""
    tables = DuckTables(connection)
    offer_pairs(tables, asked)
    tables.keep("asked", "FROM extra_pairs")
    tables.keep("extra_pairs", f"FROM asked UNION ({_sharing(IDENTIFIER_HOLDERS)})")
    candidate_pairs(tables, model.block_limit)
    count = _one(connection, "SELECT count(*) FROM candidates")
    if count > most:
        tables.keep(
            "candidates",
            "SELECT candidates.* FROM candidates JOIN records a ON a.position = join_key_l"
            " JOIN records b ON b.position = join_key_r"
            f" WHERE hash(a.key || ' ' || b.key) % 1000000 < {most / count * 1_000_000}"
            " OR (join_key_l, join_key_r) IN (SELECT (l, r) FROM asked)",
        )
    return read_design(connection, model), max(1.0, count / most)


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


def identifier_pairs(table: pa.Table, most_holders: int) -> list[tuple[str, str]]:
    """Pairs of keys in a feature table that share an identifier which is not on more than `most_holders`."""
    with connect() as connection:
        offer_records(DuckTables(connection), table)
        return connection.execute(
            f"SELECT a.key, b.key FROM ({_sharing(most_holders)})"
            " JOIN records a ON a.position = l JOIN records b ON b.position = r"
        ).fetchall()


def _sharing(most_holders: int) -> str:
    """The query for pairs of positions that share an identifier which is not on more than `most_holders`."""
    holders = (
        "SELECT position, block FROM (SELECT position, kind = 'ORGANISATION' AS organised, unnest(identifiers) AS"
        f" block FROM records) QUALIFY count(*) OVER (PARTITION BY organised, block) BETWEEN 2 AND {most_holders}"
    )
    return (
        f"WITH holders AS ({holders}) SELECT DISTINCT a.position AS l, b.position AS r"
        " FROM holders a JOIN holders b ON a.block = b.block AND a.position < b.position"
    )


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
