"""Segments on the real graph against the same rules worked out in Python."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.connection import Graph
from graph.segments import list_segments, read_members, read_memberships
from insight.segment_reasons import why_segment
from insight.segments import define_segments, refresh_segments

pytestmark = pytest.mark.store

AT = datetime(2026, 6, 1, tzinfo=UTC)

PEOPLE: list[dict[str, Any]] = [
    {
        "id": f"p{n}",
        "kind": ("PERSON", "PERSON", "ORGANISATION", "VISITOR")[n % 4],
        "city": ("Leeds", "York", None)[n % 3],
    }
    for n in range(16)
]
TOUCHED: list[dict[str, Any]] = [
    {
        "key": f"t{n}",
        "person": f"p{n * n % 13}",
        "type": ("purchase", "view", "open")[n % 3],
        "channel": ("web", "store", None)[n % 5 % 3],
        "occurred_at": AT - timedelta(days=n * 7 % 90, hours=n),
        "revenue": float(n) if n % 3 == 0 else None,
    }
    for n in range(60)
]

_WRITE = """
UNWIND $people AS person
CREATE (p:Profile {id: person.id, kind: person.kind, city: person.city, record_count: 1,
    created_at: $at, updated_at: $at})
CREATE (:SourceRecord {key: 'r:' + person.id})-[:RESOLVES_TO {since: $at}]->(p)
"""
_TOUCH = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: 'r:' + row.person})
CREATE (t:Touchpoint {key: row.key, record_key: r.key, type: row.type, channel: row.channel,
    occurred_at: row.occurred_at, revenue: row.revenue})-[:OF]->(r)
"""


@pytest.fixture
async def people(graph: Graph) -> Graph:
    await graph.write(_WRITE, people=PEOPLE, at=AT)
    await graph.write(_TOUCH, rows=TOUCHED)
    return graph


def holds(rule: dict[str, Any], person: dict[str, Any]) -> bool:
    """The oracle: the same rule in plain Python."""
    if "all" in rule:
        return all(holds(one, person) for one in rule["all"])
    if "any" in rule:
        return any(holds(one, person) for one in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], person)
    if "attribute" in rule:
        value = person[rule["attribute"]]
        if "exists" in rule:
            return (value is not None) == rule["exists"]
        if "in" in rule:
            return value in rule["in"]
        return value is not None and (
            value == rule.get("equals") or value.startswith(rule.get("starts_with", "\0"))
        )
    return _touched(rule, person)


def _touched(rule: dict[str, Any], person: dict[str, Any]) -> bool:
    wanted = rule["touchpoints"]
    chosen = [
        touchpoint
        for touchpoint in TOUCHED
        if touchpoint["person"] == person["id"]
        and touchpoint["type"] in wanted.get("types", [touchpoint["type"]])
        and ("channels" not in wanted or touchpoint["channel"] in wanted["channels"])
        and touchpoint["occurred_at"] > AT - timedelta(days=wanted.get("within_days", 36_500))
        and touchpoint["occurred_at"] <= AT
    ]
    revenue = sum(touchpoint["revenue"] or 0 for touchpoint in chosen)
    days = (
        (AT - max(touchpoint["occurred_at"] for touchpoint in chosen)) / timedelta(days=1) if chosen else None
    )
    return all(
        (
            len(chosen) >= rule.get("count_at_least", 0),
            len(chosen) <= rule.get("count_at_most", 10**9),
            revenue >= rule.get("revenue_at_least", -1),
            revenue <= rule.get("revenue_at_most", 10**9),
            "last_at_most_days" not in rule or (days is not None and days <= rule["last_at_most_days"]),
            "last_at_least_days" not in rule or (days is not None and days >= rule["last_at_least_days"]),
        )
    )


