"""Reads dates of people and instants of events, in any written form, into ISO text and UTC."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from dateutil import parser as written

from graph.text import fold, tidy
from graph.unusable import UnusableCode, UnusableValueError
from graph.words import word_map

ORDERS = ("ymd", "dmy", "mdy", "ydm")
"""Orders of year, month and day that a column may be written in."""

FIRST_YEAR = 1000
PLACEHOLDERS = frozenset(
    {"1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31", "1000-01-01", "1111-11-11", "9999-12-31"}
)
"""Dates that programs write where none is known."""

_NO_DATE = re.compile(
    r"[0\W]*|(?:[09]{4}\W?[09]{2}\W?[09]{2})|(?:[09]{2}\W?[09]{2}\W?[09]{4})|0001\W?01\W?01|01\W?01\W?0001"
)
_TIME = re.compile(r"(?:[T ,]+(?:at )?|(?<=\d{4})T?)\d{1,2}:\d{2}.*$", re.IGNORECASE)
_QUALIFIER = re.compile(
    r"^(?:circa|ca|c|abt|about|approx|around|est|born|b|geb|um|vers|before|after|nar|né|née)\b[.: ]*|^~|[?]$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"^[^\W\d]{3,}\.?,\s*(?=[^\W\d]{3,}|\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|eme|ème|º|ª|o)\b", re.IGNORECASE)
_FILLERS = frozenset({"de", "del", "of", "the", "d", "den", "le", "el", "di", "年", "月", "日", "г", "року"})
_EPOCH = re.compile(r"(?:\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.\d+)?")
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


@lru_cache(maxsize=1 << 17)
def clean_date(raw: str, order: str = "ymd", *, partial: bool = False) -> str:
    """ISO text as exact as the input is: `1978-12-11`, `1978-12` or `1978`.

    `order` (one of ORDERS) settles dates such as 12/11/1978; a date that cannot be in that order is
    read in another one. Two-digit years are the last ones that are not in the future. `partial`
    keeps year and month of a day that cannot be. Raises UnusableValueError: invalid_date,
    impossible_date (30 February), date_out_of_range, placeholder_value (1900-01-01).
    """
    text = _QUALIFIER.sub("", _TIME.sub("", tidy(raw))).strip(" .,;")
    if not text:
        raise UnusableValueError(UnusableCode.EMPTY_VALUE)
    if _NO_DATE.fullmatch(text):
        raise UnusableValueError(UnusableCode.PLACEHOLDER_VALUE)
    if re.match(r"-\d", text):
        raise UnusableValueError(UnusableCode.DATE_OUT_OF_RANGE)
    cleaned = _assembled(*_fields(text, order), partial=partial)
    if cleaned in PLACEHOLDERS:
        raise UnusableValueError(UnusableCode.PLACEHOLDER_VALUE)
    return cleaned


def detect_date_order(samples: Iterable[str]) -> str:
    """The order that most of a column's dates can only be read in; `dmy` where none tells."""
    votes: Counter[str] = Counter()
    for sample in samples:
        numbers = re.findall(r"\d+", _TIME.sub("", sample))
        if len(numbers) == 1 and len(numbers[0]) == 8:
            numbers = _cut(numbers[0])
        if len(numbers) == 3 and (order := _evident_order(numbers)):
            votes[order] += 1
    return max(ORDERS, key=lambda order: votes[order]) if votes else "dmy"


def clean_instant(raw: str | float | datetime, order: str = "ymd") -> datetime:
    """An aware date-time in UTC, from ISO text, epoch seconds or their thousandths, or a written date.

    Times without a zone are taken as UTC. Raises UnusableValueError (invalid_instant) outside 1970..2100.
    """
    instant = raw if isinstance(raw, datetime) else _instant(tidy(str(raw)), order)
    if not 1970 <= instant.year < 2100:
        raise UnusableValueError(UnusableCode.INVALID_INSTANT)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _cut(digits: str) -> list[str]:
    """Eight digits as year, month, day where that can be, else as two, two and four."""
    if FIRST_YEAR <= int(digits[:4]) <= 2100 and int(digits[4:6]) <= 12:
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


def _evident_order(numbers: list[str]) -> str | None:
    first, second, third = (int(number) for number in numbers)
    if len(numbers[0]) >= 3 or first > 31:
        return "ydm" if second > 12 >= third else "ymd"
    if first > 12 >= second:
        return "dmy"
    return "mdy" if second > 12 >= first else None


