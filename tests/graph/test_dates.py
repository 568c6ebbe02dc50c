"""Dates and instants are read from any written form, and nothing impossible passes."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.dates import ORDERS, clean_date, clean_instant, detect_date_order
from graph.unusable import UnusableCode, UnusableValueError


@pytest.mark.parametrize(
    ("raw", "order", "cleaned"),
    [
        ("1978-12-11", "ymd", "1978-12-11"),
        ("1978/12/11", "ymd", "1978-12-11"),
        ("1978-12-11T00:00:00Z", "ymd", "1978-12-11"),
        ("1978-12-11 00:00:00.000", "ymd", "1978-12-11"),
        ("12/11/1978", "mdy", "1978-12-11"),
        ("12/11/1978", "dmy", "1978-11-12"),
        ("20/8/1991", "mdy", "1991-08-20"),
        ("8/20/1991", "dmy", "1991-08-20"),
        ("1991-20-08", "ymd", "1991-08-20"),
        ("1991-03-08", "ydm", "1991-08-03"),
        ("19.10.1970", "ymd", "1970-10-19"),
        ("24-May-11", "dmy", "2011-05-24"),
        ("24-May-70", "dmy", "1970-05-24"),
        ("3/1/70", "mdy", "1970-03-01"),
        ("78-12-11", "ymd", "1978-12-11"),
        ("19560409", "ymd", "1956-04-09"),
        ("09041956", "dmy", "1956-04-09"),
        ("1978", "ymd", "1978"),
        ("1978-12", "ymd", "1978-12"),
        ("12/1978", "mdy", "1978-12"),
        ("1978-00-00", "ymd", "1978"),
        ("1978-12-00", "ymd", "1978-12"),
        ("May 24th, 2011", "mdy", "2011-05-24"),
        ("Monday, May 2, 1988", "mdy", "1988-05-02"),
        ("24 de mayo de 1980", "dmy", "1980-05-24"),
        ("24. Mai 1980", "dmy", "1980-05-24"),
        ("24 мая 1980", "dmy", "1980-05-24"),
        ("1980年5月24日", "ymd", "1980-05-24"),
        ("c. 1850", "ymd", "1850"),
        ("1630-04-01", "ymd", "1630-04-01"),
        ("2000-02-29", "ymd", "2000-02-29"),
    ],
)
def test_dates(raw: str, order: str, cleaned: str) -> None:
    assert clean_date(raw, order) == cleaned


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", UnusableCode.EMPTY_VALUE),
        ("soon", UnusableCode.INVALID_DATE),
        ("May", UnusableCode.INVALID_DATE),
        ("36892", UnusableCode.INVALID_DATE),
        ("1/2/3/4", UnusableCode.INVALID_DATE),
        ("1990-02-30", UnusableCode.IMPOSSIBLE_DATE),
        ("1900-02-29", UnusableCode.IMPOSSIBLE_DATE),
        ("1860-01-81", UnusableCode.IMPOSSIBLE_DATE),
        ("1860-41-81", UnusableCode.IMPOSSIBLE_DATE),
        ("0002-05-05", UnusableCode.DATE_OUT_OF_RANGE),
        ("-0050-01-01", UnusableCode.DATE_OUT_OF_RANGE),
        ("9998-05-05", UnusableCode.DATE_OUT_OF_RANGE),
        ("1900-01-01", UnusableCode.PLACEHOLDER_VALUE),
        ("01/01/1900", UnusableCode.PLACEHOLDER_VALUE),
        ("1970-01-01", UnusableCode.PLACEHOLDER_VALUE),
        ("11/11/1111", UnusableCode.PLACEHOLDER_VALUE),
        ("9999-12-31", UnusableCode.PLACEHOLDER_VALUE),
        ("0000-00-00", UnusableCode.PLACEHOLDER_VALUE),
        ("0001-01-01", UnusableCode.PLACEHOLDER_VALUE),
        ("99/99/9999", UnusableCode.PLACEHOLDER_VALUE),
    ],
)
def test_dates_refused(raw: str, code: UnusableCode) -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_date(raw, "dmy")
    assert refused.value.code is code


def test_nobody_is_born_tomorrow() -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    with pytest.raises(UnusableValueError) as refused:
        clean_date(tomorrow.isoformat())
    assert refused.value.code is UnusableCode.DATE_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("1860-01-81", "1860-01"), ("1856-86-18", "1856"), ("30.2.1990", "1990-02"), ("1978", "1978")],
)
def test_the_possible_part_of_a_damaged_date(raw: str, kept: str) -> None:
    assert clean_date(raw, "dmy", partial=True) == kept


@pytest.mark.parametrize(
    ("samples", "order"),
    [
        (["12/11/1978", "3/31/1954", "1/2/1990"], "mdy"),
        (["12/11/1978", "31/3/1954"], "dmy"),
        (["12/11/1978"], "dmy"),
        (["1978-12-11"], "ymd"),
        (["1978-31-11"], "ydm"),
        (["19780102", "19781231"], "ymd"),
        (["31.12.78"], "dmy"),
        ([], "dmy"),
        (["soon", "1978"], "dmy"),
    ],
)
def test_the_order_shows_in_the_content(samples: list[str], order: str) -> None:
    assert detect_date_order(samples) == order


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02T03:04:05+02:00", datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02 03:04:05 UTC", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02", datetime(2024, 1, 2, tzinfo=UTC)),
        ("20240102030405", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1704164645", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1704164645000", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1704164645000000", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1704164645.0, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1/2/2024 3:04 PM", datetime(2024, 1, 2, 15, 4, tzinfo=UTC)),
        ("1/2/2024 3:04 PM EST", datetime(2024, 1, 2, 20, 4, tzinfo=UTC)),
        ("2 Jan 2024 03:04:05 +0100", datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC)),
        (datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))), datetime(2024, 1, 2, 2, tzinfo=UTC)),
    ],
)
def test_instants(raw: str | float | datetime, instant: datetime) -> None:
    cleaned = clean_instant(raw, "mdy")
    assert cleaned == instant
    assert cleaned.tzinfo is UTC


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "soon",
        "10:30",
        "May",
        "5",
        "1960-01-01",
        "2150-01-01",
        "nan",
        "1e400",
        "2024-13-01",
        "1/2/2024 ABC",
    ],
)
def test_instants_refused(raw: str) -> None:
    with pytest.raises(UnusableValueError) as refused:
        clean_instant(raw)
    assert refused.value.code is UnusableCode.INVALID_INSTANT


@given(st.dates(date(1000, 1, 2), date(2020, 1, 1)), st.sampled_from(ORDERS))
def test_every_order_reads_what_it_writes(day: date, order: str) -> None:
    parts = {"y": f"{day.year:04d}", "m": f"{day.month:02d}", "d": f"{day.day:02d}"}
    try:
        cleaned = clean_date("-".join(parts[letter] for letter in order), order)
    except UnusableValueError as refused:
        assert refused.code is UnusableCode.PLACEHOLDER_VALUE  # noqa: PT017
    else:
        assert cleaned == day.isoformat()
        assert clean_date(cleaned, order if order != "ydm" else "ymd") == cleaned


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,4}", fullmatch=True)
)
def test_reading_never_raises_anything_else(raw: str) -> None:
    for read in (clean_date, clean_instant):
        try:
            read(raw)
        except UnusableValueError as refused:
            assert isinstance(refused.code, UnusableCode)  # noqa: PT017
