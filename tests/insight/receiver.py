"""A receiver of webhooks on this machine that answers as it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0" * 4
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def status(code: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} X", "content-length: 0", *headers, "", ""]).encode()


@dataclass
class Receiver:
    """`answers` are given in turn, the last one for ever; `heard` are the bodies whose signature is good."""

    answers: list[bytes] = field(default_factory=lambda: [OK])
    url: str = ""
    heard: list[dict] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        sent = {name: value for line in head[1:] if line for name, value in [line.split(": ", 1)]}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append(Webhook(SECRET).verify(body, sent))
        self.ids.append(headers["webhook-id"])
        self.news.set()
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        await writer.drain()
        writer.close()

    async def hears(self, count: int) -> list[dict]:
        """Wait for so many messages."""
        async with asyncio.timeout(30):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        return self.heard


@asynccontextmanager
async def receiving(*answers: bytes) -> AsyncGenerator[Receiver]:
    receiver = Receiver(list(answers) or [OK])
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield receiver
