"""Answers for opening any supported file: its format is known by its first bytes, not by its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from graph.errors import InputError
from loaders.compression import read_chunks
from loaders.delimited import DelimitedReader
from loaders.lines import Line, read_lines
from loaders.ndjson import read_ndjson
from loaders.parquet import ParquetReader
from loaders.rows import BadRow, Row

Progress = Callable[[int, int | None], None]
"""Told how much has been read and of how much: bytes of the file, or rows for Parquet."""


@dataclass(frozen=True, slots=True)
class Rows:
    """An opened file: its column names (None for NDJSON, where each row has its own), delimiter and rows."""

    columns: list[str] | None
    delimiter: str | None
    rows: Iterator[Row | BadRow]


def open_rows(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: bool = True,
    progress: Progress | None = None,
) -> Rows:
    """Open CSV/TSV (comma, semicolon, tab, bar), NDJSON or Parquet; the text formats also gzip or zstd.

    Raises InputError when the file as a whole cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of the file to read.")
    if _starts_with(path, b"PAR1"):
        reader = ParquetReader(path)
        rows = reader.rows(_told(progress, reader.row_count))
        return Rows(reader.columns, None, rows)
    chunks = read_chunks(path, _told(progress, path.stat().st_size))
    return _open_text(read_lines(chunks, encoding), delimiter, header, path.name)


def _told(progress: Progress | None, total: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if progress is not None:
            progress(done, total)

    return tell


def _open_text(lines: Iterator[Line | BadRow], delimiter: str | None, header: bool, name: str) -> Rows:
    try:
        first = next(lines, None)
        if first is None:
            raise InputError("The file is empty or holds no readable line.")
        lines = chain([first], lines)
        if isinstance(first, Line) and first.text.lstrip().startswith("{"):
            return Rows(None, None, read_ndjson(lines))
        if isinstance(first, Line) and first.text.lstrip().startswith("["):
            raise InputError("It is one JSON array; write one object a line (NDJSON) and load that.")
        reader = DelimitedReader(lines, delimiter=delimiter, header=header)
    except InputError as error:
        raise error if name in str(error) else InputError(f"{name}: {error}") from error
    return Rows(reader.columns, reader.delimiter, iter(reader))


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
