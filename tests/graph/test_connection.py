"""Opening a graph, reading, writing and streaming."""

from datetime import UTC, datetime

import pytest

from graph.connection import Graph, Statement

pytestmark = pytest.mark.store


async def test_rows_are_plain_values_with_instants_in_utc(graph: Graph) -> None:
    at = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    await graph.write("MERGE (s:Source {name: 'crm'}) SET s.last_loaded_at = $at, s.priority = 1", at=at)
    rows = await graph.read(
        "MATCH (s:Source) RETURN s, [s.last_loaded_at] AS times, {at: s.last_loaded_at} AS map"
    )
    assert rows == [
        {"s": {"name": "crm", "last_loaded_at": at, "priority": 1}, "times": [at], "map": {"at": at}}
    ]


async def test_write_all_is_all_or_nothing(graph: Graph) -> None:
    answers = await graph.write_all(
        [
            Statement("CREATE (:Source {name: $name}) RETURN $name AS name", {"name": name})
            for name in ("a", "b")
        ]
    )
    assert answers == [[{"name": "a"}], [{"name": "b"}]]


async def test_stream_yields_every_row(graph: Graph) -> None:
    rows = [row["i"] async for row in graph.stream("UNWIND range(1, $most) AS i RETURN i", most=5001)]
    assert rows == list(range(1, 5002))
