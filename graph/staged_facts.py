"""What a staging says when all of its rows are taken together: one record for each key, each touchpoint once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from graph.blocking import BLOCK_COLUMNS
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, StoredRecord
from graph.staging import SCHEMA, Staging
from graph.vocabulary import ATTRIBUTES, RecordKind

SAID = ("source", "record_id", "kind", "raw", "content_hash", "verified")
TEXTS = pa.list_(pa.string())
RECORDS = pa.schema(
    [
        SCHEMA.field("key"),
        *(SCHEMA.field(name) for name in (*SAID, "observed_at", *ATTRIBUTES, "extra")),
        ("identifier_kinds", TEXTS),
        ("identifier_values", TEXTS),
        ("identifier_keys", TEXTS),
        *((name, pa.string()) for name in BLOCK_COLUMNS),
    ]
)
"""A record as its statements make it, with the keys of its identifiers, sorted, and its block strings."""

_AT_ONCE = 10_000

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
