"""Batch scoring: candidate pairs by block, weighed by Splink in a process of their own, on DuckDB or Spark."""

import logging
from collections.abc import Collection, Iterable
from contextlib import closing

import pyarrow as pa

from graph.blocking import BLOCK_COLUMNS
from graph.neighbourhood import MatchEdge
from resolution.comparisons import COMPARISONS
from resolution.engines import Engine, Tables, opened
from resolution.features import FEATURES, RecordRow, feature_table
from resolution.model import Model
from resolution.worker import run_apart

DIGITS = 6
"""Weights are rounded to this many decimals, so that sums in another order stay the same weight."""

Pairs = Iterable[tuple[str, str]]


def score_all(
    rows: pa.Table | Iterable[RecordRow],
    model: Model,
    extra_pairs: Pairs = (),
    engine: Engine = Engine.DUCKDB,
) -> list[MatchEdge]:
    """Edges of at least `model.floor` among all records that share a block, and among `extra_pairs`.

    `rows` are records or their `feature_table`. Takes seconds: call it from a thread.
    """
    return _score_apart(feature_table(rows), model, None, extra_pairs, engine)


def score_touched(
    rows: pa.Table | Iterable[RecordRow],
    touched: Collection[str],
    model: Model,
    extra_pairs: Pairs = (),
    engine: Engine = Engine.DUCKDB,
) -> list[MatchEdge]:
    """The edges of `score_all` of which at least one record is touched."""
    return _score_apart(feature_table(rows), model, sorted(touched), extra_pairs, engine)


def _score_apart(
    table: pa.Table, model: Model, touched: list[str] | None, extra_pairs: Pairs, engine: Engine
) -> list[MatchEdge]:
    if table.num_rows < 2:
        return []
    pairs = list(extra_pairs)
    return edges(run_apart("resolution.scoring", "score_table", table, model, touched, pairs, engine))


def edges(scored: pa.Table) -> list[MatchEdge]:
    """The rows of a scored table as edges, in their order: by keys."""
    gammas = zip(*(scored.column(comparison.name).to_pylist() for comparison in COMPARISONS), strict=True)
    columns = (scored.column(name).to_pylist() for name in ("key_l", "key_r", "probability", "weight"))
    return list(map(MatchEdge, *columns, gammas))


def score_table(
    table: pa.Table,
    model: Model,
    touched: list[str] | None = None,
    extra_pairs: Pairs = (),
    engine: Engine = Engine.DUCKDB,
) -> pa.Table:
    """Score in this process: the columns of `with_levels`, by keys."""
    with closing(opened(engine)) as tables:
        offer_records(tables, table)
        offer_pairs(tables, extra_pairs)
        candidate_pairs(tables, model.block_limit, touched)
        return tables.answer(f"{with_levels(weigh(tables, model))} ORDER BY position_l, position_r")


def offer_records(tables: Tables, table: pa.Table) -> None:
    """Make table `records` of a feature table; `position` numbers it by key, because pairs of text take much memory."""
    ordered = table.sort_by("key")
    tables.offer("records", ordered.append_column("position", pa.array(range(ordered.num_rows), pa.int32())))


def offer_pairs(tables: Tables, pairs: Pairs) -> None:
    """Make table `extra_pairs` (l < r, positions) of those pairs of keys that are both in table `records`."""
    named = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    columns = {"one": [pair[0] for pair in named], "other": [pair[1] for pair in named]}
    tables.offer("named_pairs", pa.table(columns, _NAMED))
    tables.keep(
        "extra_pairs",
        "SELECT a.position AS l, b.position AS r FROM named_pairs"
        " JOIN records a ON a.key = named_pairs.one JOIN records b ON b.key = named_pairs.other",
    )


_NAMED = pa.schema([("one", pa.string()), ("other", pa.string())])


def candidate_pairs(tables: Tables, block_limit: int, touched: list[str] | None = None) -> None:
    """Make table `candidates` (join_key_l < join_key_r, positions; match_key) from the blocks of table `records` and
    from table `extra_pairs`."""
    tables.offer("touched_keys", pa.table({"key": pa.array(touched or [], pa.string())}))
    parts = [_block_pairs(column, block_limit, touched is not None) for column in BLOCK_COLUMNS]
    union = " UNION ".join(f"({part})" for part in (*parts, "SELECT l, r FROM extra_pairs"))
    tables.keep(
        "candidates", f"SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM ({union}) AS pairs"
    )


def _block_pairs(column: str, block_limit: int, only_touched: bool) -> str:
    condition = " AND (a.key IN (FROM touched_keys) OR b.key IN (FROM touched_keys))" if only_touched else ""
    small = (
        f"SELECT key, position, {column} AS block FROM records WHERE {column} IS NOT NULL"
        f" QUALIFY count(*) OVER (PARTITION BY {column}) BETWEEN 2 AND {block_limit}"
    )
    return (
        f"WITH of_{column} AS ({small}) SELECT a.position AS l, b.position AS r"
        f" FROM of_{column} a JOIN of_{column} b ON a.block = b.block AND a.position < b.position{condition}"
    )


def weigh(tables: Tables, model: Model) -> str:
    """Weigh table `candidates` over table `records` with Splink; answers the name of the table of predictions."""
    from splink import Linker, SettingsCreator

    api = tables.splink()
    linker = Linker(
        api.register("records", dataset_display_name="records"),
        SettingsCreator.from_path_or_dict(model.settings(tables.condition)),
    )
    logging.getLogger("splink").setLevel(logging.ERROR)
    for column in model.terms:
        keep_terms(tables, model, column)
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidates"))
    return linker.inference.predict(threshold_match_weight=model.floor, warning_mode="never").physical_name


def with_levels(predictions: str) -> str:
    """The query for the predictions with the level of every comparison: columns key_l, key_r, position_l, position_r,
    probability, weight and one gamma per comparison."""
    gammas = ", ".join(f"{comparison.case()} AS {comparison.name}" for comparison in COMPARISONS)
    return (
        f"WITH pairs AS (SELECT p.match_weight, p.match_probability, p.position_l, p.position_r, {PAIR_COLUMNS}"
        f" FROM {predictions} p JOIN records l ON l.position = position_l JOIN records r ON r.position = position_r)"
        " SELECT key_l, key_r, position_l, position_r, match_probability AS probability,"
        f" round(match_weight, {DIGITS}) AS weight, {gammas} FROM pairs"
    )


PAIR_COLUMNS = ", ".join(f"{side}.{name} AS {name}_{side}" for name in ("key", *FEATURES) for side in "lr")
"""Every feature of the records `l` and `r` under the names that level conditions use."""


def keep_terms(tables: Tables, model: Model, column: str) -> None:
    """Make table `tf_of_<column>`: the model's frequency of every value that the records hold."""
    terms = model.terms[column]
    frequencies = pa.array(terms.values.values(), pa.float64())
    tables.offer(
        "known_terms", pa.table({"value": pa.array(terms.values, pa.string()), "frequency": frequencies})
    )
    tables.keep(
        f"tf_of_{column}",
        f"SELECT DISTINCT {column}, coalesce(frequency, {terms.default!r}) AS tf_{column}"
        f" FROM records LEFT JOIN known_terms ON {column} = value WHERE {column} IS NOT NULL",
    )
