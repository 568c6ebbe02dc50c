"""Answers for moving what waits in a queue to the graph: in order, idempotent, for as long as it takes."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog

from graph.errors import OnefoldError
from graph.facts import Rejected
from graph.quarantine import write_quarantined
from graph.sources import claimed_sources, hear_sources
from graph.transactions import Graph
from loaders.archive import Archive, Input
from loaders.batches import Entry, write_batch
from loaders.events import EventReader
from loaders.journal_file import Message, Waiting
from loaders.rows import RejectionCode, UnusableRowError

BATCH_MESSAGES = 1_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

log = structlog.get_logger()


class Queue(Protocol):
    """Messages that wait for the graph, and what is let go of when it has them: a journal, a partition of a topic."""

    @property
    def name(self) -> str:
        """What quarantine and archive call the place where the messages stood."""
        ...

    async def oldest(self, size: int) -> list[Waiting]:
        """The messages that have waited longest, about `size` of them, until they are settled the same ones."""
        ...

    async def settle(self, through: int, failed: Mapping[str, int]) -> None:
        """Let go of the messages up to a position."""
        ...

    async def more(self) -> None:
        """Wait for messages; one that came since they were last asked for is not waited for."""
        ...


@dataclass(slots=True)
class _Portion:
    """Messages as they were read: what is written, what goes to quarantine, and how many of each source do so."""

    entries: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict[str, list[Entry]](list))
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    failed: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))


class Projector:
    """Applies what waits in a queue to a graph. One for each queue."""

    def __init__(
        self, graph: Graph, queue: Queue, archive: Archive, applied: asyncio.Event | None = None
    ) -> None:
        self._graph = graph
        self._queue = queue
        self._archive = archive
        self.applied = applied or asyncio.Event()
        """Set when something was written; whoever waits for it clears it."""

    async def run(self) -> None:
        """Apply what comes, until cancelled; while the graph or a disk fails, wait and try again."""
        pause, failing = _FIRST_PAUSE, ""
        while True:
            try:
                while await self.step():
                    pause = _FIRST_PAUSE
                    failing = ""
                await self._queue.more()
            except Exception as error:  # whatever it is, what waits is not given up
                code = error.code if isinstance(error, OnefoldError) else type(error).__name__
                if code != failing:
                    failing = code
                    log.warning("projector_waits", code=code)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def step(self) -> int:
        """Apply the messages that have waited longest; answers how many.

        What fails half-way is done again as a whole: nothing is let go of before it is in the graph, in quarantine
        and in the archive. Raises GraphUnavailableError, GraphTimeoutError, ArchiveError, JournalError.
        """
        waiting = await self._queue.oldest(BATCH_MESSAGES)
        if not waiting:
            return 0
        reader = EventReader(self._graph.salt, await claimed_sources(self._graph))
        portion = await asyncio.to_thread(self._portion, waiting, reader)
        if portion.rejected:
            await write_quarantined(self._graph, portion.rejected)
        at = datetime.now(UTC)
        for source, entries in portion.entries.items():
            portion.failed[source] += (await write_batch(self._graph, entries, at)).failed
        newest = {source: _newest(entries, at) for source, entries in portion.entries.items()}
        await hear_sources(self._graph, newest, at)
        await self._queue.settle(waiting[-1].position, portion.failed)
        if portion.entries:
            self.applied.set()
        return len(waiting)

    def _portion(self, waiting: Sequence[Waiting], reader: EventReader) -> _Portion:
        """Keep the bodies for ever, and read them. Runs in a thread."""
        self._archive.keep([self._input(one) for one in waiting if one.message.body])
        portion = _Portion()
        for one in waiting:
            message = one.message
            try:
                if message.rejection:
                    portion.rejected.append(self._rejected(one, *message.rejection))
                else:
                    facts, name = reader.facts(message), self._queue.name
                    entry = Entry(one.position, _text(message), facts, name, "event")
                    portion.entries[message.source].append(entry)
            except UnusableRowError as error:
                portion.failed[message.source] += 1
                portion.rejected.append(self._rejected(one, error.code, error.reason))
            except Exception as error:  # a defect of the reader must not hold up all that come after
                log.error("message_unreadable", position=one.position, error=type(error).__name__)
                portion.failed[message.source] += 1
                portion.rejected.append(self._rejected(one, RejectionCode.WRITE_FAILED, type(error).__name__))
        return portion

    def _input(self, one: Waiting) -> Input:
        message, name = one.message, self._queue.name
        return Input(
            message.source, "event", name, one.position, message.body, message.received_at, message.sent_at
        )

    def _rejected(self, one: Waiting, code: str, reason: str) -> Rejected:
        source, name = one.message.source, self._queue.name
        return Rejected(source, name, one.position, code, reason, _text(one.message), "event")


def _text(message: Message) -> str:
    return message.body.decode(errors="replace")


def _newest(entries: Sequence[Entry], at: datetime) -> datetime:
    """The latest instant that events speak of; `at` where none has one."""
    said = (entry.facts.touchpoint.occurred_at for entry in entries if entry.facts.touchpoint)
    return max(said, default=at)
