"""Opens a graph: the user's own Neo4j server when one is named, else the embedded one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from neo4j import AsyncDriver, AsyncGraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import ConfigurationError as DriverConfigurationError

from graph.embedded import Announce, Endpoint, ensure_running, log_line, touch
from graph.errors import ConfigurationError
from graph.schema import apply_schema
from graph.settings import GraphSettings
from graph.transactions import Graph, Statement

__all__ = ("Graph", "Statement", "open_graph")


@asynccontextmanager
async def open_graph(settings: GraphSettings, announce: Announce = log_line) -> AsyncGenerator[Graph]:
    """Open the graph, its schema up to date; starts the embedded server when it is not running.

    `announce` is told, in words, of what takes long (fetching, starting).
    Raises ConfigurationError, DownloadError, EmbeddedError, GraphUnavailableError, SchemaError.
    """
    uri = settings.neo4j_uri
    opened = _open_own(settings, uri) if uri else _open_embedded(settings, announce)
    async with opened as graph:
        graph.salt = await apply_schema(graph)
        yield graph


@asynccontextmanager
async def _open_own(settings: GraphSettings, uri: str) -> AsyncGenerator[Graph]:
    endpoint = Endpoint(uri, settings.neo4j_user, settings.neo4j_password.get_secret_value())
    # Bookmarks let a read see this process's own writes on whichever member of a cluster it lands.
    bookmarks = AsyncGraphDatabase.bookmark_manager() if uri.startswith("neo4j") else None
    graph = Graph(_driver(endpoint, settings), settings, bookmarks=bookmarks)
    try:
        yield graph
    finally:
        await graph.close()


@asynccontextmanager
async def _open_embedded(settings: GraphSettings, announce: Announce) -> AsyncGenerator[Graph]:
    endpoint = await asyncio.to_thread(ensure_running, settings, announce)
    driver = _driver(endpoint, settings)
    lock = asyncio.Lock()

    async def reconnect() -> AsyncDriver:
        nonlocal endpoint, driver
        async with lock:
            found = await asyncio.to_thread(ensure_running, settings, announce)
            if found != endpoint:
                endpoint, driver = found, _driver(found, settings)
            return driver

    graph = Graph(driver, settings.model_copy(update={"neo4j_database": "neo4j"}), reconnect=reconnect)
    heartbeat = asyncio.create_task(_keep_awake(settings))
    try:
        yield graph
    finally:
        heartbeat.cancel()
        with suppress(asyncio.CancelledError):
            await heartbeat
        await graph.close()


async def _keep_awake(settings: GraphSettings) -> None:
    while True:
        touch(settings)
        await asyncio.sleep(min(30.0, settings.idle_minutes * 60 / 4))


def _driver(endpoint: Endpoint, settings: GraphSettings) -> AsyncDriver:
    try:
        return AsyncGraphDatabase.driver(
            endpoint.uri,
            auth=(endpoint.user, endpoint.password),
            max_connection_pool_size=settings.connections,
            connection_timeout=5.0,
            connection_acquisition_timeout=settings.read_seconds,
            telemetry_disabled=True,
            user_agent="onefold",
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )
    except (DriverConfigurationError, ValueError):
        raise ConfigurationError(
            "ONEFOLD_NEO4J_URI is not an address of a Neo4j server, such as neo4j://host:7687 or bolt+s://host:7687."
        ) from None
