"""Answers for records that are gone at their source: found by comparing ids, removed unless they are too many."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from graph.errors import ConfigurationError, TooManyRemovedError
from graph.facts import Tombstone
from graph.records import remove_records
from graph.staging import temporary_folder
from graph.syncs import standing_record_ids
from graph.transactions import Graph
from loaders.identifying import Identifying
from loaders.mapping import CONTENT, Mapping
from loaders.pulls import Pull
from loaders.rows import BadRow, Row, UnusableRowError
from loaders.settings import SyncSettings

_BATCH = 2_000


async def remove_absent(graph: Graph, pull: Pull, mapping: Mapping, settings: SyncSettings) -> int:
    """Remove the records of a source that its origin no longer has, and answer how many.

    To be called after what has changed was written, so that a row that came in between counts as present.
    Raises TooManyRemovedError, with nothing removed; ConfigurationError, OriginError, GraphError.
    """
    source = only_source(mapping)
    with (
        temporary_folder(graph.settings.data_dir, "ids") as place,
        closing(_Ids(place / "ids.sqlite")) as ids,
    ):
        await asyncio.to_thread(_note_present, ids, pull, mapping, graph.salt)
        async for portion in _portions(standing_record_ids(graph, source)):
            await asyncio.to_thread(ids.add, "standing", portion)
        absent, standing = ids.counts()
        if settings.too_many(absent, standing):
            raise TooManyRemovedError(
                f"{absent:,} of the {standing:,} records of {source} are gone at their source; none was removed. "
                "See that the source is whole, or raise ONEFOLD_SYNC_REMOVED_SHARE for this once."
            )
        for batch in ids.absent():
            await remove_records(graph, [Tombstone(source, record_id) for record_id in batch])
        return absent


def only_source(mapping: Mapping) -> str:
    """The source whose records are compared; raises ConfigurationError where a mapping does not fix one."""
    if mapping.source.name is None or mapping.touchpoint is not None:
        raise ConfigurationError(
            'deletes = "compare" needs a mapping of records, without touchpoints, under a fixed source name.'
        )
    return mapping.source.name.replace(":", "_")


def _note_present(ids: "_Ids", pull: Pull, mapping: Mapping, salt: bytes) -> None:
    """Note the ids that are there: by their columns alone, unless some row has its id from its content."""
    identifying = Identifying(mapping, salt)
    columns = mapping.record.id or mapping.record.first_of
    if columns != (CONTENT,):
        try:
            return ids.note(
                identifying.record_id(values, is_deletion=True)[0]
                for values in _values(pull.standing(columns), mapping)
            )
        except UnusableRowError:
            pass
    return ids.note(_whole_ids(pull, mapping, identifying))


def _whole_ids(pull: Pull, mapping: Mapping, identifying: Identifying) -> Iterator[str]:
    for values in _values(pull.standing(None), mapping):
        try:
            yield identifying.record_id(values)[0]
        except UnusableRowError:  # it never became a record
            continue


def _values(rows: Iterable[Row | BadRow], mapping: Mapping) -> Iterator[dict[str, str]]:
    """The cells of rows, as a load reads them."""
    missing = frozenset(mapping.file.missing)
    for row in rows:
        if isinstance(row, Row):
            yield {name: text for name, text in row.values.items() if text not in missing}


async def _portions(ids: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    portion: list[str] = []
    async for one in ids:
        portion.append(one)
        if len(portion) == _BATCH:
            yield portion
            portion = []
    yield portion


class _Ids:
    """Ids in a file: those that are present at the origin, and those that stand in the graph."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE present (id TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE standing (id TEXT PRIMARY KEY) WITHOUT ROWID;"
        )

    def note(self, present: Iterable[str]) -> None:
        """Note what is present, which may come again."""
        self.add("present", present)

    def add(self, table: str, ids: Iterable[str]) -> None:
        """Add ids to `present` or `standing`."""
        self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", ((one,) for one in ids))

    def counts(self) -> tuple[int, int]:
        """How many are absent, and of how many."""
        return self._connection.execute(
            "SELECT count(*) FILTER (WHERE id NOT IN (SELECT id FROM present)), count(*) FROM standing"
        ).fetchone()

    def absent(self) -> Iterator[list[str]]:
        """The ids that stand and are not present, in batches."""
        found = self._connection.execute(
            "SELECT id FROM standing WHERE id NOT IN (SELECT id FROM present) ORDER BY id"
        )
        while batch := found.fetchmany(_BATCH):
            yield [one for (one,) in batch]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