cities = st.sampled_from(["Leeds", "York", "Hull"])
attributes = st.one_of(
    st.fixed_dictionaries({"attribute": st.just("city"), "equals": cities}),
    st.fixed_dictionaries({"attribute": st.just("city"), "in": st.lists(cities, max_size=2)}),
    st.fixed_dictionaries({"attribute": st.just("city"), "starts_with": st.sampled_from(["L", "Yo"])}),
    st.fixed_dictionaries({"attribute": st.just("city"), "exists": st.booleans()}),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "types": st.lists(st.sampled_from(["purchase", "view", "open"]), max_size=2),
        "channels": st.lists(st.sampled_from(["web", "store"]), max_size=2),
        "within_days": st.integers(1, 90),
    },
)
bounds = st.sampled_from(
    [
        {"count_at_least": 2},
        {"count_at_most": 3},
        {"revenue_at_least": 20.5},
        {"revenue_at_most": 30},
        {"last_at_most_days": 20},
        {"last_at_least_days": 10, "count_at_least": 1},
    ]
)
touchpoints = st.builds(lambda wanted, bound: {"touchpoints": wanted, **bound}, filters, bounds)
rules = st.recursive(
    attributes | touchpoints,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda one: {"all": one}),
        st.lists(inner, max_size=3).map(lambda one: {"any": one}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=4,
)


async def members(graph: Graph, name: str) -> set[str]:
    found = await read_members(graph, [name], size=100, after="")
    return {profile.id for profile in found.get(name, ())}


def defined(**rules: dict[str, Any]) -> Any:
    return define_segments({name: {"description": name, "rule": rule} for name, rule in rules.items()})


@given(rule=rules, one=st.sampled_from(PEOPLE))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_members_are_those_for_whom_the_rule_holds(
    people: Graph, rule: dict[str, Any], one: dict[str, Any]
) -> None:
    definitions = defined(s=rule)
    await refresh_segments(people, definitions, at=AT)
    expected = {person["id"] for person in PEOPLE if person["kind"] != "VISITOR" and holds(rule, person)}
    assert await members(people, "s") == expected
    why = await why_segment(people, definitions["s"], one["id"], at=AT)
    assert why
    assert why.belongs == (one["id"] in expected)


async def test_visitors_only_when_the_segment_asks_for_them(people: Graph) -> None:
    definitions = define_segments({"v": {"description": "v", "kinds": ["VISITOR"], "rule": {"all": []}}})
    await refresh_segments(people, definitions, at=AT)
    assert await members(people, "v") == {"p3", "p7", "p11", "p15"}


async def test_a_second_refresh_changes_nothing(people: Graph) -> None:
    definitions = defined(leeds={"attribute": "city", "equals": "Leeds"}, rest={"not": {"segment": "leeds"}})
    first = await refresh_segments(people, definitions, at=AT)
    before = await read_memberships(people, [person["id"] for person in PEOPLE])
    second = await refresh_segments(people, definitions, at=AT + timedelta(days=1))
    assert sum(change.entered for change in first) == 12
    assert all((change.entered, change.left) == (0, 0) for change in second)
    assert await read_memberships(people, [person["id"] for person in PEOPLE]) == before


async def test_history_and_causes_are_kept(people: Graph) -> None:
    await refresh_segments(people, defined(city={"attribute": "city", "equals": "Leeds"}), at=AT)
    await people.write("MATCH (p:Profile {id: 'p0'}) SET p.city = 'Hull'")
    await people.write("MATCH (p:Profile {id: 'p1'}) SET p.city = 'Leeds'")
    (change,) = await refresh_segments(people, defined(city={"attribute": "city", "equals": "Leeds"}), at=AT)
    assert (change.entered, change.left) == (1, 1)
    await refresh_segments(people, defined(city={"attribute": "city", "exists": True}), at=AT)
    causes = {
        one: found[0].cause for one, found in (await read_memberships(people, ["p1", "p6", "p4"])).items()
    }
    assert causes == {"p1": "facts changed", "p6": "segment defined", "p4": "rule changed"}
    (row,) = await people.read(
        "MATCH (:Profile {id: 'p0'})-[m:IN_SEGMENT]->() WHERE m.until IS NOT NULL RETURN m.until AS until"
    )
    assert row["until"] == AT


async def test_a_segment_no_longer_defined_is_emptied(people: Graph) -> None:
    await refresh_segments(people, defined(a={"all": []}, b={"all": []}), at=AT)
    await refresh_segments(people, defined(b={"all": []}), at=AT)
    assert [segment.name for segment in await list_segments(people)] == ["b"]
    assert await members(people, "a") == set()


async def test_retired_profiles_leave(people: Graph) -> None:
    await refresh_segments(people, defined(a={"all": []}), at=AT)
    await people.write("MATCH (p:Profile {id: 'p0'}) SET p.retired_at = $at", at=AT)
    (change,) = await refresh_segments(people, defined(a={"all": []}), at=AT)
    assert (change.entered, change.left) == (0, 1)
