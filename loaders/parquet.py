"""Answers for Parquet: row groups are streamed, every value becomes the text a person would have written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InputError
from loaders.cells import cell_text, row_of
from loaders.rows import BadRow, Row

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
                yield row_of(
                    line, {name: cell for name, cell in zip(self.columns, cells, strict=True) if cell}
                )
            progress(line)


def _texts(column: Any) -> list[str | None]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return [text.strip() if text else None for text in column.to_pylist()]
    if pa.types.is_timestamp(column.type):  # nanoseconds do not fit a Python datetime
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return [cell_text(value) for value in column.to_pylist()]
