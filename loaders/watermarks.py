"""Answers for watermarks: the highest value of a column that has been read, kept as text, told apart by type."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

Value: TypeAlias = int | float | Decimal | str | date | datetime

_READERS: dict[str, Callable[[str], Value]] = {
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
_AHEAD = timedelta(days=1)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
DURATION = re.compile(r"(\d+)([smhd])")


def duration(text: str) -> timedelta:
    """`30s`, `5m`, `2h` or `1d`; raises ValueError for anything else."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("give a whole number and a unit: 30s, 5m, 2h, 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@dataclass(slots=True)
class Watermark:
    """How far a column has been read: `since` when reading began, `reached` by now; None: nothing yet.

    An instant more than a day ahead of the clock does not count: one such row would hide all that come after it.
    """

    column: str
    since: Value | None = None
    reached: Value | None = None

    @classmethod
    def decoded(cls, column: str, text: str | None) -> "Watermark":
        """From the text of `encoded`; that of another column counts as none."""
        said: dict[str, str] = orjson.loads(text) if text else {}
        if said.get("column") != column:
            return cls(column)
        value = _READERS[said["type"]](said["value"])
        return cls(column, value, value)

    def encoded(self) -> str | None:
        """As text that is kept until the next reading."""
        if self.reached is None:
            return None
        value = self.reached
        name = "datetime" if isinstance(value, datetime) else type(value).__name__
        text = value.isoformat() if isinstance(value, date) else str(value)
        return orjson.dumps({"column": self.column, "type": name, "value": text}).decode()

    def note(self, value: Any) -> None:
        """Take one row's value into account."""
        value = _plain(value)
        if value is None or _is_ahead(value):
            return
        if self.reached is None or value > self.reached:
            self.reached = value

    def start(self, overlap: timedelta, steps: int) -> Value | None:
        """Where to read from: the watermark less `overlap` for dates and instants, less `steps` for numbers."""
        if isinstance(self.since, datetime):
            return self.since - overlap
        if isinstance(self.since, date):
            return self.since - timedelta(days=overlap.days)
        return self.since - steps if isinstance(self.since, int | float | Decimal) else self.since


def _plain(value: Any) -> Any:
    """Instants with a zone in UTC; types that a driver brings along as those of Python; None for what has no order."""
    if isinstance(value, datetime):
        zoned = value.astimezone(UTC) if value.tzinfo else value
        return datetime.fromisoformat(zoned.isoformat())
    if isinstance(value, bool) or (isinstance(value, float | Decimal) and math.isnan(value)):
        return None
    return value if isinstance(value, int | float | Decimal | str | date) else None


def _is_ahead(value: Value) -> bool:
    if isinstance(value, datetime):
        now = datetime.now(UTC)
        return value > (now if value.tzinfo else now.replace(tzinfo=None)) + _AHEAD
    return isinstance(value, date) and value > (datetime.now(UTC) + _AHEAD).date()
