"""Answers for what a sample of a file shows about each column: how full, how varied, what its values look like."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from graph.dates import clean_date, clean_instant
from graph.errors import InputError
from graph.identifiers import clean_identifier
from graph.unusable import UnusableValueError
from loaders.reading import open_rows
from loaders.rows import Row
from loaders.synonyms import concept_of

SAMPLED_ROWS = 100_000
_KEPT = 500
_MISSING = frozenset({"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "\\N", "?"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?=.*[+() -])[+()\d][\d\s()./-]{6,19}")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[ -][A-Za-z]{3,9}\.?[ -,]+\d{2,4}")


@dataclass(slots=True)
class Column:
    """One column: `samples` are its first 500 distinct values."""

    name: str
    filled: int = 0
    values: set[str] = field(default_factory=set[str])
    samples: list[str] = field(default_factory=list[str])

    @property
    def distinct(self) -> int:
        """How many different values the sampled rows hold."""
        return len(self.values)

    @property
    def unique(self) -> bool:
        """Whether no value comes twice."""
        return self.filled > 0 and self.distinct == self.filled

    def add(self, value: str) -> None:
        """Count one filled cell."""
        self.filled += 1
        if value not in self.values:
            self.values.add(value)
            if len(self.samples) < _KEPT:
                self.samples.append(value)

    def share(self, accepts: Callable[[str], object]) -> float:
        """The share of samples that pass, 0 without any."""
        return sum(bool(accepts(value)) for value in self.samples) / max(len(self.samples), 1)

    def usable(self, kind: str) -> float:
        """The share of samples that can be read as an identifier of a kind."""

        def accepts(value: str) -> bool:
            try:
                return bool(clean_identifier(kind, value))
            except UnusableValueError:
                return False

        return self.share(accepts)


@dataclass(slots=True)
class Sample:
    """What was seen of a file; `missing` are the words that stand for an empty cell in several columns."""

    columns: dict[str, Column]
    rows: int
    delimiter: str | None
    header: bool
    missing: tuple[str, ...] = ()


def sample_file(path: Path) -> Sample:
    """Read up to 100,000 rows; raises InputError when there is none that can be read."""
    header = not _headless(path)
    opened = open_rows(path, header=header)
    columns = {name: Column(name) for name in opened.columns or ()}
    missing: dict[str, set[str]] = {}
    rows = 0
    for row in islice(opened.rows, SAMPLED_ROWS):
        if isinstance(row, Row):
            rows += 1
            for name, value in row.values.items():
                column = columns.setdefault(name, Column(name))
                if value in _MISSING:
                    missing.setdefault(value, set()).add(name)
                else:
                    column.add(value)
    if not rows:
        raise InputError(f"{path.name}: no row of it can be read, so no mapping can be drafted.")
    words = tuple(sorted(word for word, where in missing.items() if len(where) > 1))
    return Sample(columns, rows, opened.delimiter, header, words)


def pair_is_unique(path: Path, sample: Sample, first: str, second: str) -> bool:
    """Whether no two rows have the same values in both columns."""
    seen: set[tuple[str | None, str | None]] = set()
    opened = open_rows(path, header=sample.header)
    for row in islice(opened.rows, SAMPLED_ROWS):
        if isinstance(row, Row):
            pair = row.values.get(first), row.values.get(second)
            if pair in seen or None in pair:
                return False
            seen.add(pair)
    return True


def is_email(value: str) -> bool:
    """Whether a cell looks like an e-mail address, with or without a name around it."""
    return bool(_EMAIL.search(value))


def is_phone(value: str) -> bool:
    """Whether a cell looks like a written phone number: digits in groups."""
    return bool(_PHONE.fullmatch(value)) and not _DATE.fullmatch(value) and sum(map(str.isdigit, value)) >= 7


def is_number(value: str) -> bool:
    """Whether a cell is a number."""
    return bool(_NUMBER.fullmatch(value))


def is_date(value: str) -> bool:
    """Whether a cell can be read as a date of a person's life."""
    try:
        return bool(clean_date(value, "dmy"))
    except UnusableValueError:
        return False


def is_written_date(value: str) -> bool:
    """Whether a cell is a date beyond doubt: not just a number."""
    return bool(_DATE.fullmatch(value)) and is_date(value)


def is_instant(value: str) -> bool:
    """Whether a cell can be read as a point in time."""
    try:
        return bool(clean_instant(value))
    except UnusableValueError:
        return False


def _headless(path: Path) -> bool:
    """Whether the first line of delimited text already is data."""
    names = open_rows(path).columns
    if not names or any(concept_of(name)[0] for name in names if not is_email(name)):
        return False
    return any(is_email(name) or is_number(name) or is_written_date(name) for name in names)
