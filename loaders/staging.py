"""Answers for rows on their way into the graph: mapped and cleaned, and kept on disk until all of them are read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import pyarrow as pa

from graph.errors import InputError
from graph.facts import Identifier, Rejected
from graph.quarantine import RAW_KEPT
from graph.staging import REJECTED, Staging
from loaders.archive import Input
from loaders.batches import Entry
from loaders.catalogue import Catalogue
from loaders.door import Arrival, Door
from loaders.facts import RowMapper
from loaders.mapping import Mapping
from loaders.rows import BadRow, Row, UnusableRowError
from loaders.staged_rows import staged

PART_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Feed:
    """Rows with their mapping; `name` is the file, table or topic they come from, as quarantine calls it.

    Rows that come from the archive itself are not `kept` there again.
    """

    name: str
    rows: Iterable[Row | BadRow]
    mapping: Mapping
    kept: bool = True


class Stager:
    """Takes one feed into a staging, part by part; `ordinals` and `parts` go on from feed to feed."""

    def __init__(self, feed: Feed, staging: Staging, door: Door, ordinals: Iterator[int]) -> None:
        """Read rows come through `door`: it keeps them and refuses the suppressed ones."""
        self.catalogue = Catalogue(feed.mapping)
        self.lines = self.rejected = 0
        self._feed = feed
        self._rows = iter(feed.rows)
        self._staging = staging
        self._door = door
        self._ordinals = ordinals
        self._mapper = RowMapper(feed.mapping, door.salt)
        self._missing = frozenset(feed.mapping.file.missing)
        self._at = datetime.now(UTC)
        self._damage: InputError | None = None

    def stage_part(self) -> bool:
        """Read, map and keep the next rows; False when there are none.

        Raises InputError for a feed that ends in damage, after the rows before it were kept; ArchiveError,
        SuppressionError.
        """
        if self._damage:
            raise self._damage
        entries: list[tuple[int, Entry]] = []
        rejected: list[Rejected] = []
        part = next(self._ordinals)
        rows = list(self._next_rows())
        outcomes = self._door.admit([self._arrival(row) for row in rows], keep=self._feed.kept)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, Entry) and isinstance(row, Row):
                self.catalogue.note(outcome.facts, self._present(row).values)
                entries.append((next(self._ordinals), outcome))
            elif isinstance(outcome, Rejected):
                self.catalogue.note_rejected(outcome.source)
                rejected.append(outcome)
        self.lines += len(rows)
        self.rejected += len(rejected)
        self._staging.write(part, staged(entries))
        self._staging.write(part, _rejected_table(rejected))
        return bool(rows)

    def _next_rows(self) -> Iterator[Row | BadRow]:
        try:
            for _, row in zip(range(PART_ROWS), self._rows, strict=False):
                yield row
        except InputError as damage:
            self._damage = damage

    def _arrival(self, row: Row | BadRow) -> Arrival:
        if isinstance(row, BadRow):
            return Arrival(self._rejected(row))
        body = orjson.dumps(row.values)
        present = self._present(row)
        identifiers: tuple[Identifier, ...]
        try:
            facts = self._mapper.facts(present)
        except UnusableRowError as error:
            identifiers = self._mapper.identifiers(present)
            outcome = self._rejected(BadRow(row.line, error.code, error.reason, body.decode()))
        else:
            identifiers = facts.record.identifiers if facts.record else ()
            raw = body if present is row else orjson.dumps(present.values)
            outcome = Entry(row.line, raw.decode(), facts, self._feed.name)
        source = outcome.source if isinstance(outcome, Rejected) else outcome.facts.source
        return Arrival(outcome, identifiers, Input(source, "row", self._feed.name, row.line, body, self._at))

    def _present(self, row: Row) -> Row:
        """The row without the cells that the mapping calls missing."""
        if not self._missing:
            return row
        return Row(row.line, {name: text for name, text in row.values.items() if text not in self._missing})

    def _rejected(self, row: BadRow) -> Rejected:
        source = self._feed.mapping.source.name or self._feed.name
        return Rejected(source, self._feed.name, row.line, row.code, row.reason, row.raw)


def _rejected_table(rejected: Sequence[Rejected]) -> pa.Table:
    rows = [
        (one.source, one.file, one.line, str(one.code), one.reason, _encoded(one.raw)) for one in rejected
    ]
    columns = zip(*rows, strict=True) if rows else ((),) * len(REJECTED)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, REJECTED.types, strict=True)]
    return pa.table(arrays, schema=REJECTED)


def _encoded(raw: str) -> bytes:
    return raw[:RAW_KEPT].encode(errors="surrogatepass")


def rejected_rows(batch: pa.RecordBatch) -> list[Rejected]:
    """The rows of a batch of `graph.staging.REJECTED`."""
    return [
        Rejected(**{**row, "raw": row["raw"].decode(errors="surrogatepass")}) for row in batch.to_pylist()
    ]
