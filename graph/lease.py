"""The lease that lets one process at a time resolve a graph, and passes on when its holder is gone."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import uuid4
from weakref import WeakKeyDictionary

import psutil

from graph.errors import GraphError, LeaseError
from graph.transactions import Graph

_LIFE = timedelta(seconds=30)
_RENEWAL_SECONDS = 8.0
_RETRY_SECONDS = 0.5
_CHECK_SECONDS = 1.0
_SHORTEST_WAIT = 0.05

_TAKE: LiteralString = """
MERGE (lease:Lease {name: $name})
SET lease.asked_at = $now
WITH lease
WHERE lease.holder IS NULL OR lease.holder IN [$holder, $gone] OR lease.until < $now
SET lease.wanted = CASE lease.holder WHEN $holder THEN lease.wanted END, lease.holder = $holder, lease.until = $until
RETURN lease.holder AS holder
"""

_WANT: LiteralString = "MATCH (lease:Lease {name: $name}) SET lease.wanted = true"

_READ: LiteralString = (
    "MATCH (lease:Lease {name: $name}) RETURN lease.holder AS holder, coalesce(lease.wanted, false) AS wanted"
)

_RELEASE: LiteralString = (
    "MATCH (lease:Lease {name: $name, holder: $holder}) REMOVE lease.holder, lease.until"
)


@asynccontextmanager
async def lease(
    graph: Graph, name: str, wait_seconds: float = 60.0, *, linger_seconds: float = 0.0
) -> AsyncGenerator[None]:
    """Hold the lease `name` and renew it; waits while somebody else has it, at most `wait_seconds`.

    The tasks of this process take turns. The process may keep the lease for `linger_seconds` afterwards, so that the
    next turn costs nothing, unless another process asks for it. A holder that died on this machine loses it at once,
    one on another machine after half a minute. Raises LeaseError when the wait was in vain.
    """
    tenure = _TENURES.setdefault(graph, {}).setdefault(name, _Tenure(name))
    deadline = asyncio.get_running_loop().time() + wait_seconds
    async with tenure.turn(deadline):
        await tenure.begin(graph, deadline)
        try:
            yield
        finally:
            await tenure.end(graph, linger_seconds)


class _Tenure:
    """This process's part in one lease of one graph."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4()}"
        self._turn = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None
        self._until = 0.0
        self._idle_until: float | None = None
        self._wanted = False

    @asynccontextmanager
    async def turn(self, deadline: float) -> AsyncGenerator[None]:
        """One task of this process at a time; raises LeaseError at the deadline (loop time)."""
        try:
            async with asyncio.timeout_at(max(deadline, _now() + _SHORTEST_WAIT)):
                await self._turn.acquire()
        except TimeoutError:
            raise _in_vain() from None
        try:
            yield
        finally:
            self._turn.release()

    async def begin(self, graph: Graph, deadline: float) -> None:
        """Take the lease, unless this process has it still; raises LeaseError at the deadline (loop time)."""
        self._idle_until = None
        if self._keeping and not self._keeping.done() and _now() < self._until:
            return
        while not await self._take(graph):
            if _now() > deadline:
                raise _in_vain()
            await graph.write(_WANT, name=self._name)
            await asyncio.sleep(_RETRY_SECONDS)
        self._wanted = False
        self._stop_keeping()
        self._keeping = asyncio.create_task(self._keep(graph))

    async def end(self, graph: Graph, linger_seconds: float) -> None:
        """Give the lease back, or keep it for a while in case somebody comes who does not come from elsewhere."""
        if not linger_seconds or self._wanted:
            await self._release(graph)
        else:
            self._idle_until = _now() + linger_seconds
            graph.at_close(self, lambda: self._release(graph))

    async def _keep(self, graph: Graph) -> None:
        """Renew the lease, look whether another process waits for it, and give it back when nobody comes."""
        renewal = _now() + _RENEWAL_SECONDS
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            with suppress(GraphError):
                if _now() >= renewal:
                    renewal = _now() + _RENEWAL_SECONDS
                    await self._take(graph)
                rows = await graph.read(_READ, name=self._name)
                self._wanted = bool(rows and rows[0]["wanted"])
            if self._idle_until and not self._turn.locked() and (self._wanted or _now() >= self._idle_until):
                async with self._turn:
                    self._keeping = None
                    await self._release(graph)
                return

    async def _release(self, graph: Graph) -> None:
        self._stop_keeping()
        self._idle_until = None
        with suppress(GraphError):
            await graph.write(_RELEASE, name=self._name, holder=self._holder)

    def _stop_keeping(self) -> None:
        if self._keeping:
            self._keeping.cancel()
        self._keeping = None

    async def _take(self, graph: Graph) -> bool:
        rows = await graph.read(_READ, name=self._name)
        present = rows[0]["holder"] if rows else None
        gone = present if present and _is_gone(present) else ""
        now, until = datetime.now(UTC), _now() + _LIFE.total_seconds()
        taking = {"holder": self._holder, "gone": gone, "now": now, "until": now + _LIFE}
        taken = bool(await graph.write(_TAKE, name=self._name, **taking))
        if taken:
            self._until = until
        return taken


_TENURES: WeakKeyDictionary[Graph, dict[str, _Tenure]] = WeakKeyDictionary()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _in_vain() -> LeaseError:
    return LeaseError("Another process is resolving this graph; try again when it has finished.")


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    host, pid, _ = holder.split("/")
    return host == socket.gethostname() and not psutil.pid_exists(int(pid))
