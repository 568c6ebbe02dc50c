"""Answers for loading a file: read, map, clean and write in batches, resumable, every row accounted for."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic

import orjson

from graph.facts import Rejected
from graph.quarantine import write_quarantined
from graph.sources import write_sources
from graph.transactions import Graph
from loaders.batches import Batch, Entry, Written, write_batch
from loaders.catalogue import Catalogue
from loaders.facts import RowMapper
from loaders.mapping import Mapping, check_columns
from loaders.reading import Progress, open_rows
from loaders.rows import BadRow, Row, UnusableRowError

BATCH_ROWS = 2_000
_MANY_REJECTED, _REJECTED_SHARE = 1_000, 0.05


@dataclass(slots=True)
class LoadReport:
    """What became of every row: lines = accepted + duplicate + rejected; accepted = applied + pending + failed.

    applied: written to the graph; pending: accepted but not written yet (none once a load has ended); failed:
    refused by the graph, in quarantine. `records` and `touchpoints` count those created or updated.
    """

    lines: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    applied: int = 0
    pending: int = 0
    failed: int = 0
    records: int = 0
    touchpoints: int = 0
    seconds: float = 0.0

    @property
    def failed_threshold(self) -> bool:
        """Whether so much was rejected (over 1,000 rows and over 5 %) that the load counts as failed."""
        return self.rejected > _MANY_REJECTED and self.rejected > _REJECTED_SHARE * self.lines


async def load_file(
    graph: Graph, path: Path, mapping: Mapping, progress: Progress | None = None
) -> LoadReport:
    """Load a file into the graph; the same file again changes nothing, so a killed load is simply run again.

    Rows that cannot be used go to quarantine. Nothing is resolved: what was written is `:Pending`. While one
    batch is written the next is read and cleaned. Raises InputError, MappingError, GraphError.
    """
    started = monotonic()
    loading = _Loading(graph, path, mapping, progress)
    report = await loading.run()
    report.seconds = round(monotonic() - started, 3)
    return report


class _Loading:
    def __init__(self, graph: Graph, path: Path, mapping: Mapping, progress: Progress | None) -> None:
        self._graph = graph
        self._file = path.name
        self._mapping = mapping
        self._mapper = RowMapper(mapping, graph.salt)
        written = mapping.file
        opened = open_rows(
            path,
            delimiter=written.delimiter,
            encoding=written.encoding,
            header=written.header,
            progress=progress,
        )
        if opened.columns is not None:
            check_columns(mapping, opened.columns)
        self._rows = opened.rows
        self._missing = frozenset(written.missing)
        self._catalogue = Catalogue(mapping)
        self._at = datetime.now(UTC)
        self._known_sources: set[str] = set()

    async def run(self) -> LoadReport:
        report, total = LoadReport(), Written()
        batch = await asyncio.to_thread(self._next_batch)
        while batch is not None:
            writing = asyncio.create_task(self._write(batch))
            try:
                following = await asyncio.to_thread(self._next_batch)
            finally:  # what was read is written, also when the file ends in damage
                total += await writing
            report.lines += batch.lines
            report.rejected += len(batch.rejected)
            batch = following
        await write_sources(self._graph, self._catalogue.loaded(self._at))
        report.applied, report.duplicate, report.failed = total.applied, total.duplicate, total.failed
        report.accepted = report.applied + report.failed
        report.records, report.touchpoints = total.records, total.touchpoints
        return report

    async def _write(self, batch: Batch) -> Written:
        if unknown := batch.sources - self._known_sources:
            self._known_sources |= unknown
            await write_sources(self._graph, self._catalogue.named(unknown))
        if batch.rejected:
            await write_quarantined(self._graph, batch.rejected)
        return await write_batch(self._graph, batch.entries, self._file, self._at)

    def _next_batch(self) -> Batch | None:
        batch = Batch()
        for row in islice(self._rows, BATCH_ROWS):
            batch.lines += 1
            entry = self._entry(row)
            if isinstance(entry, Entry):
                batch.entries.append(entry)
                batch.sources.add(entry.facts.source)
            else:
                batch.rejected.append(entry)
        return batch if batch.lines else None

    def _entry(self, row: Row | BadRow) -> Entry | Rejected:
        if isinstance(row, BadRow):
            return self._rejected(row)
        if self._missing:
            row = Row(
                row.line, {name: text for name, text in row.values.items() if text not in self._missing}
            )
        raw = orjson.dumps(row.values).decode()
        try:
            facts = self._mapper.facts(row)
        except UnusableRowError as error:
            return self._rejected(BadRow(row.line, error.code, error.reason, raw))
        self._catalogue.note(facts.source, row.values)
        return Entry(row.line, raw, facts)

    def _rejected(self, row: BadRow) -> Rejected:
        source = self._mapping.source.name or self._file
        return Rejected(source, self._file, row.line, row.code, row.reason, row.raw)
