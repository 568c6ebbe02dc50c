"""Answers for rows on their way into the graph: mapped and cleaned, and kept on disk until all of them are read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson
import pyarrow as pa

from graph.errors import InputError
from graph.facts import Rejected
from graph.staging import REJECTED, Staging
from loaders.batches import Entry
from loaders.catalogue import Catalogue
from loaders.facts import RowMapper
from loaders.mapping import Mapping
from loaders.rows import BadRow, Row, UnusableRowError
from loaders.staged_rows import staged

PART_ROWS = 20_000
_RAW_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Feed:
    """Rows with their mapping; `name` is the file, table or topic they come from, as quarantine calls it."""

    name: str
    rows: Iterable[Row | BadRow]
    mapping: Mapping


class Stager:
    """Takes one feed into a staging, part by part; `ordinals` and `parts` go on from feed to feed."""

    def __init__(self, feed: Feed, staging: Staging, salt: bytes, ordinals: Iterator[int]) -> None:
        self.catalogue = Catalogue(feed.mapping)
        self.lines = self.rejected = 0
        self._feed = feed
        self._rows = iter(feed.rows)
        self._staging = staging
        self._ordinals = ordinals
        self._mapper = RowMapper(feed.mapping, salt)
        self._missing = frozenset(feed.mapping.file.missing)
        self._damage: InputError | None = None

    def stage_part(self) -> bool:
        """Read, map and keep the next rows; False when there are none.

        Raises InputError for a feed that ends in damage, after the rows before it were kept.
        """
        if self._damage:
            raise self._damage
        entries: list[tuple[int, Entry]] = []
        rejected: list[Rejected] = []
        part = next(self._ordinals)
        for row in self._next_rows():
            self.lines += 1
            entry = self._entry(row)
            if isinstance(entry, Entry):
                entries.append((next(self._ordinals), entry))
            else:
                rejected.append(entry)
        self.rejected += len(rejected)
        self._staging.write(part, staged(entries))
        self._staging.write(part, _rejected_table(rejected))
        return bool(entries or rejected)

    def _next_rows(self) -> Iterator[Row | BadRow]:
        try:
            for _, row in zip(range(PART_ROWS), self._rows, strict=False):
                yield row
        except InputError as damage:
            self._damage = damage

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
        self.catalogue.note(facts.source, row.values)
        return Entry(row.line, raw, facts, self._feed.name)

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
    return raw[:_RAW_KEPT].encode(errors="surrogatepass")


def rejected_rows(batch: pa.RecordBatch) -> list[Rejected]:
    """The rows of a batch of `graph.staging.REJECTED`."""
    return [
        Rejected(**{**row, "raw": row["raw"].decode(errors="surrogatepass")}) for row in batch.to_pylist()
    ]
