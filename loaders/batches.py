"""Answers for one batch of rows: written at once, or cut in two until the row that cannot be written is alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph.errors import GraphError, GraphTimeoutError, GraphUnavailableError
from graph.facts import Rejected, SourceRecord
from graph.quarantine import write_quarantined
from graph.records import WriteCounts, add_to_records, remove_records, write_records
from graph.touchpoints import write_touchpoints
from graph.transactions import Graph
from loaders.facts import RowFacts
from loaders.rows import RejectionCode


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of one row with where it stands and its text."""

    line: int
    raw: str
    facts: RowFacts


@dataclass(slots=True)
class Batch:
    """Rows that were read together: `lines` of them, some rejected at the door."""

    lines: int = 0
    entries: list[Entry] = field(default_factory=list[Entry])
    sources: set[str] = field(default_factory=set[str])
    rejected: list[Rejected] = field(default_factory=list[Rejected])


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


async def write_batch(graph: Graph, entries: Sequence[Entry], file: str, at: datetime) -> Written:
    """Write rows; those that the graph refuses go to quarantine (`write_failed`), the others are kept.

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
            await write_quarantined(graph, [_refused(entries[0], file, error)])
            return Written(failed=1)
    middle = len(entries) // 2
    written = await write_batch(graph, entries[:middle], file, at)
    written += await write_batch(graph, entries[middle:], file, at)
    return written


def _refused(entry: Entry, file: str, error: Exception) -> Rejected:
    reason = str(error) if isinstance(error, GraphError) else type(error).__name__
    return Rejected(entry.facts.source, file, entry.line, RejectionCode.WRITE_FAILED, reason, entry.raw)


async def _write(graph: Graph, entries: Sequence[Entry], at: datetime) -> Written:
    touchpoints = [entry.facts.touchpoint for entry in entries if entry.facts.touchpoint]
    if touchpoints:
        records = _merged(entry.facts.record for entry in entries if entry.facts.record)
        changed = await add_to_records(graph, records, at)
        return _interactions(entries, changed, await write_touchpoints(graph, touchpoints, at))
    last = {_key(entry): entry for entry in entries}
    changed = await write_records(graph, [e.facts.record for e in last.values() if e.facts.record], at)
    removed = await remove_records(graph, [e.facts.tombstone for e in last.values() if e.facts.tombstone], at)
    return _statements(entries, last, changed, removed)


def _statements(
    entries: Sequence[Entry], last: Mapping[str, Entry], changed: WriteCounts, removed: WriteCounts
) -> Written:
    """Of several statements about one record the last was written; an earlier one that said the same repeats it."""
    news = changed.created | changed.updated | removed.updated
    written = Written(records=len(news - changed.repeated))
    for entry in entries:
        standing = last[_key(entry)]
        is_news = _key(entry) in news if standing is entry else not _same(standing, entry)
        written.applied += is_news
        written.duplicate += not is_news
    return written


def _interactions(entries: Sequence[Entry], records: WriteCounts, touchpoints: WriteCounts) -> Written:
    """A row that only repeats what an earlier one said is a duplicate."""
    changed, hung = records.created | records.updated, touchpoints.created | touchpoints.updated
    written = Written(records=len(changed - records.repeated), touchpoints=len(hung - touchpoints.repeated))
    untold = {*changed, *hung}
    for entry in entries:
        told = {fact.key for fact in (entry.facts.record, entry.facts.touchpoint) if fact} & untold
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


def _key(entry: Entry) -> str:
    fact = entry.facts.record or entry.facts.tombstone
    return fact.key if fact else ""


def _same(one: Entry, other: Entry) -> bool:
    if one.facts.record and other.facts.record:
        return one.facts.record.content_hash == other.facts.record.content_hash
    return one.facts.tombstone == other.facts.tombstone and one.facts.record == other.facts.record
