"""Journeys: newest first, complete and without repetition whatever the page size, filtered."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.connection import Graph
from graph.journeys import JourneyPage, read_journeys

pytestmark = pytest.mark.store

PAGE = """
query ($first: Int!, $after: String, $type: [String!], $channel: [String!], $since: DateTime, $until: DateTime) {
  profile(id: "p1") {
    journey(first: $first, after: $after, type: $type, channel: $channel, since: $since, until: $until) {
      edges { cursor node { key occurredAt type channel revenue properties } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""


async def whole(ask: Any, first: int, **wanted: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await ask(PAGE, first=first, after=after, **wanted))["data"]["profile"]["journey"]
        assert len(page["edges"]) <= first
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        nodes += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


@given(first=st.integers(1, 45))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pages_of_any_size_add_up_to_the_whole(ask: Any, first: int) -> None:
    nodes = await whole(ask, first)
    assert [(node["occurredAt"], node["key"]) for node in nodes] == sorted(
        ((node["occurredAt"], node["key"]) for node in nodes), reverse=True
    )
    assert len({node["key"] for node in nodes}) == 40


async def test_filters_restrict(ask: Any) -> None:
    bought = await whole(ask, 3, type="purchase")
    assert len(bought) == 8
    assert {node["revenue"] for node in bought} == {10.0}
    assert {node["channel"] for node in await whole(ask, 7, channel=["store"])} == {"store"}
    window = await whole(ask, 7, since="2026-01-01T00:00:02Z", until="2026-01-01T01:00:04+01:00")
    assert [node["key"] for node in window] == [f"web:m{number:02}" for number in range(15, 7, -1)]
    assert await whole(ask, 7, type=["purchase"], channel=["fax"]) == []


@pytest.mark.parametrize(
    "after", ["", "x", "€", "bm9wZQ", "WyJzZWdtZW50IiwicDEiXQ", "WyJqb3VybmV5Il0", "A" * 5000]
)
async def test_a_cursor_that_is_none_of_ours_is_refused(ask: Any, after: str) -> None:
    answer = await ask(PAGE, first=1, after=after)
    assert answer["errors"][0]["extensions"]["code"] == "input_unusable"


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_size_is_bounded(ask: Any, first: int) -> None:
    assert (await ask(PAGE, first=first))["errors"][0]["extensions"]["code"] == "input_unusable"


async def test_a_page_reads_the_index_and_not_the_whole_journey(world: Graph) -> None:
    journeys = await read_journeys(world, ["p1", "p2", "px"], JourneyPage(size=2))
    assert {profile: len(page) for profile, page in journeys.items()} == {"p1": 2, "p2": 1}
