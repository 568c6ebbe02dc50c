"""The graph that is measured on: an embedded server of its own, and a bare driver beside Onefold's way to it."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

from neo4j import AsyncDriver, AsyncGraphDatabase, NotificationMinimumSeverity

from benchmarks.figures import Figures
from graph.connection import Graph, open_graph
from graph.embedded import _processes, ensure_running
from graph.server import Home
from graph.settings import GraphSettings

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results")
EXAMPLES = ROOT / "examples"
BATCH = 2_000

Rows = list[dict[str, Any]]
Portion = Sequence[tuple[LiteralString, Rows]]
"""Statements with their `$rows`, written in one transaction."""


@dataclass(frozen=True)
class Stage:
    """An open graph, and the driver that whoever does without Onefold would use."""

    settings: GraphSettings
    graph: Graph
    driver: AsyncDriver

    async def empty(self) -> None:
        """Empty the graph but for its schema and salt."""
        while (await self.graph.write(_EMPTY))[0]["deleted"]:
            pass

    def server_memory(self) -> float:
        """Resident memory of the graph server, in MB."""
        return sum(one.memory_info().rss for one in _processes(Home.of(self.settings))) / 2**20

    async def bare_write(self, portions: Iterable[Portion]) -> None:
        """Write portions one after the other, each in a transaction."""
        async with self.driver.session() as session:
            for portion in portions:
                async with await session.begin_transaction() as transaction:
                    for query, rows in portion:
                        await (await transaction.run(query, rows=rows)).consume()
                    await transaction.commit()

    async def bare_read(self, query: LiteralString) -> int:
        """Read all rows of a query and throw them away; answers their number."""
        async with self.driver.session(fetch_size=BATCH) as session:
            result = await session.run(query)
            return len([record.values() async for record in result])


_EMPTY: LiteralString = (
    "MATCH (n) WHERE NOT n:Installation WITH n LIMIT 10000 DETACH DELETE n RETURN count(*) AS deleted"
)


@asynccontextmanager
async def on_stage(folder: Path) -> AsyncIterator[Stage]:
    """The stage in a data folder, whose graph is emptied: never the folder or server of somebody's own."""
    settings = GraphSettings(
        data_dir=folder, neo4j_uri=None, idle_minutes=10, read_seconds=300, write_seconds=300
    )
    async with open_graph(settings, announce=lambda message: print(message, file=sys.stderr)) as graph:
        endpoint = ensure_running(settings)
        credentials = (endpoint.user, endpoint.password)
        quiet = NotificationMinimumSeverity.OFF
        async with AsyncGraphDatabase.driver(
            endpoint.uri, auth=credentials, notifications_min_severity=quiet
        ) as driver:
            stage = Stage(settings, graph, driver)
            await stage.empty()
            yield stage


Section = Callable[[Stage, Figures, bool], Awaitable[None]]


def perform(name: str, section: Section, large: Section | None = None) -> None:
    """Run one section of the benchmark from the command line; its figures go to `results/<name>.json`.

    `large` is what runs in its place with `--large`.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of a graph that may be emptied")
    parser.add_argument("--quick", action="store_true", help="less data, fewer rounds")
    if large:
        parser.add_argument("--large", action="store_true", help="a graph of a million")
    options = parser.parse_args()
    chosen = large if large and options.large else section
    figures = Figures(name)

    async def run() -> None:
        async with on_stage(options.data_dir) as stage:
            await chosen(stage, figures, options.quick)
            figures.save(RESULTS, stage.server_memory())

    asyncio.run(run())
