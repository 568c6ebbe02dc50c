"""The lease that lets one process at a time resolve a graph, and passes on when its holder is gone."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import uuid4

import psutil

from graph.errors import GraphError, LeaseError
from graph.transactions import Graph

_LIFE = timedelta(seconds=30)
_RENEWAL_SECONDS = 8.0
_RETRY_SECONDS = 0.5

_TAKE: LiteralString = """
MERGE (lease:Lease {name: $name})
SET lease.asked_at = $now
WITH lease
WHERE lease.holder IS NULL OR lease.holder IN [$holder, $gone] OR lease.until < $now
SET lease.holder = $holder, lease.until = $until
RETURN lease.holder AS holder
"""

_READ: LiteralString = "MATCH (lease:Lease {name: $name}) RETURN lease.holder AS holder"

_RELEASE: LiteralString = (
    "MATCH (lease:Lease {name: $name, holder: $holder}) REMOVE lease.holder, lease.until"
)


@asynccontextmanager
async def lease(graph: Graph, name: str, wait_seconds: float = 60.0) -> AsyncGenerator[None]:
    """Hold the lease `name` and renew it; waits while another process has it, at most `wait_seconds`.

    A holder that died on this machine loses it at once, one on another machine after half a minute.
    Raises LeaseError when the wait was in vain.
    """
    holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4()}"
    deadline = asyncio.get_running_loop().time() + wait_seconds
    while not await _take(graph, name, holder):
        if asyncio.get_running_loop().time() > deadline:
            raise LeaseError("Another process is resolving this graph; try again when it has finished.")
        await asyncio.sleep(_RETRY_SECONDS)
    renewal = asyncio.create_task(_renew(graph, name, holder))
    try:
        yield
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal
        with suppress(GraphError):
            await graph.write(_RELEASE, name=name, holder=holder)


async def _take(graph: Graph, name: str, holder: str) -> bool:
    rows = await graph.read(_READ, name=name)
    present = rows[0]["holder"] if rows else None
    gone = present if present and _is_gone(present) else ""
    now = datetime.now(UTC)
    return bool(await graph.write(_TAKE, name=name, holder=holder, gone=gone, now=now, until=now + _LIFE))


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    host, pid, _ = holder.split("/")
    return host == socket.gethostname() and not psutil.pid_exists(int(pid))


async def _renew(graph: Graph, name: str, holder: str) -> None:
    while True:
        await asyncio.sleep(_RENEWAL_SECONDS)
        with suppress(GraphError):
            await _take(graph, name, holder)
