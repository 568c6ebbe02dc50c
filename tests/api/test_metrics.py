"""Metrics follow their formulas, for each source and for all, and the last of a day is kept."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord, Touchpoint
from graph.metrics import Activity, read_metrics
from graph.records import write_records
from graph.touchpoints import write_touchpoints
from graph.vocabulary import RecordKind
from insight.metrics import FORMULAS, Metric, Sums, measure, median, together

AT = datetime(2026, 6, 1, tzinfo=UTC)


def days(count: float) -> datetime:
    return AT - timedelta(days=count)


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median_is_the_one_in_the_middle(values: list[int]) -> None:
    assert median(Counter(values)) == sorted(values)[(len(values) - 1) // 2]


def test_a_profile_of_two_sources_counts_once_for_all() -> None:
    shop = Activity("p1", "PERSON", "shop", 1, 2, 30.0, 1, 0, 0, 0, 1, days(800), days(100))
    web = Activity("p1", "PERSON", "web", 2, 0, 0.0, 0, 3, 0, 3, 0, days(5), days(1))
    sums = Sums()
    sums.add_activity(together([shop, web]))
    values = {metric: value for metric, value, _ in sums.values()}
    assert values[Metric.DUPLICATES] == pytest.approx(1 - 1 / 3)
    assert values[Metric.CHURN_RATE] == 0.0
    assert values[Metric.CONVERSION_RATE] == 0.0
    assert values[Metric.CUSTOMER_LIFETIME_VALUE] == pytest.approx(15.0 * 1 * (799 / 365.25))


def record(source: str, number: str, **attributes: str) -> SourceRecord:
    extra = {"problems": "email:invalid_email"} if number == "bad" else {}
    identifiers = (Identifier("customer_number", attributes.pop("customer", number)),)
    return SourceRecord(
        source, number, RecordKind.PERSON, attributes, identifiers, extra, content_hash=source + number
    )


def touchpoint(number: int, at: datetime, revenue: float | None = None, home: str = "shop:1") -> Touchpoint:
    return Touchpoint("shop", f"t{number}", home, at, "view", revenue=revenue, content_hash=str(number))


@pytest.mark.store
@pytest.mark.flow
async def test_what_is_measured_is_in_the_graph(graph: Graph, client: Any) -> None:
    from graph.vocabulary import Role
    from resolution.resolve import resolve
    from resolution.settings import ResolutionSettings

    people = [
        record("shop", "1", given_name="Ada", surname="Byron", customer="A"),
        record("shop", "bad", given_name="Karl"),
        record("crm", "1", given_name="Ada", surname="Byron", city="London", customer="A"),
    ]
    await write_records(graph, people, days(1))
    bought = [(1, days(400), 10.0), (2, days(20), 30.0), (3, days(19), None)]
    await write_touchpoints(graph, [touchpoint(*one) for one in bought], days(1))
    await write_touchpoints(graph, [touchpoint(9, days(100), home="shop:bad")], days(1))
    await resolve(graph, ResolutionSettings())
    found = {(one.name, one.source): one.value for one in await measure(graph, AT)}
    assert found["completeness", "shop"] == pytest.approx(3 / 4)
    assert found["completeness", "crm"] == 1.0
    assert found["completeness", None] == pytest.approx(6 / 9)
    assert found["accuracy", "shop"] == 0.5
    assert found["duplicates", None] == pytest.approx(1 - 2 / 3)
    assert found["duplicates", "shop"] == 0.0
    assert found["latency", None] == timedelta(days=19).total_seconds()
    assert found["conversion_rate", None] == 1.0
    assert found["churn_rate", None] == 1.0
    assert found["customer_lifetime_value", None] == pytest.approx(20.0 * 1 * 381 / 365.25)
    await measure(graph, AT + timedelta(hours=1))
    await measure(graph, AT - timedelta(days=1))
    kept = [one for one in await read_metrics(graph, days(9)) if one.name == "completeness"]
    assert [one.measured_at for one in kept] == [AT + timedelta(hours=1), AT - timedelta(days=1)]
    query = """{ metrics(source: "shop", since: "2026-05-20T00:00:00Z") { name unit formula source
        latest { value sampleCount } history { measuredAt } } }"""
    told = (await (await client(Role.ANALYST)).post("/graphql", json={"query": query})).json()["data"][
        "metrics"
    ]
    [complete] = [one for one in told if one["name"] == "COMPLETENESS"]
    assert complete["latest"] == {"value": 0.75, "sampleCount": 2}
    assert complete["formula"] == FORMULAS[Metric.COMPLETENESS].text
    assert len(complete["history"]) == 2
