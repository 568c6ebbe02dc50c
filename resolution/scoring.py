"""Batch scoring: candidate pairs by block, weighed by Splink on DuckDB in a process of their own."""

import logging
from collections.abc import Collection, Iterable

import duckdb
import pyarrow as pa

from graph.blocking import BLOCK_COLUMNS
from graph.neighbourhood import MatchEdge
from resolution.comparisons import COMPARISONS
from resolution.features import FEATURES, RecordRow, feature_table
from resolution.model import Model
from resolution.worker import run_apart

DIGITS = 6
"""Weights are rounded to this many decimals, so that sums in another order stay the same weight."""

Pairs = Iterable[tuple[str, str]]


def score_all(rows: pa.Table | Iterable[RecordRow], model: Model, extra_pairs: Pairs = ()) -> list[MatchEdge]:
    """Edges of at least `model.floor` among all records that share a block, and among `extra_pairs`.

    `rows` are records or their `feature_table`. Takes seconds: call it from a thread.
    """
    return _score_apart(feature_table(rows), model, None, extra_pairs)


def score_touched(
    rows: pa.Table | Iterable[RecordRow], touched: Collection[str], model: Model, extra_pairs: Pairs = ()
) -> list[MatchEdge]:
    """The edges of `score_all` of which at least one record is touched."""
    return _score_apart(feature_table(rows), model, sorted(touched), extra_pairs)


def _score_apart(
    table: pa.Table, model: Model, touched: list[str] | None, extra_pairs: Pairs
) -> list[MatchEdge]:
    if table.num_rows < 2:
        return []
    return edges(run_apart("resolution.scoring", "score_table", table, model, touched, list(extra_pairs)))


def edges(scored: pa.Table) -> list[MatchEdge]:
    """The rows of a scored table as edges, in their order: by keys."""
    gammas = zip(*(scored.column(comparison.name).to_pylist() for comparison in COMPARISONS), strict=True)
    columns = (scored.column(name).to_pylist() for name in ("left", "right", "probability", "weight"))
    return list(map(MatchEdge, *columns, gammas))


def score_table(
    table: pa.Table,
    model: Model,
    touched: list[str] | None = None,
    extra_pairs: Iterable[tuple[str, str]] = (),
) -> pa.Table:
    """Score in this process: columns left, right, probability, weight and one gamma per comparison."""
    with connect() as connection:
        connection.register("records", table)
        connection.execute("CREATE TABLE features AS FROM records").fetchall()
        candidate_pairs(connection, model.block_limit, touched, extra_pairs)
        return _with_levels(connection, weigh(connection, model))


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own in memory that never reaches for the network."""
    return duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )


def candidate_pairs(
    connection: duckdb.DuckDBPyConnection,
    block_limit: int,
    touched: list[str] | None = None,
    extra_pairs: Iterable[tuple[str, str]] = (),
) -> None:
    """Make table `candidates` (join_key_l < join_key_r, match_key) from the blocks of table or view `records`."""
    extra = sorted({(min(pair), max(pair)) for pair in extra_pairs if pair[0] != pair[1]})
    wanted = pa.table({"key": pa.array(touched or [], pa.string())})
    given = pa.table({"l": [pair[0] for pair in extra], "r": [pair[1] for pair in extra]}, _PAIRS)
    connection.register("touched_keys", wanted)
    connection.register("extra_pairs", given)
    parts = [_block_pairs(column, block_limit, touched is not None) for column in BLOCK_COLUMNS]
    parts.append(
        "SELECT l, r FROM extra_pairs SEMI JOIN records a ON a.key = l SEMI JOIN records b ON b.key = r"
    )
    union = " UNION ".join(f"({part})" for part in parts)
    connection.execute(
        "CREATE OR REPLACE TABLE candidates AS"
        f" SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM ({union})"
    ).fetchall()


_PAIRS = pa.schema([("l", pa.string()), ("r", pa.string())])


def _block_pairs(column: str, block_limit: int, only_touched: bool) -> str:
    condition = " AND (a.key IN (FROM touched_keys) OR b.key IN (FROM touched_keys))" if only_touched else ""
    small = (
        f"SELECT key, {column} AS block FROM records WHERE {column} IS NOT NULL"
        f" QUALIFY count(*) OVER (PARTITION BY {column}) BETWEEN 2 AND {block_limit}"
    )
    return (
        f"WITH members AS ({small}) SELECT a.key AS l, b.key AS r"
        f" FROM members a JOIN members b ON a.block = b.block AND a.key < b.key{condition}"
    )


def weigh(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
    """Weigh table `candidates` over table `features` with Splink; answers the name of the table of predictions."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    api = DuckDBAPI(connection=connection)
    linker = Linker(
        api.register("features", dataset_display_name="records"),
        SettingsCreator.from_path_or_dict(model.settings()),
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    for column in model.terms:
        register_terms(connection, model, column)
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidates"))
    return linker.inference.predict(threshold_match_weight=model.floor, warning_mode="never").physical_name


def _with_levels(connection: duckdb.DuckDBPyConnection, predictions: str) -> pa.Table:
    """The predictions with the level of every comparison, by keys."""
    gammas = ", ".join(f"{comparison.case()} AS {comparison.name}" for comparison in COMPARISONS)
    return connection.sql(
        f"WITH pairs AS (SELECT p.match_weight, p.match_probability, {PAIR_COLUMNS} FROM {predictions} p"
        " JOIN features l ON l.key = key_l JOIN features r ON r.key = key_r)"
        f" SELECT key_l AS left, key_r AS right, match_probability AS probability,"
        f" round(match_weight, {DIGITS}) AS weight, {gammas} FROM pairs ORDER BY key_l, key_r"
    ).to_arrow_table()


PAIR_COLUMNS = ", ".join(f"{side}.{name} AS {name}_{side}" for name in ("key", *FEATURES) for side in "lr")
"""Every feature of the records `l` and `r` under the names that level conditions use."""


def register_terms(connection: duckdb.DuckDBPyConnection, model: Model, column: str) -> None:
    """Make table `tf_of_<column>`: the model's frequency of every value that the records hold."""
    terms = model.terms[column]
    known = pa.table(
        {"value": list(terms.values), "frequency": pa.array(terms.values.values(), pa.float64())}
    )
    connection.register("known_terms", known)
    connection.execute(
        f"CREATE OR REPLACE TABLE tf_of_{column} AS SELECT DISTINCT {column},"
        f" coalesce(frequency, {terms.default!r}) AS tf_{column}"
        f" FROM records LEFT JOIN known_terms ON {column} = value WHERE {column} IS NOT NULL"
    ).fetchall()
    connection.unregister("known_terms")
