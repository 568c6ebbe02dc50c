"""Answers for new rules over a source's history: everything it ever said is read again from the archive."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import orjson

from graph.errors import InputError
from graph.facts import Tombstone
from graph.lease import lease
from graph.progress import Progress, silent
from graph.records import blank_records, remove_records
from graph.staging import temporary_folder
from graph.touchpoints import remove_touchpoints
from graph.transactions import Graph
from loaders.archive import Archive
from loaders.catalogue import last_mapping
from loaders.door import open_door
from loaders.event_remap import EventRemapping
from loaders.facts import RowFacts, RowMapper
from loaders.load import LoadReport, load_feeds
from loaders.mapping import Mapping, mapping_text, parse_mapping
from loaders.rows import Row, UnusableRowError
from loaders.staging import Feed

_BATCH = 2_000
_PATIENCE_SECONDS = 60.0

Side = Literal["before", "now"]


@dataclass(slots=True)
class RemapReport:
    """What became of the rows of the archive, and how many records and touchpoints the new mapping no longer gives."""

    load: LoadReport = field(default_factory=LoadReport)
    records_removed: int = 0
    touchpoints_removed: int = 0


async def remap(
    graph: Graph, source: str, mapping: Mapping | None = None, progress: Progress = silent
) -> RemapReport:
    """Read every row and message that a source ever handed over again, without asking the source.

    Rows are read under `mapping`, by default the one that the source was loaded with last; all that older rules
    cleaned is renewed. What only earlier mappings or rules made is removed. Nothing is resolved: what changed is
    `:Pending`. Interrupted, it is simply run again. Where rows are touchpoints nobody resolves meanwhile (LeaseError
    when somebody has been doing so for a minute). Raises InputError for a source that is not in the archive,
    MappingError, otherwise as `load_feeds`.
    """
    if mapping and mapping.source.name not in (None, source):
        raise InputError(f"The mapping is for the source {mapping.source.name}, not for {source}.")
    with (
        temporary_folder(graph.settings.data_dir, "remap") as place,
        Archive.open(graph.settings.data_dir / "archive") as archive,
        closing(_Keys(place / "keys.sqlite")) as keys,
    ):
        forms = await asyncio.to_thread(lambda: {one.form for one in archive.replay(source)})
        if not forms or (mapping and "row" not in forms):
            raise InputError(
                f"The archive holds no {'rows' if mapping else 'input'} of the source {source}; see `onefold sources`."
            )
        report = RemapReport()
        if "row" in forms:
            known = mapping or await last_mapping(graph, source)
            report = await _Remapping(graph, source, known, archive, keys).run(progress)
    return await _messages_too(graph, source, report, progress) if "event" in forms else report


async def _messages_too(graph: Graph, source: str, report: RemapReport, progress: Progress) -> RemapReport:
    async with open_door(graph) as door:
        messages = EventRemapping(graph, source, door)
        written = await messages.run(progress)
    load = report.load
    load.lines += messages.read
    load.rejected += messages.rejected
    load.accepted += written.applied + written.failed
    load.applied += written.applied
    load.duplicate += written.duplicate
    load.failed += written.failed
    load.records += written.records
    load.touchpoints += written.touchpoints
    report.records_removed += messages.removed
    return report


class _Remapping:
    def __init__(self, graph: Graph, source: str, mapping: Mapping, archive: Archive, keys: "_Keys") -> None:
        self._graph = graph
        self._source = source
        self._mapping = mapping
        self._archive = archive
        self._keys = keys

    async def run(self, progress: Progress) -> RemapReport:
        await asyncio.to_thread(self._note, progress)
        if self._mapping.touchpoint is None:
            return await self._apply(progress)
        async with lease(self._graph, "resolve", _PATIENCE_SECONDS):
            for batch in self._keys.shared("record", _BATCH):  # rows only add to records: these begin anew
                await blank_records(self._graph, batch)
            for batch in self._keys.given("record", _BATCH):
                await blank_records(self._graph, batch, outdated=True)
            return await self._apply(progress)

    async def _apply(self, progress: Progress) -> RemapReport:
        feed = Feed(self._source, self._rows(), self._mapping, kept=False)
        report = RemapReport(await load_feeds(self._graph, [feed], progress=progress))
        for batch in self._keys.gone("touchpoint", _BATCH):
            report.touchpoints_removed += await remove_touchpoints(self._graph, batch)
        for batch in self._keys.gone("record", _BATCH):
            tombstones = [Tombstone(self._source, key.removeprefix(f"{self._source}:")) for key in batch]
            report.records_removed += len((await remove_records(self._graph, tombstones)).updated)
        return report

    def _rows(self) -> Iterator[Row]:
        for one in self._archive.replay(self._source):
            if one.form == "row":
                yield Row(one.line, orjson.loads(one.body))

    def _note(self, progress: Progress) -> None:
        """Note what the earlier mappings made of each row, and what the new one makes of it."""
        earlier = {version.text for version in self._archive.mappings(self._source)}
        earlier -= {mapping_text(self._mapping)}
        mappers = [RowMapper(parse_mapping(text), self._graph.salt) for text in sorted(earlier)]
        now = RowMapper(self._mapping, self._graph.salt)
        total = self._archive.counts().get(self._source)
        done = 0
        waiting = self._rows()
        while rows := list(islice(waiting, _BATCH)):
            self._keys.add("now", [facts for row in rows if (facts := self._facts(now, row))])
            for mapper in mappers:
                self._keys.add("before", [facts for row in rows if (facts := self._facts(mapper, row))])
            done += len(rows)
            progress("compare", done, total)

    def _facts(self, mapper: RowMapper, row: Row) -> RowFacts | None:
        try:
            facts = mapper.facts(row)
        except UnusableRowError:
            return None
        return facts if facts.source == self._source else None


class _Keys:
    """The keys of records and touchpoints that rows gave before and give now, on disk."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE keys (kind TEXT, key TEXT, side TEXT, PRIMARY KEY (kind, key, side)) WITHOUT ROWID;"
        )

    def close(self) -> None:
        self._connection.close()

    def add(self, side: Side, said: Sequence[RowFacts]) -> None:
        rows = [("record", facts.record.key, side) for facts in said if facts.record]
        rows += [("touchpoint", facts.touchpoint.key, side) for facts in said if facts.touchpoint]
        self._connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", sorted(set(rows)))

    def gone(self, kind: str, size: int) -> Iterator[list[str]]:
        """Keys that were given before and are not any more."""
        return self._batches("NOT EXISTS", kind, size)

    def shared(self, kind: str, size: int) -> Iterator[list[str]]:
        """Keys that were given before and still are."""
        return self._batches("EXISTS", kind, size)

    def given(self, kind: str, size: int) -> Iterator[list[str]]:
        """Keys that are given now."""
        return self._fetched("SELECT key FROM keys WHERE kind = ? AND side = 'now' ORDER BY key", kind, size)

    def _batches(self, condition: str, kind: str, size: int) -> Iterator[list[str]]:
        query = (
            f"SELECT key FROM keys AS old WHERE kind = ? AND side = 'before' AND {condition} "
            "(SELECT 1 FROM keys WHERE kind = old.kind AND key = old.key AND side = 'now') ORDER BY key"
        )
        return self._fetched(query, kind, size)

    def _fetched(self, query: str, kind: str, size: int) -> Iterator[list[str]]:
        cursor = self._connection.execute(query, (kind,))
        while rows := cursor.fetchmany(size):
            yield [key for (key,) in rows]
