"""Answers for bringing the graph up to date with an origin: what has changed is loaded, what is gone removed."""

import asyncio
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from time import monotonic

from graph.errors import ConfigurationError, OriginError, TooManyRemovedError
from graph.lease import lease
from graph.progress import Progress, silent
from graph.syncs import Sync, read_sync, write_sync
from graph.transactions import Graph
from loaders.absentees import only_source, remove_absent
from loaders.load import LoadReport, load_feeds
from loaders.mapping import read_mapping
from loaders.origins import MappedOrigin, Origin
from loaders.pulls import open_pull
from loaders.settings import SyncSettings

_PATIENCE_SECONDS = 5.0


@dataclass(slots=True)
class SyncReport:
    """What a sync did: its rows as a load counts them, records that were gone, and how often it was tried."""

    source: str
    load: LoadReport = field(default_factory=LoadReport)
    removed: int = 0
    attempts: int = 0
    seconds: float = 0.0


def mapped_origins(origins: Map[str, Origin]) -> list[MappedOrigin]:
    """Origins with their mappings; raises ConfigurationError where one cannot be used, or two compare one source."""
    found = [MappedOrigin(name, origin, read_mapping(origin.mapping)) for name, origin in origins.items()]
    compared: set[str] = set()
    for one in found:
        if one.origin.deletes != "compare":
            continue
        if (name := only_source(one.mapping)) in compared:
            raise ConfigurationError(
                f'sources.{one.name}: another one with deletes = "compare" has the same source name: each would '
                "remove the records of the other."
            )
        compared.add(name)
    return found


async def sync(
    graph: Graph,
    source: MappedOrigin,
    settings: SyncSettings | None = None,
    *,
    full: bool = False,
    progress: Progress = silent,
) -> SyncReport:
    """Load what has changed at an origin since the last sync, or with `full` everything; nothing is resolved.

    How far it was read is kept after its rows are in the graph: a sync that fails or is killed leaves that as it was,
    and the next one reads the same rows again, which changes nothing twice. An origin that fails is tried again.

    Raises OriginError, TooManyRejectedError or MappingError, with nothing of the reading applied;
    TooManyRemovedError, with what has changed applied; LeaseError while the same source is synced elsewhere;
    GraphError.
    """
    run = _Sync(graph, source, settings or SyncSettings(), progress)
    started = monotonic()
    async with lease(graph, f"sync {source.name}", _PATIENCE_SECONDS):
        report = await run.patiently(full=full)
    report.seconds = round(monotonic() - started, 3)
    return report


@dataclass(slots=True)
class _Sync:
    graph: Graph
    source: MappedOrigin
    settings: SyncSettings
    progress: Progress

    async def patiently(self, *, full: bool) -> SyncReport:
        attempt, pause = 1, self.settings.pause_seconds
        while True:
            try:
                report = await self._once(full=full)
                report.attempts = attempt
                return report
            except OriginError as error:
                if isinstance(error, TooManyRemovedError) or attempt >= self.settings.attempts:
                    raise
            await asyncio.sleep(pause)
            attempt, pause = attempt + 1, 2 * pause

    async def _once(self, *, full: bool) -> SyncReport:
        name, origin = self.source.name, self.source.origin
        before = await read_sync(self.graph, name)
        pull = await asyncio.to_thread(open_pull, self.source, None if full else before.watermark)
        report = SyncReport(name, await load_feeds(self.graph, pull.feeds(), progress=self.progress))
        if origin.deletes == "compare":
            report.removed = await remove_absent(self.graph, pull, self.source.mapping, self.settings)
        reached = Sync(name, pull.watermark(), changed=report.load.applied, removed=report.removed)
        await write_sync(self.graph, reached)
        return report
