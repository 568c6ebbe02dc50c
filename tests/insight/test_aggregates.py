"""What indicators make of touchpoints, against the same worked out by other means."""

import statistics
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from graph.indicator_values import MISSING, TouchpointColumns
from insight.aggregates import MOST_DISTINCT, slope, work_out, z_score
from insight.histories import History, instant, micros
from insight.indicators import IndicatorDefinition, define_indicators

AT = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def columns(touchpoints: list[dict[str, Any]]) -> TouchpointColumns:
    return TouchpointColumns(
        at=[micros(one["at"]) for one in touchpoints],
        type=[one.get("type", "view") for one in touchpoints],
        channel=[one.get("channel") or MISSING for one in touchpoints],
        campaign=[MISSING for _ in touchpoints],
        source=["shop" for _ in touchpoints],
        revenue=[one.get("revenue", MISSING) for one in touchpoints],
        properties=[orjson.dumps(one.get("properties", {})).decode() for one in touchpoints],
    )


def value(touchpoints: list[dict[str, Any]], at: datetime = AT, **said: Any) -> Any:
    definition = define_indicators({"i": {"description": "i", **said}})["i"]
    return work_out(definition, History(columns(touchpoints)), micros(at)).value


def changes_at(touchpoints: list[dict[str, Any]], at: datetime = AT, **said: Any) -> datetime | None:
    definition = define_indicators({"i": {"description": "i", **said}})["i"]
    found = work_out(definition, History(columns(touchpoints)), micros(at)).changes_at
    return None if found is None else instant(found)


SOME: list[dict[str, Any]] = [
    {
        "at": AT - 40 * DAY,
        "type": "purchase",
        "channel": "web",
        "revenue": 10.0,
        "properties": {"a.b": "3"},
    },
    {
        "at": AT - 3 * DAY,
        "type": "purchase",
        "channel": "store",
        "revenue": 32.5,
        "properties": {"a.b": "1.5"},
    },
    {"at": AT - 2 * DAY, "type": "view", "channel": "web", "properties": {"a.b": "x", "new": "true"}},
    {"at": AT - DAY, "type": "view", "properties": {"a": "[1]", "a.b": "1,5"}},
    {"at": AT + DAY, "type": "view", "channel": "app"},
]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"function": "count"}, 4),
        ({"function": "count", "types": ["purchase"]}, 2),
        ({"function": "count", "types": ["purchase"], "within_days": 30}, 1),
        ({"function": "count", "within_hours": 24}, None),
        ({"function": "sum", "of": "revenue"}, 42.5),
        ({"function": "sum", "of": "revenue", "types": ["view"]}, None),
        ({"function": "average", "of": "revenue"}, 21.25),
        ({"function": "minimum", "of": "properties.a.b"}, 1.5),
        ({"function": "maximum", "of": "properties.a.b"}, 3.0),
        ({"function": "first", "of": "channel"}, "web"),
        ({"function": "last", "of": "channel"}, "web"),
        ({"function": "last", "of": "occurred_at"}, AT - DAY),
        ({"function": "last", "of": "properties.a.b"}, "1,5"),
        ({"function": "last", "of": "properties.a.b", "as_number": True}, 1.5),
        ({"function": "sum", "of": "properties.a.b"}, 4.5),
        ({"function": "most_frequent", "of": "channel"}, "web"),
        ({"function": "most_frequent", "of": "type"}, "purchase"),
        ({"function": "distinct", "of": "properties.a.b"}, ["1,5", "1.5", "3", "x"]),
        ({"function": "distinct", "of": "properties.new"}, ["true"]),
        ({"function": "distinct_count", "of": "type"}, 2),
        ({"function": "recency", "types": ["purchase"]}, AT - 3 * DAY),
    ],
)
def test_each_function(said: dict[str, Any], expected: Any) -> None:
    assert value(SOME, **said) == expected


def test_of_nothing_there_is_no_value() -> None:
    for function in ("count", "recency"):
        assert value([], function=function) is None
    for function in ("sum", "average", "minimum", "first", "most_frequent", "distinct", "distinct_count"):
        assert value([], function=function, of="revenue") is None
    for function in ("trend", "z_score"):
        assert value([], function=function, within_days=1) is None


def test_a_list_of_distinct_values_is_bounded() -> None:
    many = [{"at": AT - n * DAY, "properties": {"page": f"/{n:04}"}} for n in range(300)]
    found = value(many, function="distinct", of="properties.page")
    assert found == [f"/{n:04}" for n in range(MOST_DISTINCT)]


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=40), st.integers(1, 30))
def test_the_slope_is_that_of_the_least_squares_line(totals: list[int], days: int) -> None:
    places = [place * days for place in range(len(totals))]
    expected = statistics.linear_regression(places, totals).slope
    assert slope(totals, days) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=40), st.integers(1, 3))
