"""Answers for rows of the quarantine that are read again: under a mended mapping, or mended themselves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from graph.facts import Identifier, Rejected
from graph.quarantine import Quarantined, explain_quarantined, release_quarantined
from graph.records import written_since
from graph.sources import claimed_sources
from graph.transactions import Graph
from loaders.archive import Input
from loaders.batches import Entry, write_batch
from loaders.catalogue import last_mapping
from loaders.door import Arrival, Door
from loaders.events import EventReader, read_object
from loaders.facts import RowMapper
from loaders.journal_file import Message
from loaders.mapping import Mapping
from loaders.ndjson import parse_object
from loaders.rows import RejectionCode, Row, UnusableRowError


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of an entry: the record it went into, or the code and reason why it still waits."""

    key: str
    record_key: str | None = None
    code: str | None = None
    reason: str | None = None


class Replay:
    """Reads entries again and writes what can be used now; what was written is `:Pending`.

    `mapping` replaces the one that the entry's source was loaded with last; `author` is noted on what is released.
    """

    def __init__(self, graph: Graph, door: Door, author: str, mapping: Mapping | None = None) -> None:
        self._graph = graph
        self._door = door
        self._author = author
        self._mapping = mapping
        self._readers: dict[str, RowMapper] = {}
        self._events = EventReader(graph.salt)

    async def all(self, waiting: Sequence[Quarantined]) -> list[Replayed]:
        """Replay entries as they are. Those that still cannot be used wait on, with the present reason.

        A full statement about a record that was written since is out of date: it is released without being written.
        Raises MappingError, GraphError, ArchiveError, SuppressionError.
        """
        results = await self._replay(waiting, outdated=True)
        still = [(one.key, one.code, one.reason or "") for one in results if one.code]
        if still:
            forget = {one.key for one in results if one.code == RejectionCode.SUPPRESSED}
            await explain_quarantined(self._graph, still, forget=forget)
        return results

    async def mended(self, waiting: Quarantined, text: str) -> Replayed:
        """Replay one entry with `text` (a JSON object of columns, or a message) in the place of its own.

        When that cannot be used either, the entry stays as it was. Otherwise as `all`, but it is always written.
        """
        [result] = await self._replay([replace(waiting, raw=text, code="", reason="")], outdated=False)
        return result

    async def _replay(self, waiting: Sequence[Quarantined], *, outdated: bool) -> list[Replayed]:
        await self._door.refresh(self._graph)
        rows = {one.source for one in waiting if one.form == "row"}
        for source in sorted(rows - self._readers.keys()):
            mapping = self._mapping or await last_mapping(self._graph, source)
            self._readers[source] = RowMapper(mapping, self._graph.salt)
        self._events = EventReader(self._graph.salt, await claimed_sources(self._graph))
        outcomes = await asyncio.to_thread(self._read, waiting)
        entries = {
            one.key: found for one, found in zip(waiting, outcomes, strict=True) if isinstance(found, Entry)
        }
        since = {
            entry.key: one.at
            for one in waiting
            if (entry := entries.get(one.key)) and not entry.facts.partial
        }
        past = await written_since(self._graph, since) if outdated and since else frozenset[str]()
        failed = await self._write([one for one in entries.values() if one.key not in past])
        released = [key for key, one in entries.items() if id(one) not in failed]
        await release_quarantined(self._graph, released, author=self._author, at=datetime.now(UTC))
        return [
            _result(one.key, found, id(found) in failed) for one, found in zip(waiting, outcomes, strict=True)
        ]

    def _read(self, waiting: Sequence[Quarantined]) -> list[Entry | Rejected]:
        return self._door.admit([self._arrival(one) for one in waiting])

    def _arrival(self, one: Quarantined) -> Arrival:
        """An entry as if it came now. Of a line that is no JSON object the columns are unknown: it has to be mended."""
        form: Literal["row", "event"] = "event" if one.form == "event" else "row"
        body = one.raw.encode()
        said: Input | None = None
        identifiers: tuple[Identifier, ...] = ()
        try:
            columns = parse_object(one.raw)
            said = self._door.find(one.source, body) or Input(
                one.source, form, one.file, one.line, body, one.at
            )
            if form == "event":
                facts = self._events.facts(_message(one, said))
            else:
                mapper, row = self._readers[one.source], Row(one.line, columns)
                identifiers = mapper.identifiers(row)
                facts = mapper.facts(row)
        except UnusableRowError as error:
            unread = said is None and one.code
            code, reason = (one.code, one.reason) if unread else (error.code, error.reason)
            rejected = Rejected(one.source, one.file, one.line, code, reason, one.raw, one.form)
            return Arrival(rejected, identifiers, said)
        held = facts.record.identifiers if facts.record else ()
        return Arrival(Entry(one.line, one.raw, facts, one.file, form), held, said)

    async def _write(self, entries: Sequence[Entry]) -> set[int]:
        """Write rows; answers those that the graph refused (by `id`)."""
        at = datetime.now(UTC)
        written = await write_batch(self._graph, entries, at)
        if not written.failed:
            return set()
        return {id(one) for one in entries if (await write_batch(self._graph, [one], at)).failed}


def _result(key: str, outcome: Entry | Rejected, failed: bool) -> Replayed:
    if isinstance(outcome, Rejected):
        return Replayed(key, code=str(outcome.code), reason=outcome.reason)
    if failed:
        return Replayed(key, code=RejectionCode.WRITE_FAILED, reason="The graph refused the row.")
    return Replayed(key, record_key=outcome.key)


def _message(one: Quarantined, said: Input) -> Message:
    """An event as the journal had it; one without an id of its own is known by its key in quarantine."""
    message_id = read_object(said.body).get("messageId")
    name = message_id if isinstance(message_id, str) and message_id else one.key
    return Message(one.source, name, said.body, said.received_at, said.sent_at)
