"""Answers for rows of a DuckDB file, which is opened for reading only."""

from collections.abc import Iterator, Sequence
from typing import Any

from loaders.cells import cells_of, row_of
from loaders.mapping import Mapping, check_columns
from loaders.origins import DuckdbOrigin
from loaders.rows import BadRow, Row
from loaders.watermarks import Value

_CHUNK = 4_096


def read_duckdb(
    origin: DuckdbOrigin,
    mapping: Mapping,
    watermark: str | None,
    start: Value | None,
    columns: Sequence[str] | None,
) -> Iterator[tuple[Row | BadRow, Any]]:
    """Stream a table or view, otherwise as `read_sql`."""
    import duckdb
    import pyarrow as pa

    chosen = ", ".join(map(_quoted, columns)) if columns else "*"
    query = f"SELECT {chosen} FROM {'.'.join(map(_quoted, origin.table.split('.')))}"
    if start is not None and watermark:
        query += f" WHERE {_quoted(watermark)} >= $1 OR {_quoted(watermark)} IS NULL"
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "TimeZone": "UTC"}
    with duckdb.connect(str(origin.path), read_only=True, config=settings) as database:
        reader: pa.RecordBatchReader = database.sql(
            query, params=[] if start is None else [start]
        ).to_arrow_reader(_CHUNK)
        if columns is None:
            check_columns(mapping, list(reader.schema.names))
        line = 0
        for batch in reader:
            for record in batch.to_pylist():
                line += 1
                yield row_of(line, cells_of(record)), record.get(watermark)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
