"""Measures the quality of identities beside the requests: one measurement at a time, which whoever asks joins."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from graph.errors import OnefoldError
from graph.transactions import Graph
from resolution.quality import QualitySnapshot, measure_quality
from resolution.quality_settings import QualitySettings
from resolution.settings import ResolutionSettings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Running:
    """A measurement under way, and since when (UTC)."""

    task: asyncio.Task[QualitySnapshot]
    since: datetime


class Measuring:
    """The measurements of one graph by this process."""

    def __init__(self, graph: Graph, resolution: ResolutionSettings, settings: QualitySettings) -> None:
        self._graph, self._resolution, self._settings = graph, resolution, settings
        self._running: Running | None = None
        graph.at_close(self, self.close)

    def start(self) -> Running:
        """The measurement under way, begun if there is none."""
        if self._running is None or self._running.task.done():
            work = measure_quality(self._graph, self._resolution, self._settings)
            self._running = Running(asyncio.create_task(work), datetime.now(UTC))
            self._running.task.add_done_callback(_tell)
        return self._running

    async def close(self) -> None:
        """End what is under way; the day has the snapshot it had."""
        if self._running is not None:
            self._running.task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._running.task


def _tell(task: "asyncio.Task[QualitySnapshot]") -> None:
    """Nobody may be waiting for a measurement that fails: the log has it."""
    if not task.cancelled() and (error := task.exception()):
        code = error.code if isinstance(error, OnefoldError) else type(error).__name__
        log.warning("quality_measuring_failed", code=code)
