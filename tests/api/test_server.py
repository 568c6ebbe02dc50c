"""The listening socket."""

import asyncio
import socket

import pytest

from api.server import listen
from api.settings import ApiSettings
from graph.errors import ConfigurationError


async def test_answers_leave_at_once() -> None:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listen(ApiSettings(port=0)) as listening:
        async with await asyncio.start_server(note, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            assert await accepted
            writer.close()
            await writer.wait_closed()


def test_a_port_in_use_is_told() -> None:
    with listen(ApiSettings(port=0)) as taken, pytest.raises(ConfigurationError, match="another with --port"):
        listen(ApiSettings(port=taken.getsockname()[1]))
