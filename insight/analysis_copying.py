"""Copies touchpoints, memberships and segments from the graph into the tables of the columnar copy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import duckdb

from graph.analysis import changed_records, stream_segments, stream_slices, stream_touchpoints
from graph.batches import batches
from graph.transactions import Graph
from insight.analysis_tables import begin_change, end_change, insert

# Rows become columns under the interpreter lock, for which look-ups in between wait: few at once.
_ROWS = 5_000
_RECORDS = 500

Count = Callable[[int], None]


async def copy_all(graph: Graph, database: duckdb.DuckDBPyConnection, count: Count) -> None:
    """Copy everything anew; `count` is told of rows as they come."""
    for table in ("touchpoints", "memberships", "segments"):
        database.execute(f"DELETE FROM {table}")
    await _append(database, "memberships", stream_slices(graph), count)
    await _append(database, "segments", stream_segments(graph), count)
    await _append(database, "touchpoints", stream_touchpoints(graph), count)


async def copy_since(graph: Graph, database: duckdb.DuckDBPyConnection, since: int, count: Count) -> None:
    """Copy what changed after the number `since`: all of the records concerned. Leaves the profiles that had or have
    them in the temporary table `affected`."""
    keys = await changed_records(graph, since)
    moved = [row async for row in stream_segments(graph, since)]
    begin_change(database, keys, moved)
    for some in batches(keys, _RECORDS):
        await _append(database, "memberships", stream_slices(graph, some), count)
        await _append(database, "touchpoints", stream_touchpoints(graph, some), count)
    end_change(database)


async def _append(
    database: duckdb.DuckDBPyConnection, table: str, rows: AsyncIterator[dict[str, Any]], count: Count
) -> None:
    waiting: list[dict[str, Any]] = []
    async for row in rows:
        waiting.append(row)
        if len(waiting) == _ROWS:
            await asyncio.to_thread(insert, database, table, waiting)
            count(len(waiting))
            waiting = []
    if waiting:
        await asyncio.to_thread(insert, database, table, waiting)
        count(len(waiting))
