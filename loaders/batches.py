"""Answers for one batch of rows: written at once, or cut in two until the row that cannot be written is alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from graph.consents import write_consents
from graph.errors import GraphError, GraphTimeoutError, GraphUnavailableError
from graph.facts import Rejected, SourceRecord
from graph.quarantine import write_quarantined
from graph.records import WriteCounts, add_to_records, remove_records, write_records
from graph.touchpoints import write_touchpoints
from graph.traits import state_records
from graph.transactions import Graph
from loaders.facts import RowFacts
from loaders.rows import RejectionCode
from loaders.traits import joined, together


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of one row with its text, and where it stands: the line in a file, or what it came from is called."""

    line: int
    raw: str
    facts: RowFacts
    file: str = ""
    form: Literal["row", "event"] = "row"

    @property
    def key(self) -> str:
        """The key of the record that the row speaks of."""
        fact = self.facts.record or self.facts.tombstone
        return fact.key if fact else ""


@dataclass(slots=True)
class Written:
    """What became of the rows of a batch, and how many nodes were created or updated, each counted once a load."""

    applied: int = 0
    duplicate: int = 0
    failed: int = 0
    records: int = 0
    touchpoints: int = 0

    def __iadd__(self, other: "Written") -> "Written":
        self.applied += other.applied
        self.duplicate += other.duplicate
        self.failed += other.failed
        self.records += other.records
        self.touchpoints += other.touchpoints
        return self


async def write_batch(graph: Graph, entries: Sequence[Entry], at: datetime) -> Written:
    """Write rows, what is said of one record in its order; those that the graph refuses go to quarantine
    (`write_failed`), the others are kept.

    `at` is the instant of the load, the same for all of its batches.
    Raises GraphUnavailableError or GraphTimeoutError: then nothing is wrong with the rows.
    """
    if not entries:
        return Written()
    try:
        return await _write(graph, entries, at)
    except (GraphUnavailableError, GraphTimeoutError):
        raise
    except (GraphError, ValueError, OverflowError) as error:
        if len(entries) == 1:
            await write_quarantined(graph, [_refused(entries[0], error)])
            return Written(failed=1)
    middle = len(entries) // 2
    written = await write_batch(graph, entries[:middle], at)
    written += await write_batch(graph, entries[middle:], at)
    return written


def _refused(entry: Entry, error: Exception) -> Rejected:
    reason = str(error) if isinstance(error, GraphError) else type(error).__name__
    return Rejected(
        entry.facts.source, entry.file, entry.line, RejectionCode.WRITE_FAILED, reason, entry.raw, entry.form
    )


async def _write(graph: Graph, entries: Sequence[Entry], at: datetime) -> Written:
    written = Written()
    for turn, said in sorted(_turns(entries).items()):
        written += await (_write_partial if turn % 2 else _write_whole)(graph, said, at)
    await write_consents(graph, [one for entry in entries for one in entry.facts.consents], at)
    return written


def _turns(entries: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Entries by turn: even ones hold whole statements, odd ones partial ones, each record's in their order."""
    turns: defaultdict[int, list[Entry]] = defaultdict(list)
    latest: dict[str, int] = {}
    for entry in entries:
        key = entry.key
        turn = latest.get(key, 0)
        turn += turn % 2 != entry.facts.partial
        latest[key] = turn
        turns[turn].append(entry)
    return turns


async def _write_whole(graph: Graph, entries: Sequence[Entry], at: datetime) -> Written:
    last = {entry.key: entry for entry in entries}
    changed = await write_records(graph, [e.facts.record for e in last.values() if e.facts.record], at)
    removed = await remove_records(graph, [e.facts.tombstone for e in last.values() if e.facts.tombstone], at)
    return _statements(entries, last, changed, removed)


async def _write_partial(graph: Graph, entries: Sequence[Entry], at: datetime) -> Written:
    changed = await _add(graph, entries, at)
    touchpoints = [entry.facts.touchpoint for entry in entries if entry.facts.touchpoint]
    return _interactions(entries, changed, await write_touchpoints(graph, touchpoints, at))


async def _add(graph: Graph, entries: Sequence[Entry], at: datetime) -> WriteCounts:
    """What interactions say of their records: traits by their times, else what is not known yet."""
    said = [one for entry in entries for one in (entry.facts.record, entry.facts.group) if one]
    stated = [one for one in said if one.trait_times is not None]
    others = [one for one in said if one.trait_times is None]
    changed = await state_records(graph, together(stated), joined, at) if stated else WriteCounts()
    return changed | await add_to_records(graph, _merged(others), at) if others else changed


def _statements(
    entries: Sequence[Entry], last: Mapping[str, Entry], changed: WriteCounts, removed: WriteCounts
) -> Written:
    """Of several statements about one record the last was written; an earlier one that said the same repeats it."""
    news = changed.created | changed.updated | removed.updated
    written = Written(records=len(news - changed.repeated))
    for entry in entries:
        standing = last[entry.key]
        is_news = entry.key in news if standing is entry else not _same(standing, entry)
        written.applied += is_news
        written.duplicate += not is_news
    return written


def _interactions(entries: Sequence[Entry], records: WriteCounts, touchpoints: WriteCounts) -> Written:
    """A row that only repeats what an earlier one said is a duplicate."""
    changed, hung = records.created | records.updated, touchpoints.created | touchpoints.updated
    written = Written(records=len(changed - records.repeated), touchpoints=len(hung - touchpoints.repeated))
    untold = {*changed, *hung}
    for entry in entries:
        told = {
            fact.key for fact in (entry.facts.record, entry.facts.group, entry.facts.touchpoint) if fact
        } & untold
        untold -= told
        written.applied += bool(told)
        written.duplicate += not told
    return written


def _merged(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """One record per key: events add identifiers to their user and fill what is missing."""
    merged: dict[str, SourceRecord] = {}
    for record in records:
        known = merged.get(record.key)
        if known is None or known is record:
            merged[record.key] = record
        elif not (
            set(record.identifiers) <= set(known.identifiers) and record.attributes == known.attributes
        ):
            merged[record.key] = replace(
                known,
                attributes={**record.attributes, **known.attributes},
                identifiers=tuple(sorted({*known.identifiers, *record.identifiers})),
                extra={**record.extra, **known.extra},
            )
    return list(merged.values())


def _same(one: Entry, other: Entry) -> bool:
    if one.facts.record and other.facts.record:
        return one.facts.record.content_hash == other.facts.record.content_hash
    return one.facts.tombstone == other.facts.tombstone and one.facts.record == other.facts.record
