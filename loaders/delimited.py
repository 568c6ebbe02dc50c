"""Answers for CSV, TSV and their kin: one guarded reader in which a broken row never costs its neighbours."""

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from graph.errors import InputError
from loaders.lines import Line
from loaders.rows import MAX_LINE, BadRow, RejectionCode, Row

DELIMITERS = (",", ";", "\t", "|")
BLANKS = " "
"""As a delimiter: any run of spaces or tabs."""
_SPAN = 200  # most lines that one quoted field may run over
_SNIFFED = 100

csv.field_size_limit(MAX_LINE)


class DelimitedReader:
    """Iterates over the rows of delimited text; `columns` are the names in the header.

    Without a header the columns are called column_1, column_2, … A repeated name gets its number as suffix.
    A quoted field may run over line ends; when it does not close within 200 lines or 1 MiB, or when closing
    it would swallow other rows, only the line it opens on is rejected. Raises InputError for an empty file.
    """

    def __init__(
        self, lines: Iterable[Line | BadRow], *, delimiter: str | None = None, header: bool = True
    ) -> None:
        self._lines = iter(lines)
        self._waiting: deque[Line | BadRow] = deque()
        head = [line for _, line in zip(range(_SNIFFED), self._lines, strict=False)]
        texts = [line.text for line in head if isinstance(line, Line)]
        if not texts:
            raise InputError("The file is empty or holds no readable line.")
        self.delimiter = delimiter or sniff_delimiter(texts)
        self._waiting.extend(head)
        self.columns: list[str] = []
        self.columns = self._header() if header else _numbered(len(self._peek_cells()))

    def __iter__(self) -> Iterator[Row | BadRow]:
        while (line := self._take()) is not None:
            if isinstance(line, BadRow):
                yield line
                continue
            cells = self._cells(line)
            yield cells if isinstance(cells, BadRow) else self._row(line, cells)

    def _header(self) -> list[str]:
        while isinstance(line := self._take(), BadRow):
            continue
        cells = self._cells(line) if line is not None else []
        if isinstance(cells, BadRow):
            raise InputError(f"The header (line {cells.line}) cannot be read: {cells.reason}")
        return _distinct(cells)

    def _peek_cells(self) -> list[str]:
        first = next(line for line in self._waiting if isinstance(line, Line))
        return _parse(first.text, self.delimiter)

    def _take(self) -> Line | BadRow | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def _row(self, line: Line, cells: list[str]) -> Row | BadRow:
        surplus = len(cells) - len(self.columns)
        if surplus > 0 and any(cells[len(self.columns) :]):
            return BadRow(line.number, RejectionCode.CELLS_SURPLUS, f"{surplus} cells too many.", line.text)
        if surplus < 0:
            return BadRow(line.number, RejectionCode.CELLS_MISSING, f"{-surplus} cells too few.", line.text)
        values = {
            name: text for name, cell in zip(self.columns, cells, strict=False) if (text := cell.strip())
        }
        return Row(line.number, values)

    def _cells(self, line: Line) -> list[str] | BadRow:
        if '"' not in line.text:
            return line.text.split() if self.delimiter == BLANKS else line.text.split(self.delimiter)
        pulled: list[Line | BadRow] = []
        open_at_end = False

        def supply() -> Iterator[str]:
            nonlocal open_at_end
            yield line.text + "\n"
            open_at_end, size = True, len(line.text)
            while len(pulled) < _SPAN and size < MAX_LINE and (following := self._take()) is not None:
                pulled.append(following)
                if isinstance(following, BadRow):
                    return
                size += len(following.text)
                yield following.text + "\n"

        try:
            cells = next(csv.reader(supply(), delimiter=self.delimiter, skipinitialspace=True, strict=True))
            if not pulled or self._spans(cells, pulled):
                return cells
        except csv.Error:
            pass
        self._waiting.extendleft(reversed(pulled))
        if open_at_end:
            return BadRow(line.number, RejectionCode.QUOTE_UNCLOSED, "A quote does not close.", line.text)
        return self._lenient(line)

    def _spans(self, cells: list[str], pulled: Sequence[Line | BadRow]) -> bool:
        """Whether a field over several lines is one row, not an unclosed quote that swallowed whole rows."""
        width = len(self.columns)
        if width == 0:
            return False
        inner = [line.text.count(self.delimiter) + 1 for line in pulled[:-1] if isinstance(line, Line)]
        swallowed = width > 2 and bool(inner) and all(cells_there == width for cells_there in inner)
        return len(cells) == width and not swallowed

    def _lenient(self, line: Line) -> list[str] | BadRow:
        """A quote stands where none belongs: accept the reading that gives the right number of cells."""
        escape = "\\" if '\\"' in line.text else None
        cells = _parse(line.text, self.delimiter, escape)
        if len(cells) == len(self.columns):
            return cells
        return BadRow(line.number, RejectionCode.QUOTE_MISPLACED, "A quote stands inside a cell.", line.text)


def sniff_delimiter(texts: Sequence[str]) -> str:
    """The delimiter that splits the most lines into the same number of cells; `BLANKS` as a last resort."""
    best, best_score = ",", (0.0, 1)
    for delimiter in DELIMITERS:
        widths = Counter(len(_parse(text, delimiter)) for text in texts)
        width, agreeing = widths.most_common(1)[0]
        score = (round(agreeing / len(texts), 1), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    blanks = {len(text.split()) for text in texts}
    if best_score[0] == 0.0 and len(blanks) == 1 and blanks.pop() > 2:
        return BLANKS
    return best


def _parse(text: str, delimiter: str, escape: str | None = None) -> list[str]:
    if delimiter == BLANKS:
        return text.split()
    reader = csv.reader([text], delimiter=delimiter, skipinitialspace=True, escapechar=escape)
    try:
        return next(reader, [])
    except csv.Error:
        return []


def _distinct(cells: Iterable[str]) -> list[str]:
    names: dict[str, None] = {}
    for position, cell in enumerate(cells, start=1):
        wanted = cell.strip().strip("'\"").strip() or f"column_{position}"
        free = (f"{wanted}_{number}" if number > 1 else wanted for number in count(1))
        names[next(name for name in free if name not in names)] = None
    return list(names)


def _numbered(width: int) -> list[str]:
    return [f"column_{position}" for position in range(1, width + 1)]
