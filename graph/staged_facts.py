"""What a staging says when all of its rows are taken together: one record for each key, each touchpoint once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from graph.blocking import BLOCK_COLUMNS, block_columns
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.neighbourhood import HeldIdentifier, StoredRecord
from graph.staging import SCHEMA, Staging
from graph.vocabulary import ATTRIBUTES, RecordKind

_SAID = ("source", "record_id", "kind", "raw", "content_hash", "verified")
_TEXTS = pa.list_(pa.string())
RECORDS = pa.schema(
    [
        SCHEMA.field("key"),
        *(SCHEMA.field(name) for name in (*_SAID, "observed_at", *ATTRIBUTES, "extra")),
        ("identifier_kinds", _TEXTS),
        ("identifier_values", _TEXTS),
        ("identifier_keys", _TEXTS),
        *((name, pa.string()) for name in BLOCK_COLUMNS),
    ]
)
"""A record as its statements make it, with the keys of its identifiers, sorted, and its block strings."""

_AT_ONCE = 10_000

# Of a record's statements those since its last whole one count. What the first of them says holds, and each attribute
# that is missing comes from the next that has it: as `graph.records` writes them one after the other.
_REPEATED = """
SELECT key, arg_max(deleted, ordinal) FILTER (NOT partial) AS gone, max(ordinal) FILTER (NOT partial) AS since
FROM statements GROUP BY key HAVING count(*) > 1 OR bool_or(deleted)
"""
_TELLING = """
SELECT min(ordinal) AS ordinal FROM statements JOIN repeated USING (key)
WHERE since IS NULL OR ordinal > since OR (ordinal = since AND NOT gone)
GROUP BY key, content_hash
"""
_FOLDED = f"""
SELECT key, {", ".join(f"arg_min_null({name}, ordinal) AS {name}" for name in _SAID)},
  CASE WHEN bool_and(partial) THEN arg_min_null(observed_at, ordinal) ELSE arg_min(observed_at, ordinal) END
    AS observed_at,
  {", ".join(f"arg_min({name}, ordinal) AS {name}" for name in ATTRIBUTES)},
  CASE WHEN bool_and(partial) THEN list(extra ORDER BY ordinal) ELSE [arg_min(extra, ordinal)] END AS extras,
  flatten(list(identifier_kinds ORDER BY ordinal)) AS identifier_kinds,
  flatten(list(identifier_values ORDER BY ordinal)) AS identifier_values
FROM statements SEMI JOIN telling USING (ordinal) GROUP BY key
"""
_ONCE = f"""
SELECT key, {", ".join(_SAID)}, observed_at, {", ".join(ATTRIBUTES)}, [extra] AS extras,
  identifier_kinds, identifier_values
FROM statements ANTI JOIN repeated USING (key)
"""
_RECORDS = f"({_ONCE}) UNION ALL ({_FOLDED}) ORDER BY key"

_IRREGULAR = """
SELECT count(*) FROM (
  SELECT arg_max(deleted, ordinal) FILTER (NOT partial) AS gone, max(ordinal) FILTER (NOT partial) AS since,
    min(ordinal) FILTER (partial) AS told FROM statements GROUP BY key
) WHERE gone AND told < since
"""


# What was said before and is said again is a duplicate; see `loaders.batches` for the same of what the graph holds.
_COUNTS = """
WITH whole AS (
  SELECT key, arg_max(content_hash, ordinal) AS standing FROM statements WHERE NOT partial AND NOT deleted GROUP BY key
), firsts AS (
  SELECT min(ordinal) AS ordinal FROM statements WHERE partial GROUP BY key
  UNION SELECT min(ordinal) FROM statements WHERE touchpoint_key IS NOT NULL GROUP BY touchpoint_key
)
SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM records), (SELECT count(*) FROM last_touchpoints),
  (SELECT count(*) FROM firsts) + (SELECT count(*) FROM whole)
  + (SELECT count(*) FROM statements JOIN whole USING (key) WHERE NOT partial AND content_hash <> standing)
