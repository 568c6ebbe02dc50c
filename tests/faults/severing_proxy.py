"""A loopback proxy in front of a Neo4j server that loses the answer to a message, or goes silent."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

COMMIT = b"\x00\x02\xb0\x12\x00\x00"  # one Bolt message: chunk of two bytes, structure 0x12, end


class SeveringProxy:
    """Forwards Bolt to `server_port`; the next `losses` messages with `fatal` in them, and a `share` of all further
    ones, reach the server, their answers nobody."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.port = 0
        self.fatal = COMMIT
        self.losses = 0
        self.share = 0.0
        self.lost = 0
        self.silent = False
        self._draw = random.Random(5)

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator["SeveringProxy"]:
        """Accept connections while the context is open."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        severed = asyncio.Event()
        answers = asyncio.create_task(self._answers(there, writer, severed))
        with suppress(ConnectionError):
            while sent := await reader.read(65536):
                if self.fatal in sent and self._loses():
                    self.lost += 1
                    severed.set()
                back.write(sent)
                await back.drain()
        back.close()
        await answers

    def _loses(self) -> bool:
        if self.losses:
            self.losses -= 1
            return True
        return self._draw.random() < self.share

    async def _answers(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, severed: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while answer := await there.read(65536):
                if severed.is_set():
                    break
                if not self.silent:
                    writer.write(answer)
                    await writer.drain()
        writer.close()
