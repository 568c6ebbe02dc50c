"""Answers for Parquet: row groups are streamed, every value becomes the text a person would have written."""

import json
import math
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InputError
from loaders.rows import BadRow, RejectionCode, Row

_BATCH = 4_096


class ParquetReader:
    """A Parquet file and its rows; `columns` are its names, lines are row numbers from 1.

    Instants are written in ISO 8601, whole floats without a fraction, nested values as JSON; null and NaN
    are absent. Raises InputError when the file is not readable Parquet.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{path.name} cannot be read as Parquet; write it again or fetch it again."
            ) from error
        self.row_count: int = self._file.metadata.num_rows
        self.columns: list[str] = [str(name) for name in self._file.schema_arrow.names]

    def rows(self, progress: Callable[[int], None]) -> Iterator[Row | BadRow]:
        """Stream the rows; `progress` is told how many have been read."""
        line = 0
        for batch in self._file.iter_batches(batch_size=_BATCH):
            texts = [_texts(column) for column in batch.columns]
            for cells in zip(*texts, strict=True):
                line += 1
                yield _row(line, {name: cell for name, cell in zip(self.columns, cells, strict=True) if cell})
            progress(line)


def _row(line: int, values: dict[str, str]) -> Row | BadRow:
    if any("\0" in text for text in values.values()):
        raw = json.dumps(values, ensure_ascii=False)[:4_000]
        return BadRow(line, RejectionCode.NUL_BYTE, "A text holds a NUL character.", raw)
    return Row(line, values)


def _texts(column: Any) -> list[str | None]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return [text.strip() if text else None for text in column.to_pylist()]
    if pa.types.is_timestamp(column.type):  # nanoseconds do not fit a Python datetime
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str | None:
    text: str | None
    match value:
        case None:
            text = None
        case bool():
            text = "true" if value else "false"
        case float():
            text = _float_text(value)
        case bytes():
            text = value.decode(errors="replace").strip() or None
        case dict() | list():
            text = json.dumps(value, default=str, ensure_ascii=False)
        case date() | time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text


def _float_text(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() else repr(value)
