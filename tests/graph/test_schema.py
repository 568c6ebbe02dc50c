"""The schema's steps: complete, idempotent, and refused when the graph is newer."""

import asyncio

import pytest

from graph.blocking import BLOCK_COLUMNS
from graph.connection import Graph
from graph.errors import SchemaError
from graph.schema import STEPS, VERSION, apply_schema


def test_every_block_column_has_its_index() -> None:
    statements = [statement for step in STEPS for statement in step]
    wanted = {
        f"CREATE INDEX {column} IF NOT EXISTS FOR (n:SourceRecord) ON (n.{column})"
        for column in BLOCK_COLUMNS
    }
    assert wanted == {statement for statement in statements if " INDEX block_" in statement}


@pytest.mark.store
async def test_applying_twice_changes_nothing(graph: Graph) -> None:
    before = await graph.read("SHOW INDEXES YIELD name, state, type RETURN name, state, type ORDER BY name")
    salts = await asyncio.gather(apply_schema(graph), apply_schema(graph))
    assert salts == [graph.salt, graph.salt]
    assert before == await graph.read(
        "SHOW INDEXES YIELD name, state, type RETURN name, state, type ORDER BY name"
    )
    assert {row["state"] for row in before} == {"ONLINE"}


@pytest.mark.store
async def test_an_older_graph_is_brought_up_to_date_and_keeps_its_salt(graph: Graph) -> None:
    await graph.write("DROP INDEX touchpoint_journey")
    await graph.write("MATCH (n:Installation) SET n.schema_version = 1")
    assert await apply_schema(graph) == graph.salt
    rows = await graph.read(
        "SHOW INDEXES YIELD name, properties WHERE name = 'touchpoint_journey' RETURN properties"
    )
    assert rows == [{"properties": ["record_key", "occurred_at"]}]
    assert await graph.read("MATCH (n:Installation) RETURN n.schema_version AS v") == [{"v": VERSION}]


@pytest.mark.store
async def test_a_newer_graph_is_refused(graph: Graph) -> None:
    await graph.write("MATCH (n:Installation) SET n.schema_version = $version", version=VERSION + 1)
    try:
        with pytest.raises(SchemaError, match=str(VERSION + 1)):
            await apply_schema(graph)
    finally:
        await graph.write("MATCH (n:Installation) SET n.schema_version = $version", version=VERSION)
