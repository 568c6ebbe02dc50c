"""Runs the web application on an address of this machine."""

import signal
import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.background import background
from api.settings import ApiSettings
from api.steward.warming import open_pages
from graph.errors import ConfigurationError
from graph.transactions import Graph
from loaders.archive import Archive
from loaders.journal import Journal
from loaders.projector import Projector
from loaders.suppressions import Suppressions

_END_SECONDS = 5
"""So long requests under way may take when the server ends; who waits for changes asks again."""


def listen(settings: ApiSettings) -> socket.socket:
    """A listening socket; raises ConfigurationError when the address or port is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only of a socket that says it is TCP does asyncio switch Nagle's delay off: 40 ms an answer without.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"The API cannot listen on port {settings.port} ({error.strerror}): choose another with --port."
        ) from None
    return listening


async def serve(
    settings: ApiSettings,
    graph: Graph,
    listening: socket.socket,
    ready: Callable[[str], None],
    data_dir: Path,
) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM); `ready` is told the address once requests are answered.

    Raises JournalHeldError when another process takes events into this data folder.
    """
    with (
        closing(Journal.open(data_dir / "journal")) as journal,
        Archive.open(data_dir / "archive") as archive,
        Suppressions.open(data_dir) as suppressions,
    ):
        app = create_app(settings, graph, journal, suppressions)
        await app.state.keyring.learn()
        projector = Projector(graph, journal, archive)
        warming = partial(open_pages, app.state.workbench, graph)
        async with background(app.state.services, projector, suppressions, warming):
            await _answer(app, listening, settings, ready)


async def _answer(
    app: FastAPI, listening: socket.socket, settings: ApiSettings, ready: Callable[[str], None]
) -> None:
    server, host = uvicorn.Server(server_config(app, settings)), settings.host
    port = listening.getsockname()[1]
    ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
    with listening, _calm_end():
        await server.serve(sockets=[listening])


def server_config(app: FastAPI, settings: ApiSettings) -> uvicorn.Config:
    """How an app is served: no log of its own, WebSockets with short messages, and a quick end."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws_max_size=settings.body_bytes,
        timeout_graceful_shutdown=_END_SECONDS,
    )


@contextmanager
def _calm_end() -> Generator[None]:
    """Swallow the signal that ended the server, which uvicorn raises once more when it has stopped."""
    ends = (signal.SIGINT, signal.SIGTERM)
    former = {one: signal.signal(one, signal.SIG_IGN) for one in ends}
    try:
        yield
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)