def test_the_z_score_is_of_the_former_periods(totals: list[int], least: int) -> None:
    former = totals[:-1]
    deviation = max(statistics.stdev(former), least)
    expected = (totals[-1] - statistics.mean(former)) / deviation
    assert z_score(totals, 1, least) == pytest.approx(expected, abs=1e-9)


def test_a_series_is_of_complete_periods() -> None:
    daily = [
        {"at": datetime(2026, 5, day, 23, tzinfo=UTC), "type": "e"} for day in (28, 29, 29, 30, 30, 30, 31)
    ]
    today = [{"at": datetime(2026, 6, 1, 9, tzinfo=UTC), "type": "e"}] * 50
    said: dict[str, Any] = {"function": "trend", "within_days": 1, "periods": 3}
    assert value(daily + today, **said) == pytest.approx(-0.5)  # 2, 3, 1
    assert value(daily + today, AT + DAY, **said) == pytest.approx(23.5)  # 3, 1, 50
    alarmed = value(daily + today, AT + DAY, function="z_score", within_days=1, periods=4)
    assert alarmed == pytest.approx((50 - 7 / 4) / max(statistics.stdev([1, 2, 3, 1]), 1))


def test_one_quiet_series_that_wakes_is_an_anomaly() -> None:
    burst = [{"at": AT - DAY}] * 9
    assert value(burst, function="z_score", within_days=1, periods=5) == 9.0


DEFINITIONS = [
    {"function": "count"},
    {"function": "count", "types": ["a"], "within_hours": 30},
    {"function": "sum", "of": "revenue", "within_days": 3},
    {"function": "average", "of": "revenue", "within_days": 2},
    {"function": "last", "of": "revenue", "within_days": 2},
    {"function": "most_frequent", "of": "type", "within_days": 3},
    {"function": "distinct", "of": "type", "within_hours": 50},
    {"function": "recency", "types": ["b"], "within_days": 2},
    {"function": "trend", "within_days": 1, "periods": 3},
    {"function": "z_score", "of": "revenue", "within_hours": 12, "periods": 3},
]
histories = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(-200, 100).map(lambda hours: AT + timedelta(hours=hours)),
            "type": st.sampled_from("abc"),
        },
        optional={"revenue": st.integers(0, 10**5).map(lambda cents: cents / 100)},
    ),
    max_size=12,
)


@given(histories, st.sampled_from(DEFINITIONS), st.integers())
def test_the_order_of_touchpoints_does_not_matter(
    touchpoints: list[dict[str, Any]], said: dict[str, Any], seed: int
) -> None:
    shuffled = touchpoints.copy()
    Random(seed).shuffle(shuffled)
    assert value(shuffled, **said) == value(touchpoints, **said)


@given(histories, st.sampled_from(DEFINITIONS), st.integers(1, 200 * 60))
def test_a_value_stays_until_it_says(
    touchpoints: list[dict[str, Any]], said: dict[str, Any], minutes: int
) -> None:
    later = AT + timedelta(minutes=minutes)
    turning = changes_at(touchpoints, **said)
    if turning is None or turning > later:
        assert value(touchpoints, later, **said) == value(touchpoints, **said)
    assert turning is None or turning > AT


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"function": "count", "of": "revenue"}, "leave out of"),
        ({"function": "sum"}, "needs of"),
        ({"function": "sum", "of": "channel"}, "cannot be of 'channel'"),
        ({"function": "sum", "of": "properties."}, "cannot be of"),
        ({"function": "average", "of": "occurred_at"}, "cannot be of"),
        ({"function": "trend"}, "length of one period"),
        ({"function": "count", "within_days": 1, "within_hours": 3}, "not both"),
        ({"function": "count", "periods": 3}, "periods is for trend and z_score"),
        ({"function": "sum", "of": "revenue", "as_number": True}, "as_number is for first and last"),
        ({"function": "guess"}, "indicators.i.function"),
        ({"function": "count", "tpyes": ["a"]}, "indicators.i.tpyes"),
    ],
)
def test_a_definition_that_does_not_fit_is_refused(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        define_indicators({"i": {"description": "i", **said}})


def test_equal_definitions_have_equal_texts() -> None:
    one = IndicatorDefinition.model_validate({"description": "d", "function": "count", "types": ["b", "a"]})
    two = IndicatorDefinition.model_validate({"description": "e", "function": "count", "types": ["a", "b"]})
    assert one.text() == two.text() == '{"function":"count","types":["a","b"]}'