def _fields(text: str, order: str) -> tuple[str, int, int]:
    """Year text, month and day (0 when not written) of a date."""
    tokens = _TOKEN.findall(_ORDINAL.sub("", _WEEKDAY.sub("", text)))
    tokens = [token for token in tokens if token.lower() not in _FILLERS]
    if len(tokens) == 1 and len(tokens[0]) == 8 and tokens[0].isdecimal():
        tokens = _cut(tokens[0])
    numbers = [token for token in tokens if token.isdecimal()]
    months = [int(word_map("months").get(fold(token), 0)) for token in tokens if not token.isdecimal()]
    if any(len(number) > 4 for number in numbers) or 0 in months or len(months) > 1:
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    if months:
        return _with_month_name(numbers, months[0])
    return _of_numbers(numbers, order)


def _of_numbers(numbers: list[str], order: str) -> tuple[str, int, int]:
    sizes = [len(number) for number in numbers]
    if sizes == [4]:
        return numbers[0], 0, 0
    if len(sizes) == 2 and 4 in sizes:
        year, month = numbers if sizes[0] == 4 else reversed(numbers)
        return year, int(month), 0
    if len(sizes) == 3:
        return _ordered(numbers, order)
    raise UnusableValueError(UnusableCode.INVALID_DATE)


def _with_month_name(numbers: list[str], month: int) -> tuple[str, int, int]:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return numbers[0], month, 0
    if len(numbers) != 2:
        raise UnusableValueError(UnusableCode.INVALID_DATE)
    year_first = len(numbers[0]) > 2 or int(numbers[0]) > 31
    year, day = numbers if year_first else reversed(numbers)
    return year, month, int(day)


def _ordered(numbers: list[str], order: str) -> tuple[str, int, int]:
    """Three numbers in the declared order, or in another one where that order cannot be."""
    first, second, third = numbers
    if len(first) > 2 or (order in ("ymd", "ydm") and len(third) <= 2 and int(third) <= 31):
        year, month, day = (first, third, second) if order == "ydm" else (first, second, third)
    else:
        year, month, day = (third, first, second) if order == "mdy" else (third, second, first)
    if int(month) > 12 >= int(day) > 0 and int(month) <= 31:
        month, day = day, month
    return year, int(month), int(day)


def _assembled(year_text: str, month: int, day: int, *, partial: bool) -> str:
    today = datetime.now(UTC).date()
    year = int(year_text)
    if len(year_text) <= 2:
        year += 2000 if 2000 + year <= today.year else 1900
    if f"{year:04d}-{month:02d}-{day:02d}" in PLACEHOLDERS:
        raise UnusableValueError(UnusableCode.PLACEHOLDER_VALUE)
    if not FIRST_YEAR <= year <= today.year:
        raise UnusableValueError(UnusableCode.DATE_OUT_OF_RANGE)
    month, day = _possible(year, month, day, partial=partial)
    if date(year, month or 1, day or 1) > today:
        raise UnusableValueError(UnusableCode.DATE_OUT_OF_RANGE)
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def _possible(year: int, month: int, day: int, *, partial: bool) -> tuple[int, int]:
    """Month and day, 0 for what is not written or, with `partial`, cannot be."""
    for kept_month, kept_day in ((month, day), (month, 0), (0, 0)):
        try:
            date(year, kept_month or 1, kept_day or 1)
        except ValueError as error:
            if not partial:
                raise UnusableValueError(UnusableCode.IMPOSSIBLE_DATE) from error
        else:
            return kept_month, kept_day if kept_month else 0
    return 0, 0


def _instant(text: str, order: str) -> datetime:
    try:
        if _EPOCH.fullmatch(text):
            return _from_epoch(float(text))
        return datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return _written_instant(text, order)


def _written_instant(text: str, order: str) -> datetime:
    """Other formats; what the text leaves open must not be filled from today, so it is read twice."""
    try:
        first, second = (
            written.parse(
                text,
                default=default,
                dayfirst=order == "dmy",
                yearfirst=order in ("ymd", "ydm"),
                tzinfos=_zone,
            )
            for default in (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))
        )
    except (ValueError, OverflowError) as error:
        raise UnusableValueError(UnusableCode.INVALID_INSTANT) from error
    if first != second:
        raise UnusableValueError(UnusableCode.INVALID_INSTANT)
    return first


def _zone(name: str | None, offset: int | None) -> timezone:
    """The zone of an offset in seconds or of a common abbreviation; an unknown one must not pass for UTC."""
    hours = _ZONE_HOURS.get(name or "UTC")
    if offset is None and hours is None:
        raise ValueError
    return timezone(timedelta(seconds=offset if offset is not None else (hours or 0) * 3600))


def _from_epoch(number: float) -> datetime:
    """Seconds since 1970, or thousandths, millionths or billionths of them, told by their size."""
    while abs(number) >= 1e11:
        number /= 1000
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=number)
