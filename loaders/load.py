"""Answers for loading inputs: staged on disk, checked, then written in batches, resumable, every row accounted for."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic

from graph.errors import InputError, TooManyRejectedError
from graph.gathering import is_regular
from graph.importing import Resolver, can_import, import_staging
from graph.progress import Progress, silent
from graph.quarantine import write_quarantined
from graph.sources import Source, write_sources
from graph.staging import Staging, temporary_folder
from graph.transactions import Graph
from loaders.batches import Entry, Written, write_batch
from loaders.door import Door, open_door
from loaders.mapping import Mapping, check_columns
from loaders.reading import open_rows
from loaders.rows import BadRow, Row
from loaders.settings import LoadSettings
from loaders.staged_rows import unstaged
from loaders.staging import Feed, Stager, rejected_rows

BATCH_ROWS = 2_000


@dataclass(slots=True)
class LoadReport:
    """What became of every row: lines = accepted + duplicate + rejected; accepted = applied + pending + failed.

    applied: written to the graph; pending: accepted but not written yet (none once a load has ended); failed:
    refused by the graph, in quarantine. `records` and `touchpoints` count those created or updated. `imported`: an
    empty graph was filled by the offline importer.
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
    imported: bool = False
    seconds: float = 0.0

    def count(self, written: Written) -> None:
        """Take over what became of the rows that were not rejected."""
        self.applied, self.duplicate, self.failed = written.applied, written.duplicate, written.failed
        self.records, self.touchpoints = written.records, written.touchpoints
        self.accepted = self.applied + self.pending + self.failed


def read_feed(path: Path, mapping: Mapping, progress: Progress = silent) -> Feed:
    """A file as a feed; raises InputError, or MappingError when the mapping names columns that it has not."""
    written = mapping.file
    opened = open_rows(
        path,
        delimiter=written.delimiter,
        encoding=written.encoding,
        header=written.header,
        progress=lambda done, total: progress(f"read {path.name}", done, total),
    )
    if opened.columns is not None:
        check_columns(mapping, opened.columns)
    return Feed(path.name, opened.rows, mapping)


async def load_file(graph: Graph, path: Path, mapping: Mapping, progress: Progress = silent) -> LoadReport:
    """Load one file, otherwise as `load_feeds`; raises MappingError too."""
    return await load_feeds(graph, [read_feed(path, mapping, progress)], progress=progress)


async def load_rows(
    graph: Graph, name: str, rows: Iterable[Row | BadRow], mapping: Mapping, progress: Progress = silent
) -> LoadReport:
    """Load rows from anywhere (read in a thread, once), otherwise as `load_feeds`; `name` is what they come from."""
    return await load_feeds(graph, [Feed(name, rows, mapping)], progress=progress)


async def load_feeds(
    graph: Graph,
    feeds: Sequence[Feed],
    settings: LoadSettings | None = None,
    progress: Progress = silent,
    resolver: Resolver | None = None,
) -> LoadReport:
    """Load feeds into the graph, one after the other; the same again changes nothing, so a killed load is run again.

    Everything is read, cleaned, kept in the archive and staged on disk first; rows that cannot be used go to
    quarantine. Then it is written in the order of keys. Nothing is resolved: what was written is `:Pending`.
    A large input for an empty embedded graph goes through the offline importer, resolved when a `resolver` is given.

    Raises TooManyRejectedError, before anything was applied; InputError when a feed ends in damage, after what came
    before it was applied; GraphError, ArchiveError, SuppressionError.
    """
    started = monotonic()
    with temporary_folder(graph.settings.data_dir, "load") as place:
        async with open_door(graph) as door:
            loading = _Loading(graph, door, Staging(place), progress)
            report = await loading.run(feeds, settings or LoadSettings(), resolver)
    report.seconds = round(monotonic() - started, 3)
    return report


@dataclass(slots=True)
class _Loading:
    graph: Graph
    door: Door
    staging: Staging
    progress: Progress
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    report: LoadReport = field(default_factory=LoadReport)
    sources: list[Source] = field(default_factory=list[Source])

    async def run(
        self, feeds: Sequence[Feed], settings: LoadSettings, resolver: Resolver | None
    ) -> LoadReport:
        damage = await self._stage(feeds)
        await self._quarantine()
        if settings.too_many(self.report.rejected, self.report.lines):
            raise self._refusal()
        await self._describe_sources()
        if await self._is_first(settings.import_rows):
            self.report.imported = True
            self.report.count(await self._import(resolver))
        else:
            self.report.count(await self._apply())
        if damage:
            raise damage
        return self.report

    async def _stage(self, feeds: Sequence[Feed]) -> InputError | None:
        """Stage the feeds; answers what ended them too early."""
        ordinals = count()
        stagers: list[Stager] = []
        try:
            for feed in feeds:
                stagers.append(Stager(feed, self.staging, self.door, ordinals))
                while await asyncio.to_thread(stagers[-1].stage_part):
                    pass
            return None
        except InputError as damage:
            return damage
        finally:
            self.report.lines = sum(stager.lines for stager in stagers)
            self.report.rejected = sum(stager.rejected for stager in stagers)
            self.sources = [one for stager in stagers for one in stager.catalogue.loaded(self.at)]

    async def _describe_sources(self) -> None:
        for one in self.sources:
            await asyncio.to_thread(self.door.note_mapping, one.name, one.mapping or "")
        await write_sources(self.graph, self.sources)

    async def _quarantine(self) -> None:
        for batch in self.staging.rejected(BATCH_ROWS):
            await write_quarantined(self.graph, rejected_rows(batch))

    def _refusal(self) -> TooManyRejectedError:
        batches = self.staging.rejected(BATCH_ROWS)
        codes = Counter(code for batch in batches for code in batch.column("code").to_pylist())
        reasons = ", ".join(f"{code} {rows:,}" for code, rows in codes.most_common(3))
        return TooManyRejectedError(
            f"{self.report.rejected:,} of {self.report.lines:,} rows cannot be used ({reasons}); nothing was applied. "
            "They are in quarantine. Mend the input or its mapping, or raise ONEFOLD_LOAD_REJECTED_SHARE."
        )

    async def _is_first(self, fewest: int) -> bool:
        """Whether this is the first load of an embedded graph, and large."""
        if self.report.lines - self.report.rejected < max(1, fewest) or not await can_import(self.graph):
            return False
        return await asyncio.to_thread(is_regular, self.staging)

    async def _import(self, resolver: Resolver | None) -> Written:
        counts = await import_staging(self.graph, self.staging, self.at, self.progress, resolver)
        return Written(counts.applied, counts.rows - counts.applied, 0, counts.records, counts.touchpoints)

    async def _apply(self) -> Written:
        """Write what was staged, batch by batch; the next one is read while one is written."""
        total, done = Written(), 0
        batches = _whole_keys(unstaged(self.staging.statements(BATCH_ROWS)))
        batch = await asyncio.to_thread(next, batches, None)
        while batch is not None:
            writing = asyncio.create_task(write_batch(self.graph, batch, self.at))
            batch_rows, batch = len(batch), await asyncio.to_thread(next, batches, None)
            total += await writing
            done += batch_rows
            self.progress("write", done, self.report.lines - self.report.rejected)
        return total


def _whole_keys(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Batches of rows that end between two records, unless one has too many of them."""
    batch: list[Entry] = []
    for entry in entries:
        if len(batch) >= BATCH_ROWS and (len(batch) >= 2 * BATCH_ROWS or entry.key != batch[-1].key):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch
