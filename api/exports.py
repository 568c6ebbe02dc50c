"""Writes who belongs to which profile to a file: CSV or Parquet."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InputError
from graph.memberships import stream_memberships
from graph.transactions import Graph

_COLUMNS = ("source", "record_id", "profile_id", "valid_from", "valid_until")
_SCHEMA = pa.schema([(name, pa.string()) for name in _COLUMNS])
_BATCH = 20_000


async def export_clusters(graph: Graph, path: Path, *, with_visitors: bool = False) -> int:
    """Write source, record_id, profile_id, valid_from and valid_until of every open membership; answers the number of
    rows. The last two bound the part of a shared device's history that is of the profile.

    The file appears when it is complete. Raises InputError for an ending other than .csv and .parquet.
    """
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise InputError(f"{path.name} must end in .csv or .parquet.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        rows = await write(stream_memberships(graph, with_visitors=with_visitors), unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(f"{path.name} cannot be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


async def _write_csv(memberships: AsyncIterator[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        async for row in memberships:
            writer.writerow([row[name] for name in _COLUMNS])
            count += 1
    return count


async def _write_parquet(memberships: AsyncIterator[dict[str, Any]], path: Path) -> int:
    count = 0
    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        async for row in memberships:
            rows.append(row)
            if len(rows) == _BATCH:
                writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
                count += len(rows)
                rows.clear()
        writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
    return count + len(rows)
