"""Tables to Parquet files, always the same bytes for the same tables."""

from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.universe.tables import Tables


def write_tables(folder: Path, tables: Tables) -> None:
    """Write every table that has rows as `<name>.parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(tables):
        table = getattr(tables, field.name)
        if table is not None:
            pq.write_table(table, folder / f"{field.name}.parquet", compression="zstd")
