"""A keep-alive HTTP client that costs next to nothing, so that a figure is of the server and not of the client."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Loopback:
    """One open connection to a server on this machine."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str

    @staticmethod
    async def connect(address: str, key: str) -> "Loopback":
        """Connect to `http://host:port`, asking with an API key."""
        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        return Loopback(reader, writer, f"host: {parts.netloc}\r\nauthorization: Bearer {key}\r\n")

    async def get(self, path: str) -> bytes:
        """The body of `GET path`; raises RuntimeError unless the status is 200."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of `POST path` with a JSON body; raises RuntimeError unless the status is 200."""
        kind = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return await self._ask(f"POST {path} HTTP/1.1\r\n{self.head}{kind}\r\n".encode() + body)

    async def _ask(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").lower().split("\r\n")
        length = next(int(field.partition(":")[2]) for field in fields if field.startswith("content-length:"))
        body = await self.reader.readexactly(length)
        if " 200 " not in status:
            raise RuntimeError(f"{status}: {body[:200]!r}")
        return body

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        await self.writer.wait_closed()
