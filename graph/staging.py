"""What rows said, kept on disk as Parquet until all of them have been read: written in parts, read in key order."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from graph.vocabulary import ATTRIBUTES

_TEXTS = pa.list_(pa.string())
_INSTANT = pa.timestamp("us", tz="UTC")
CONSENT = pa.struct(
    [
        ("consent_key", pa.string()),
        ("identifier_key", pa.string()),
        ("identifier_kind", pa.string()),
        ("identifier_value", pa.string()),
        ("purpose", pa.string()),
        ("status", pa.string()),
        ("decided_at", _INSTANT),
        ("expires_at", _INSTANT),
    ]
)
"""A decision, as `graph.facts.Consent` has it."""

SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("row", pa.string()),
        ("source", pa.string()),
        ("key", pa.string()),
        ("record_id", pa.string()),
        ("partial", pa.bool_()),
        ("deleted", pa.bool_()),
        ("kind", pa.string()),
        *((name, pa.string()) for name in ATTRIBUTES),
        ("identifier_kinds", _TEXTS),
        ("identifier_values", _TEXTS),
        ("extra", pa.string()),
        ("raw", pa.string()),
        ("content_hash", pa.string()),
        ("observed_at", _INSTANT),
        ("verified", _TEXTS),
        ("consents", pa.list_(CONSENT)),
        ("touchpoint_key", pa.string()),
        ("message_id", pa.string()),
        ("occurred_at", _INSTANT),
        ("type", pa.string()),
        ("channel", pa.string()),
        ("campaign", pa.string()),
        ("revenue", pa.float64()),
        ("properties", pa.string()),
        ("touchpoint_hash", pa.string()),
        ("device_key", pa.string()),
    ]
)
"""One row of input: what it says of a record (`key` …), and its touchpoint if it has one. `ordinal` counts the rows of
all inputs; `row` is the input as JSON text, null where `raw` is the same; maps are JSON text."""

REJECTED = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("code", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
    ]
)
"""One row that could not be used; `raw` is UTF-8 in which half a surrogate pair may stand."""

_MEMORY = "1GB"

# Of the rows that hang one touchpoint on different records the last one's record has it.
_IN_KEY_ORDER = """
WITH repeated AS (
  SELECT touchpoint_key, arg_max(key, ordinal) AS home FROM statements
  WHERE touchpoint_key IS NOT NULL GROUP BY touchpoint_key HAVING min(key) <> max(key)
)
SELECT statements.*, coalesce(key <> home, false) AS superseded
FROM statements LEFT JOIN repeated USING (touchpoint_key) ORDER BY key, ordinal
"""


class Staging:
    """A folder of parts, each of which is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write(self, part: int, table: pa.Table) -> None:
        """Keep a part of `SCHEMA` or `REJECTED`; a part without rows is none."""
        name = "rejected" if table.schema.equals(REJECTED) else "statements"
        if table.num_rows:
            draft = self.folder / f".{name}-{part:06}"
            pq.write_table(table, draft, compression="zstd", compression_level=1)
            draft.replace(self.folder / f"{name}-{part:06}.parquet")

    def rejected(self, size: int) -> Iterator[pa.RecordBatch]:
        """The rows that could not be used, in the order in which they came, at most `size` at once."""
        for part in sorted(self.folder.glob("rejected-*.parquet")):
            yield from pq.ParquetFile(part).iter_batches(size)

    def statements(self, size: int) -> Iterator[pa.RecordBatch]:
        """All rows of `SCHEMA` in the order of key and ordinal, with a column `superseded`: a later row hangs its
        touchpoint on another record. At most `size` at once; what does not fit the memory is sorted on disk."""
        if not any(self.folder.glob("statements-*.parquet")):
            return
        with self.database() as database:
            yield from database.sql(_IN_KEY_ORDER).to_arrow_reader(size)

    def database(self) -> duckdb.DuckDBPyConnection:
        """A database in memory with the view `statements`, which spills into the folder."""
        settings: dict[str, Any] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(self.folder / "spill"),
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
        database = duckdb.connect(config=settings)
        database.read_parquet(str(self.folder / "statements-*.parquet")).create_view("statements")
        return database


@contextmanager
def temporary_folder(data_dir: Path, purpose: str) -> Generator[Path]:
    """A folder of one work within a data folder, for its owner only, removed at the end."""
    folder = data_dir / "staging"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=folder, prefix=f"{purpose}-") as place:
        yield Path(place)
