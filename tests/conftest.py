"""Fixtures around one real Neo4j server for the whole test session."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import LiteralString

import hypothesis
import pytest
from pydantic import SecretStr

from graph.connection import Graph, open_graph
from graph.embedded import stop_embedded
from graph.settings import GraphSettings

HEAP_MB = 512

# A busy machine is no reason to fail.
os.environ.setdefault("ONEFOLD_API_READ_SECONDS", "30")
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--neo4j",
        choices=("auto", "embedded", "container"),
        default="auto",
        help="where the tests' Neo4j runs; ONEFOLD_NEO4J_URI names a server to use instead",
    )


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False)
    return asked.returncode == 0


def _in_container() -> Iterator[GraphSettings]:
    from testcontainers.neo4j import Neo4jContainer

    with (
        Neo4jContainer("neo4j:2026-community", password="only-for-tests") as container,
        tempfile.TemporaryDirectory(prefix="onefold-tests-") as folder,
    ):
        yield GraphSettings(
            data_dir=Path(folder),
            neo4j_uri=container.get_connection_url(),
            neo4j_password=SecretStr(container.password),
        )


def _embedded() -> Iterator[GraphSettings]:
    folder = Path(tempfile.mkdtemp(prefix="onefold-tests-"))
    settings = GraphSettings(data_dir=folder, heap_mb=HEAP_MB, page_cache_mb=128, idle_minutes=10)
    try:
        yield settings
    finally:
        stop_embedded(settings)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def graph_settings(request: pytest.FixtureRequest) -> Iterator[GraphSettings]:
    """Settings of the session's own server, which may be emptied."""
    given = GraphSettings()
    where = request.config.getoption("--neo4j")
    if given.neo4j_uri:
        with tempfile.TemporaryDirectory(prefix="onefold-tests-") as folder:
            yield given.model_copy(update={"data_dir": Path(folder)})
    elif where == "container" or (where == "auto" and _docker_answers()):
        yield from _in_container()
    else:
        yield from _embedded()


@pytest.fixture(scope="session")
async def _opened(graph_settings: GraphSettings) -> AsyncIterator[Graph]:
    async with open_graph(graph_settings) as graph:
        yield graph


_EMPTY: LiteralString = (
    "MATCH (n) WHERE NOT n:Installation WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS deleted"
)


@pytest.fixture
async def graph(_opened: Graph) -> Graph:
    """The session's graph, emptied but for its schema and salt, without an archive and suppressions."""
    shutil.rmtree(_opened.settings.data_dir / "archive", ignore_errors=True)
    for file in _opened.settings.data_dir.glob("suppressions.sqlite*"):
        file.unlink()
    while (await _opened.write(_EMPTY))[0]["deleted"]:
        pass
    return _opened
