"""Answers for pulling rows from an origin: what has changed since a watermark, or everything there is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from graph.errors import ConfigurationError
from loaders.origins import MappedOrigin
from loaders.outages import failing_as
from loaders.rows import BadRow, Row
from loaders.staging import Feed
from loaders.watermarks import Value, Watermark

Read: TypeAlias = Callable[[Value | None, Sequence[str] | None], Iterator[tuple[Row | BadRow, Any]]]
"""Rows from a watermark on (None: all), with some columns or all; each with its value of the watermark's column."""


class Pull(Protocol):
    """One reading of an origin."""

    def feeds(self) -> Sequence[Feed]:
        """What has changed; each feed can be read once. Reading raises OriginError or MappingError."""
        ...

    def watermark(self) -> str | None:
        """Once the feeds have been read: from where to go on the next time."""
        ...

    def standing(self, columns: Sequence[str] | None) -> Iterator[Row | BadRow]:
        """Every row there is, with at least these columns; None: all of them."""
        ...


@dataclass(slots=True)
class TablePull:
    """A pull from what has rows and columns: a table, a view, an endpoint."""

    source: MappedOrigin
    read: Read
    mark: Watermark | None

    def feeds(self) -> Sequence[Feed]:
        """One feed."""
        return [Feed(self.source.name, self._changed(), self.source.mapping)]

    def watermark(self) -> str | None:
        """The highest value that was read, None without a column to watch."""
        return self.mark.encoded() if self.mark else None

    def standing(self, columns: Sequence[str] | None) -> Iterator[Row | BadRow]:
        """Every row there is."""
        with failing_as(self.source.name):
            for row, _ in self.read(None, columns):
                yield row

    def _changed(self) -> Iterator[Row | BadRow]:
        mark, origin = self.mark, self.source.origin
        start = mark.start(origin.overlap, origin.overlap_steps) if mark else None
        with failing_as(self.source.name):
            for row, value in self.read(start, None):
                if mark:
                    mark.note(value)
                yield row


def open_pull(source: MappedOrigin, watermark: str | None) -> Pull:
    """A pull that begins at a watermark; nothing is read yet, but for the list of a folder's files."""
    origin = source.origin
    if origin.files:
        from loaders.pull_files import FilesPull

        with failing_as(source.name):
            return FilesPull.listed(source.name, origin.files, source.mapping, watermark)
    mark = Watermark.decoded(origin.watermark, watermark) if origin.watermark else None
    return TablePull(source, _reader(source), mark)


def _reader(source: MappedOrigin) -> Read:
    origin = source.origin
    if origin.sql:
        from loaders.pull_sql import read_sql

        return partial(read_sql, origin.sql, source.mapping, origin.watermark)
    if origin.duckdb:
        from loaders.pull_duckdb import read_duckdb

        return partial(read_duckdb, origin.duckdb, source.mapping, origin.watermark)
    from loaders.pull_rest import read_rest

    if origin.rest is None:
        raise ConfigurationError(f"Source {source.name} does not say where its rows come from.")
    return partial(read_rest, origin.rest, origin.watermark)
