"""A service to be hurt, and clients that send events as the SDKs do: until they are acknowledged."""

import asyncio
import json
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from graph.connection import Graph
from tests.faults.installation import Installation

_TOLD = """
MATCH (t:Touchpoint {source: $source}) RETURN t.message_id AS id, COUNT { (t)-[:OF]->() } AS hangings
"""


class Service:
    """`onefold serve` of an installation: started, killed and started again."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self._installation.start("serve", "--port", "0")
        assert self._process.stdout
        line = await asyncio.to_thread(self._process.stdout.readline)
        assert line, self._process.communicate()[1]
        self.address = json.loads(line)["address"]

    def kill(self) -> None:
        """kill -9, and nothing that it could tidy up."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    async def stop(self) -> None:
        """Ask it to end, as an operator does."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._process.communicate)
            assert self._process.returncode == 0
            self._process = None


@dataclass
class Clients:
    """Send `events` of a source in batches of `together`, in `lanes` at once; a batch that is not answered is sent
    again."""

    service: Service
    source: str
    key: str
    events: int
    together: int = 50
    lanes: int = 4
    acknowledged: set[str] = field(default_factory=set)
    slowest: float = 0.0
    resent: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self) -> None:
        """Send everything."""
        batches = iter(range(0, self.events, self.together))
        limits = httpx.Limits(max_connections=self.lanes)
        async with httpx.AsyncClient(timeout=20, limits=limits, auth=(self.key, "")) as client:
            await asyncio.gather(*(self._lane(client, batches) for _ in range(self.lanes)))

    async def reached(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acknowledged) < count:
            self._more.clear()
            await self._more.wait()

    async def _lane(self, client: httpx.AsyncClient, batches) -> None:
        for first in batches:
            names = [f"m{number}" for number in range(first, min(first + self.together, self.events))]
            while not await self._sent(client, names):
                self.resent += 1
                await asyncio.sleep(0.05)
            self.acknowledged.update(names)
            self._more.set()

    async def _sent(self, client: httpx.AsyncClient, names: list[str]) -> bool:
        body = {"batch": [_event(name) for name in names], "sentAt": datetime.now(UTC).isoformat()}
        began = time.monotonic()
        try:
            answer = await client.post(f"{self.service.address}/v1/batch", json=body)
        except httpx.TransportError:
            return False
        self.slowest = max(self.slowest, time.monotonic() - began)
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200


def _event(name: str) -> dict[str, str]:
    """Every tenth message of a visitor says who it is."""
    number = int(name[1:])
    said = {"messageId": name, "anonymousId": f"a{number // 20}", "timestamp": datetime.now(UTC).isoformat()}
    if number % 10:
        return {**said, "type": "track", "event": "seen"}
    return {**said, "type": "identify", "userId": f"u{number // 40}"}


async def applied(graph: Graph, source: str, events: int, seconds: float) -> Counter[str]:
    """How often each message of a source is there, once `events` are, or none comes any more for `seconds`."""
    until, before = time.monotonic() + seconds, -1
    while True:
        told = Counter({row["id"]: row["hangings"] for row in await graph.read(_TOLD, source=source)})
        if len(told) >= events or (time.monotonic() > until and len(told) == before):
            return told
        if len(told) > before:
            until, before = time.monotonic() + seconds, len(told)
        await asyncio.sleep(0.5)