"""

_LAST_TOUCHPOINTS = """
SELECT max(ordinal) AS ordinal FROM statements WHERE touchpoint_key IS NOT NULL GROUP BY touchpoint_key
"""


@dataclass(frozen=True, slots=True)
class FactCounts:
    """How many rows there were, which of them told something new, and the nodes that came of them."""

    rows: int
    records: int
    touchpoints: int
    applied: int


@dataclass(frozen=True, slots=True)
class StagedFacts:
    """Facts for an empty graph, gathered beside their staging; `at` is the instant of the load."""

    staging: Staging
    at: datetime

    @property
    def file(self) -> Path:
        """A Parquet file of `RECORDS` in the order of keys."""
        return self.staging.folder / "records.parquet"

    def database(self) -> duckdb.DuckDBPyConnection:
        """The staging's database with the view `records`, and `last_touchpoints` (ordinals of the rows that hold)."""
        database = self.staging.database()
        database.read_parquet(str(self.file)).create_view("records")
        database.execute(f"CREATE TEMP TABLE last_touchpoints AS {_LAST_TOUCHPOINTS}").fetchall()
        return database

    def count(self) -> FactCounts:
        """What the rows of the staging came to."""
        with self.database() as database:
            return FactCounts(*database.sql(_COUNTS).fetchall()[0])

    def records(self) -> Iterator[StoredRecord]:
        """The records in the order of their keys, as they would be read from a graph that was never resolved."""
        for batch in pq.ParquetFile(self.file).iter_batches(_AT_ONCE):
            yield from map(self._stored, batch.to_pylist())

    def _stored(self, row: Mapping[str, Any]) -> StoredRecord:
        since = int(self.at.timestamp())
        held = zip(row["identifier_keys"], row["identifier_kinds"], row["identifier_values"], strict=True)
        return StoredRecord(
            key=row["key"],
            source=row["source"],
            kind=RecordKind(row["kind"]),
            accepted_at=self.at,
            updated_at=self.at,
            attributes=_present(row, ATTRIBUTES),
            identifiers=tuple(
                HeldIdentifier(key, Identifier(kind, value), since=since) for key, kind, value in held
            ),
            blocks=_present(row, BLOCK_COLUMNS),
            observed_at=row["observed_at"] and row["observed_at"].replace(tzinfo=UTC),
            pending=True,
            verified=frozenset(row["verified"]),
        )


def _present(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    return {name: text for name in names if (text := row[name]) is not None}


def is_regular(staging: Staging) -> bool:
    """Whether everything in the staging can be told as facts: no record is removed after something was added to it."""
    with staging.database() as database:
        return database.sql(_IRREGULAR).fetchall() == [(0,)]


def gather(staging: Staging, salt: bytes, at: datetime) -> StagedFacts:
    """Take the statements of a staging together; memory stays flat, whatever their number."""
    facts = StagedFacts(staging, at)
    with (
        staging.database() as database,
        pq.ParquetWriter(facts.file, RECORDS, compression="zstd") as out,
    ):
        database.execute(f"CREATE TEMP TABLE repeated AS {_REPEATED}").fetchall()
        database.execute(f"CREATE TEMP TABLE telling AS {_TELLING}").fetchall()
        for batch in database.sql(_RECORDS).to_arrow_reader(_AT_ONCE):
            out.write_batch(_completed(batch, salt))
    return facts


def _completed(batch: pa.RecordBatch, salt: bytes) -> pa.RecordBatch:
    """The batch with its identifiers keyed and sorted, and with block strings."""
    kinds, columns = batch.column("kind").to_pylist(), {}
    attributes = _attributes(batch)
    held = [
        _keyed(zip(names, values, strict=True), salt)
        for names, values in zip(
            batch.column("identifier_kinds").to_pylist(),
            batch.column("identifier_values").to_pylist(),
            strict=True,
        )
    ]
    blocks = [
        block_columns(RecordKind(kind), said, [one for _, one in mine])
        for kind, said, mine in zip(kinds, attributes, held, strict=True)
    ]
    columns = {name: batch.column(name) for name in RECORDS.names if name in batch.schema.names}
    columns["extra"] = pa.array(
        [_merged(extras) for extras in batch.column("extras").to_pylist()], pa.string()
    )
    columns["identifier_kinds"] = pa.array([[one.kind for _, one in mine] for mine in held], _TEXTS)
    columns["identifier_values"] = pa.array([[one.value for _, one in mine] for mine in held], _TEXTS)
    columns["identifier_keys"] = pa.array([[key for key, _ in mine] for mine in held], _TEXTS)
    columns |= {name: pa.array([one.get(name) for one in blocks], pa.string()) for name in BLOCK_COLUMNS}
    return pa.record_batch([columns[name] for name in RECORDS.names], schema=RECORDS)


def _attributes(batch: pa.RecordBatch) -> Iterator[dict[str, str]]:
    columns = [batch.column(name).to_pylist() for name in ATTRIBUTES]
    for values in zip(*columns, strict=True):
        yield {name: text for name, text in zip(ATTRIBUTES, values, strict=True) if text is not None}


def _keyed(pairs: Iterator[tuple[str, str]], salt: bytes) -> list[tuple[str, Identifier]]:
    found = {Identifier(kind, value) for kind, value in pairs}
    return sorted((identifier_key(one, salt), one) for one in found)


def _merged(extras: Sequence[str]) -> str:
    """Of one record's mapped values outside the vocabulary the first of each name holds."""
    if len(extras) == 1 or len(set(extras)) == 1:
        return extras[0]
    merged: dict[str, str] = {}
    for text in extras:
        merged = {**orjson.loads(text), **merged}
    return orjson.dumps(merged, option=orjson.OPT_SORT_KEYS).decode()
