"""Reads dates of people and instants of events, in any written form, into ISO text and UTC."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from graph.months import month_number
from graph.text import tidy
from graph.unusable import UnusableCode, UnusableValueError

ORDERS = ("ymd", "dmy", "mdy", "ydm")
"""Orders of year, month and day that a column may be written in."""

FIRST_YEAR = 1000
_PLACEHOLDERS = frozenset({"1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31", "1111-11-11", "9999-12-31",
                           "9999-99-99", "0001-01-01", "1000-01-01"})  # fmt: skip
_TIME = re.compile(r"[T ,]+(?:at )?\d{1,2}:\d{2}.*$", re.IGNORECASE)
_QUALIFIER = re.compile(
    r"^(?:circa|ca|c|abt|about|approx|around|est|born|b|geb|um|vers|~)[. ]+|^~|[?]$", re.IGNORECASE
)
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|eme|ème|º|ª|o)\b", re.IGNORECASE)
_FILLERS = frozenset({"de", "del", "of", "the", "d", "den", "le", "el", "di"})


@lru_cache(maxsize=1 << 17)
def clean_date(raw: str, order: str = "ymd") -> str:
    """ISO text as exact as the input is: `1978-12-11`, `1978-12` or `1978`.

    `order` (one of ORDERS) settles dates such as 12/11/1978; a date that cannot be in that order is
    read in the other one. Two-digit years are the last ones that are not in the future. Raises
    UnusableValueError: invalid_date, impossible_date (30 February), date_out_of_range,
    placeholder_value (1900-01-01).
    """
    text = _QUALIFIER.sub("", _TIME.sub("", tidy(raw))).strip(" .,;")
    if not text:
        raise UnusableValueError(UnusableCode.EMPTY_VALUE)
    if not any(character.isdigit() for character in text):
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    cleaned = _assemble(*_fields(text, order))
    if cleaned in _PLACEHOLDERS:
        raise UnusableValueError(UnusableCode.PLACEHOLDER_VALUE)
    return cleaned


def detect_date_order(samples: Iterable[str]) -> str:
    """The order that most of a column's dates can only be read in; `dmy` where none tells."""
    votes = dict.fromkeys(ORDERS, 0)
    for sample in samples:
        numbers = re.findall(r"\d+", _TIME.sub("", sample))
        if len(numbers) == 1 and len(numbers[0]) == 8:
            numbers = _cut(numbers[0])
        if len(numbers) == 3 and (order := _evident_order(numbers)):
            votes[order] += 1
    best = max(votes, key=lambda order: votes[order])
    return best if votes[best] else "dmy"


def clean_instant(raw: str | float | datetime, order: str = "ymd") -> datetime:
    """An aware date-time in UTC, from ISO text, epoch seconds, milliseconds or microseconds, or a date.

    Times without a zone are taken as UTC. Raises UnusableValueError (invalid_instant) outside 1970..2100.
    """
    instant = raw if isinstance(raw, datetime) else _instant(str(raw), order)
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    if not 1970 <= instant.year < 2100:
        raise UnusableValueError(UnusableCode.INVALID_INSTANT)
    return instant


def _cut(digits: str) -> list[str]:
    """Eight digits as year, month, day where that can be, else as two, two and four."""
    if FIRST_YEAR <= int(digits[:4]) <= 2100 and int(digits[4:6]) <= 12:
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


def _evident_order(numbers: list[str]) -> str | None:
    first, second, third = (int(number) for number in numbers)
    if len(numbers[0]) == 4:
        return "ydm" if second > 12 >= third else "ymd"
    if first > 31:
        return "ymd"
    if first > 12 >= second:
        return "dmy"
    return "mdy" if second > 12 >= first else None


def _fields(text: str, order: str) -> tuple[str, int, int]:
    """Year text, month and day (0 when not written) of a date."""
    tokens = [token for token in _TOKEN.findall(_ORDINAL.sub("", text)) if token.lower() not in _FILLERS]
    if len(tokens) == 1 and tokens[0].isdigit() and len(tokens[0]) == 8:
        tokens = _cut(tokens[0])
    named = [token for token in tokens if month_number(token)]
    numbers = [token for token in tokens if token.isdecimal()]
    if len(named) + len(numbers) != len(tokens) or len(named) > 1 or not 1 <= len(tokens) <= 3:
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    if named:
        return _with_month_name(numbers, month_number(named[0]))
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return numbers[0], 0, 0
    if len(numbers) == 2 and 4 in (len(numbers[0]), len(numbers[1])):
        year, month = numbers if len(numbers[0]) == 4 else reversed(numbers)
        return year, int(month), 0
    if len(numbers) != 3:
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    return _ordered(numbers, order)


def _with_month_name(numbers: list[str], month: int) -> tuple[str, int, int]:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return numbers[0], month, 0
    if len(numbers) != 2:
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    first_is_year = len(numbers[0]) == 4 or int(numbers[0]) > 31
    year, day = numbers if first_is_year else reversed(numbers)
    return year, month, int(day)


def _ordered(numbers: list[str], order: str) -> tuple[str, int, int]:
    """Three numbers in the declared order, or in another one where that order cannot be."""
    if len(numbers[0]) == 4:
        year, month, day = numbers if order != "ydm" else (numbers[0], numbers[2], numbers[1])
    elif len(numbers[2]) == 4 or order in ("dmy", "mdy"):
        year = numbers[2]
        month, day = numbers[:2] if order == "mdy" else (numbers[1], numbers[0])
    else:
        year, month, day = numbers
    if int(month) > 12 >= int(day):
        month, day = day, month
    return year, int(month), int(day)


def _assemble(year_text: str, month: int, day: int) -> str:
    today = datetime.now(UTC).date()
    year = int(year_text)
    if len(year_text) <= 2:
        year += 2000 if 2000 + year <= today.year else 1900
    if not FIRST_YEAR <= year <= 9999:
        raise UnusableValueError(UnusableCode.DATE_OUT_OF_RANGE)
    text = f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
    if text in _PLACEHOLDERS:
        return text
    try:
        earliest = date(year, month or 1, day or 1)
    except ValueError as error:
        raise UnusableValueError(UnusableCode.IMPOSSIBLE_DATE) from error
    if earliest > today:
        raise UnusableValueError(UnusableCode.DATE_OUT_OF_RANGE)
    return text


def _instant(raw: str, order: str) -> datetime:
    text = tidy(raw)
    try:
        if re.fullmatch(r"-?\d{9,19}(?:\.\d+)?", text):
            return _from_epoch(float(text))
        return datetime.fromisoformat(text)
    except ValueError:
        return _written_instant(text, order)


def _from_epoch(number: float) -> datetime:
    """Seconds since 1970, or thousandths, millionths or billionths of them, told by their size."""
    while abs(number) >= 1e11:
        number /= 1000
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=number)


def _written_instant(text: str, order: str) -> datetime:
    from dateutil import parser

    try:
        return parser.parse(text, dayfirst=order == "dmy", yearfirst=order in ("ymd", "ydm"))
    except (ValueError, OverflowError) as error:
        raise UnusableValueError(UnusableCode.INVALID_INSTANT) from error
