"""Runs the web application on an address of this machine."""

import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.settings import ApiSettings
from graph.errors import ConfigurationError
from graph.transactions import Graph


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
    settings: ApiSettings, graph: Graph, listening: socket.socket, ready: Callable[[str], None]
) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM); `ready` is told the address once requests are answered."""
    config = uvicorn.Config(
        create_app(settings, graph), log_config=None, access_log=False, server_header=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    ready(f"http://{host}:{port}")
    with listening, _calm_end():
        await server.serve(sockets=[listening])


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
