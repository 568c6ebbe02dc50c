"""Indicators through GraphQL: values in the field that fits, how they are spread, and who sees texts of properties."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.segment_rules import IndicatorTest, SegmentInput, SegmentRule, definition
from graph.connection import Graph
from graph.vocabulary import Role
from insight.definitions import Definitions, define_all
from insight.following import catch_up
from insight.indicator_clauses import IndicatorIs

pytestmark = pytest.mark.store

NAMED = ("purchases", "revenue", "usual_channel", "channels", "last_seen", "colour", "never")
TABLES: dict[str, dict[str, Any]] = {
    "purchases": {"function": "count", "types": ["purchase"]},
    "revenue": {"function": "sum", "of": "revenue"},
    "usual_channel": {"function": "most_frequent", "of": "channel"},
    "channels": {"function": "distinct", "of": "channel"},
    "last_seen": {"function": "recency"},
    "colour": {"function": "last", "of": "properties.colour"},
    "never": {"function": "count", "types": ["never"]},
}
DEFINITIONS: Definitions = define_all(
    {name: {"description": name, **said} for name, said in TABLES.items()},
    {"fans": {"description": "Bought much", "indicator": "purchases", "enter_at": 5}},
    {},
)
VALUES = """
query ($names: [String!]) {
  profile(id: "p1") {
    indicators(names: $names) { name function number text texts instant updatedAt }
    segments { segment value limit }
    segmentHistory { segment enteredValue enteredLimit leftValue }
  }
}
"""
SPREAD = """
{ indicators { name function definition distribution { count smallest median largest mean frequent { text count } } } }
"""


@pytest.fixture
async def worked_out(world: Graph) -> Graph:
    await world.write("MATCH (t:Touchpoint {key: 'web:m38'}) SET t.properties = '{\"colour\": \"red\"}'")
    await world.write("MATCH (p:Profile) SET p:Due")
    await catch_up(world, DEFINITIONS)
    return world


async def answered(client: Any, role: Role, query: str, **variables: Any) -> dict[str, Any]:
    sender = await client(role)
    answer = (await sender.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_each_value_stands_in_the_field_that_fits(worked_out: Graph, client: Any) -> None:
    profile = (await answered(client, Role.READER, VALUES))["profile"]
    found = {one["name"]: one for one in profile["indicators"]}
    assert sorted(found) == sorted(NAMED)
    assert (found["purchases"]["number"], found["revenue"]["number"]) == (8, 80.0)
    assert found["usual_channel"]["text"] == "store"
    assert found["channels"]["texts"] == ["store", "web"]
    assert found["colour"]["text"] == "red"
    days = (
        datetime.now(UTC) - datetime.fromisoformat(found["last_seen"]["instant"])
    ).total_seconds() / 86_400
    assert found["last_seen"]["number"] == pytest.approx(days, abs=0.1)
    assert (found["never"]["number"], found["never"]["updatedAt"]) == (0, None)
    assert profile["segments"][-1] == {"segment": "fans", "value": 8, "limit": 5}
    assert profile["segmentHistory"][0]["enteredValue"] == 8


async def test_only_those_asked_for(worked_out: Graph, client: Any) -> None:
    profile = (await answered(client, Role.READER, VALUES, names=["never", "gone"]))["profile"]
    assert [one["name"] for one in profile["indicators"]] == ["never"]


async def test_how_values_are_spread(worked_out: Graph, client: Any) -> None:
    rows = (await answered(client, Role.ANALYST, SPREAD))["indicators"]
    found = {one["name"]: one["distribution"] for one in rows}
    assert found["purchases"] | {"frequent": []} == {
        "count": 2,
        "smallest": 1,
        "median": 4.5,
        "largest": 8,
        "mean": 4.5,
        "frequent": [],
    }
    assert found["channels"]["frequent"] == [{"text": "store", "count": 1}, {"text": "web", "count": 1}]
    assert found["never"]["count"] == 0
    assert found["never"]["largest"] is None
    assert [one["definition"] for one in rows if one["name"] == "revenue"] == [
        {"function": "sum", "of": "revenue"}
    ]


async def test_texts_of_properties_are_for_those_who_see_properties(worked_out: Graph, client: Any) -> None:
    profile = (await answered(client, Role.ANALYST, VALUES))["profile"]
    found = {one["name"]: one for one in profile["indicators"]}
    assert found["colour"]["text"] == {"redacted": "PERSONAL"}
    assert found["usual_channel"]["text"] == "store"
    assert found["channels"]["texts"] == ["store", "web"]


async def test_a_rule_may_only_ask_for_an_indicator_that_is_defined(ask: Any) -> None:
    preview = """{ previewSegment(segment: {description: "d",
      rule: {indicator: {name: "purchases", atLeast: 8}}}) { count } }"""
    (error,) = (await ask(preview))["errors"]
    assert "'purchases', which is not defined" in error["message"]


def test_a_rule_as_input_is_the_rule_of_the_configuration() -> None:
    test = IndicatorTest(name="channels", one_of=["web"], at_least=2)
    rule = definition("s", SegmentInput(description="d", rule=SegmentRule(indicator=test))).rule
    assert rule == IndicatorIs.model_validate({"indicator": "channels", "in": ["web"], "at_least": 2})
