"""An installation for each module that hurts one."""

from collections.abc import AsyncIterator

import pytest

from graph.connection import open_graph
from graph.embedded import stop_embedded
from graph.settings import GraphSettings
from tests.faults.installation import Installation


@pytest.fixture(scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """An installation of this module's own, its server running."""
    folder = tmp_path_factory.mktemp("hurt")
    settings = GraphSettings(
        data_dir=folder, heap_mb=512, page_cache_mb=64, neo4j_uri=None, read_seconds=120, write_seconds=240
    )
    try:
        async with open_graph(settings) as graph:
            yield Installation(settings, graph)
    finally:
        stop_embedded(settings)
