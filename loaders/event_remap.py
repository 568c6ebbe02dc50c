"""Answers for reading the archived messages of a source again, under the present rules."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from graph.facts import Tombstone
from graph.lease import lease
from graph.progress import Progress
from graph.records import blank_records, outdated_statements, remove_records
from graph.sources import claimed_sources
from graph.transactions import Graph
from loaders.archive import Input
from loaders.batches import Entry, Written, write_batch
from loaders.door import Arrival, Door
from loaders.events import EventReader, read_object
from loaders.facts import RowFacts
from loaders.journal_file import Message
from loaders.rows import UnusableRowError
from loaders.traits import as_text

_BATCH = 1_000
_PATIENCE_SECONDS = 60.0


class EventRemapping:
    """Renews the records that messages of `source` stated and older rules cleaned."""

    def __init__(self, graph: Graph, source: str, door: Door) -> None:
        self._graph = graph
        self._source = source
        self._door = door
        self._reader = EventReader(graph.salt)
        self.read = 0
        self.rejected = 0
        self.removed = 0

    async def run(self, progress: Progress) -> Written:
        """Read every message again; what can still not be used waits in quarantine already.

        Records that only older rules gave are removed. Nobody resolves meanwhile (LeaseError when somebody has been
        doing so for a minute); messages that come meanwhile are joined as always.
        """
        self._reader = EventReader(self._graph.salt, await claimed_sources(self._graph))
        async with lease(self._graph, "resolve", _PATIENCE_SECONDS):
            # All are blanked before the first is written: a message that comes in between is in the archive by then.
            async for said, entries in self._batches():
                facts = [one.facts for one in entries]
                records = [one.key for each in facts for one in (each.record, each.group) if one]
                await blank_records(self._graph, records, outdated=True)
                self.read += len(said)
                progress("compare", self.read, None)
            return await self._write(progress)

    async def _write(self, progress: Progress) -> Written:
        total, done, at = Written(), 0, datetime.now(UTC)
        async for said, entries in self._batches():
            total += await write_batch(self._graph, entries, at)
            self.rejected += len(said) - len(entries)
            done += len(said)
            progress("write", done, self.read)
        gone = [
            Tombstone(self._source, key.removeprefix(f"{self._source}:"))
            for key in await outdated_statements(self._graph, self._source)
        ]
        self.removed = len((await remove_records(self._graph, gone)).updated)
        return total

    async def _batches(self) -> AsyncIterator[tuple[list[Input], list[Entry]]]:
        """The archived messages, and those of them that can be used."""
        waiting = (one for one in self._door.replay(self._source) if one.form == "event")
        while said := await asyncio.to_thread(lambda: list(islice(waiting, _BATCH))):
            yield said, await asyncio.to_thread(self._read, said)

    def _read(self, said: Sequence[Input]) -> list[Entry]:
        outcomes = self._door.admit([*self._arrivals(said)], keep=False)
        return [one for one in outcomes if isinstance(one, Entry)]

    def _arrivals(self, said: Sequence[Input]) -> Iterator[Arrival]:
        for one in said:
            try:
                facts = self._facts(one)
            except UnusableRowError:
                continue
            held = facts.record.identifiers if facts.record else ()
            yield Arrival(Entry(one.line, one.body.decode(), facts, one.name, "event"), held, one)

    def _facts(self, said: Input) -> RowFacts:
        """What a message says. The touchpoint of one that came without an id has one that nobody can know again: it
        stays as it is."""
        stated = as_text(read_object(said.body).get("messageId"))
        message = Message(said.source, stated or "none", said.body, said.received_at, said.sent_at)
        facts = self._reader.facts(message)
        return facts if stated else replace(facts, touchpoint=None)
