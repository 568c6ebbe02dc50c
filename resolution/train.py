"""Fits a model to data: how common its values are, how many records match, and the weights of agreement."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.blocking import BLOCK_COLUMNS
from resolution.features import RecordRow, feature_table
from resolution.model import Model, TermFrequencies
from resolution.scoring import candidate_pairs, connect, weigh

PAIRS_PER_RECORD = 25
"""Comparison budget: the block limit is lowered until all blocks together stay below it."""

BLOCK_LIMITS = (150, 100, 70, 50, 35, 25, 15)
SAMPLED_PAIRS = 400_000
IDENTIFIER_HOLDERS = 12
"""Holders up to which an identifier's records are compared while the model is fitted."""

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
    table = rows if isinstance(rows, pa.Table) else feature_table(rows)
    if table.num_rows < 2:
        return _versioned(base)
    with connect() as connection:
        connection.register("records", table)
        connection.execute("CREATE TABLE features AS FROM records").fetchall()
        terms = {column: _terms(connection, column, base.terms[column]) for column in base.terms}
        limit = affordable_block_limit(connection, table.num_rows)
        fitted = replace(base, terms=terms, block_limit=limit)
        candidate_pairs(connection, limit, None, identifier_pairs(connection, IDENTIFIER_HOLDERS))
        evidence, scale = _sampled_evidence(connection, fitted)
    return _versioned(replace(fitted, prior=estimate_prior(evidence, scale, table.num_rows)))


def estimate_prior(evidence: NDArray[np.float64], scale: float, records: int) -> float:
    """The probability that two records match, from the `evidence` (bits, without prior) of candidate pairs.

    Expectation maximisation over one parameter: the expected number of matches among the candidates, each of
    which stands for `scale` pairs, over all pairs; half a match more, so that none is no certainty.
    """
    pairs = records * (records - 1) / 2
    prior = min(0.5, records / 2 / pairs)
    for _ in range(200):
        odds = np.log2(prior / (1 - prior)) + evidence
        expected = scale * float((1 / (1 + np.exp2(-np.clip(odds, -500, 500)))).sum())
        updated = min(0.5, (expected + 0.5) / pairs)
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


def _sampled_evidence(
    connection: duckdb.DuckDBPyConnection, model: Model
) -> tuple[NDArray[np.float64], float]:
    """Evidence in bits of a sample of the candidates, and how many candidates each of them stands for."""
    (count,) = connection.execute("SELECT count(*) FROM candidates").fetchall()[0]
    connection.execute(
        "CREATE OR REPLACE TABLE candidates AS SELECT * FROM candidates"
        f" ORDER BY hash(join_key_l || ' ' || join_key_r), join_key_l, join_key_r LIMIT {SAMPLED_PAIRS}"
    ).fetchall()
    if count == 0:
        return np.empty(0), 1.0
    scored = weigh(connection, replace(model, floor=-1e6))
    weights = connection.sql(f"SELECT match_weight FROM {scored}").fetchnumpy()["match_weight"]
    return np.asarray(weights, np.float64) - model.prior_weight, max(1.0, count / SAMPLED_PAIRS)


def _versioned(model: Model) -> Model:
    """The model under a version that is a digest of its content."""
    content = replace(model, version="").to_json()
    return replace(model, version=blake2b(content.encode(), digest_size=8).hexdigest())
