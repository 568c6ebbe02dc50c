"""Opening a graph, reading, writing and streaming, also when the line to the server breaks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import LiteralString

import pytest
from pydantic import SecretStr

from graph.connection import Graph, Statement, open_graph
from graph.embedded import ensure_running
from graph.errors import ConfigurationError, GraphError, GraphTimeoutError, GraphUnavailableError
from graph.settings import GraphSettings
from tests.faults.severing_proxy import SeveringProxy

pytestmark = pytest.mark.store


@pytest.fixture
def own_server(graph_settings: GraphSettings) -> GraphSettings:
    """The session's server, addressed as somebody's own."""
    if graph_settings.neo4j_uri:
        return graph_settings
    endpoint = ensure_running(graph_settings)
    return GraphSettings(neo4j_uri=endpoint.uri, neo4j_password=SecretStr(endpoint.password))


@pytest.fixture
async def proxy(own_server: GraphSettings) -> AsyncIterator[SeveringProxy]:
    port = int(str(own_server.neo4j_uri).rsplit(":", 1)[1])
    async with SeveringProxy(port).listening() as listening:
        yield listening


@pytest.fixture
async def fragile(graph: Graph, own_server: GraphSettings, proxy: SeveringProxy) -> AsyncIterator[Graph]:
    """The session's emptied graph, reached through the proxy, with short deadlines."""
    through = {"neo4j_uri": f"bolt://127.0.0.1:{proxy.port}", "read_seconds": 1.0, "write_seconds": 20.0}
    async with open_graph(own_server.model_copy(update=through)) as opened:
        yield opened
        proxy.silent = False


async def test_rows_are_plain_values_with_instants_in_utc(graph: Graph) -> None:
    at = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    await graph.write("MERGE (s:Source {name: 'crm'}) SET s.last_loaded_at = $at, s.priority = 1", at=at)
    rows = await graph.read(
        "MATCH (s:Source) RETURN s, [s.last_loaded_at] AS times, {at: s.last_loaded_at} AS map"
    )
    assert rows == [
        {"s": {"name": "crm", "last_loaded_at": at, "priority": 1}, "times": [at], "map": {"at": at}}
    ]


async def test_a_time_with_an_offset_comes_back_in_utc(graph: Graph) -> None:
    rows = await graph.read(
        "RETURN datetime('2024-07-01T10:00:00+02:00') AS at, datetime('2024-07-01T10:00') AS utc"
    )
    assert rows == [{"at": datetime(2024, 7, 1, 8, tzinfo=UTC), "utc": datetime(2024, 7, 1, 10, tzinfo=UTC)}]
    assert rows[0]["at"].tzinfo is UTC


async def test_a_transaction_answers_each_of_its_statements(graph: Graph) -> None:
    answers = await graph.write_all(
        [
            Statement("CREATE (:Source {name: $name}) RETURN $name AS name", {"name": name})
            for name in ("a", "b")
        ]
    )
    assert answers == [[{"name": "a"}], [{"name": "b"}]]


async def test_a_transaction_is_all_or_nothing(graph: Graph) -> None:
    with pytest.raises(GraphError):
        await graph.write_all(
            [Statement("CREATE (:Source {name: 'a'})"), Statement("CREATE (:Source {name: 'a'})")]
        )
    assert await graph.read("MATCH (s:Source) RETURN s") == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UNWIND [1, 2] AS i CREATE (:Identifier {key: $value})", "Schema.ConstraintValidationFailed"),
        ("CREATE (:Source {last_loaded_at: date($value)})", "Statement.SyntaxError"),
        ("CREATE (:Source {priority: 1 - $value})", "Statement.SyntaxError"),
        ("RETURN $value AS value\nRETURNED", "Statement.SyntaxError, line 2, column 1"),
    ],
)
async def test_errors_carry_no_values(graph: Graph, statement: LiteralString, code: str) -> None:
    with pytest.raises(GraphError, match=code) as raised:
        await graph.write(statement, value="ada@example.org")
    assert "ada@example.org" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


async def test_a_read_cannot_write(graph: Graph) -> None:
    with pytest.raises(GraphError):
        await graph.read("CREATE (:Source {name: 'a'})")


async def test_stream_yields_every_row(graph: Graph) -> None:
    rows = [row["i"] async for row in graph.stream("UNWIND range(1, $most) AS i RETURN i", most=5001)]
    assert rows == list(range(1, 5002))


async def test_a_stream_may_be_left_early(graph: Graph) -> None:
    stream = graph.stream("UNWIND range(1, 100000) AS i RETURN i")
    assert (await anext(stream))["i"] == 1
    await stream.aclose()
    assert await graph.read("RETURN 1 AS one") == [{"one": 1}]


async def test_deadlocked_writers_all_get_through(graph: Graph) -> None:
    keys = [f"k{number}" for number in range(40)]
    await graph.write("UNWIND $keys AS key CREATE (:Source {name: key, priority: 0})", keys=keys)

    async def raise_priorities(order: list[str]) -> None:
        await graph.write(
            "UNWIND $keys AS key MATCH (s:Source {name: key}) SET s.priority = s.priority + 1", keys=order
        )

    await asyncio.gather(*(raise_priorities(keys[::-1] if turn % 2 else keys) for turn in range(8)))
    assert await graph.read("MATCH (s:Source) RETURN DISTINCT s.priority AS priority") == [{"priority": 8}]


async def test_a_commit_whose_answer_is_lost_is_repeated_without_doubles(
    fragile: Graph, proxy: SeveringProxy
) -> None:
    proxy.losses = 2
    [rows] = await fragile.write_all(
        [Statement("MERGE (s:Source {name: 'crm'}) ON CREATE SET s.priority = 7 RETURN s.priority AS p")]
    )
    assert (proxy.lost, rows) == (2, [{"p": 7}])
    assert await fragile.read("MATCH (s:Source) RETURN count(s) AS sources") == [{"sources": 1}]


async def test_a_write_whose_answer_is_lost_is_repeated_without_doubles(
    fragile: Graph, proxy: SeveringProxy
) -> None:
    proxy.losses, proxy.fatal = 2, b"MERGE"
    rows = await fragile.write(
        "MERGE (s:Source {name: 'crm'}) ON CREATE SET s.priority = 7 RETURN s.priority AS p"
    )
    assert (proxy.lost, rows) == (2, [{"p": 7}])
    assert await fragile.read("MATCH (s:Source) RETURN count(s) AS sources") == [{"sources": 1}]


async def test_a_silent_server_ends_at_the_deadline(fragile: Graph, proxy: SeveringProxy) -> None:
    proxy.silent = True
    with pytest.raises(GraphTimeoutError):
        await fragile.read("RETURN 1")


async def test_a_long_statement_ends_at_the_deadline(fragile: Graph) -> None:
    with pytest.raises(GraphTimeoutError):
        await fragile.read("UNWIND range(1, 1000000) AS i UNWIND range(1, 1000000) AS j RETURN count(*)")


async def test_a_wrong_password_is_told(own_server: GraphSettings) -> None:
    with pytest.raises(GraphUnavailableError, match="ONEFOLD_NEO4J_PASSWORD"):
        async with open_graph(own_server.model_copy(update={"neo4j_password": SecretStr("wrong")})):
            pass


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(GraphUnavailableError, match="cannot be reached"):
        async with open_graph(GraphSettings(neo4j_uri="bolt://127.0.0.1:1")):
            pass


async def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match="ONEFOLD_NEO4J_URI"):
        async with open_graph(GraphSettings(neo4j_uri="example.org")):
            pass
