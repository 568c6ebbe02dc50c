"""One installation to be hurt: its commands as processes of their own, its server, and what its graph holds."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from graph import embedded
from graph.connection import Graph
from graph.memberships import stream_memberships
from graph.server import Home
from graph.settings import GraphSettings

ONEFOLD = Path(sys.executable).with_name("onefold")
PATIENCE = 240.0

_COMMITTED = """
RETURN COUNT { MATCH (:SourceRecord) } + COUNT { MATCH (:Touchpoint) } AS loaded,
  COUNT { MATCH ()-[:RESOLVES_TO]->() } AS resolved,
  EXISTS { MATCH (lease:Lease) WHERE lease.holder IS NOT NULL } AS resolving
"""
_KEYS = "MATCH (n:SourceRecord|Touchpoint) RETURN n.key AS key"
_HOLDINGS = """
RETURN COUNT { MATCH (:SourceRecord) } AS records, COUNT { MATCH (:Touchpoint) } AS touchpoints,
  COUNT { MATCH (:Touchpoint)-[:OF]->(:SourceRecord) } AS hangings,
  COUNT { MATCH (:Identifier) } AS identifiers, COUNT { MATCH (:Pending) } AS pending,
  COUNT { MATCH (:SourceRecord)-[:MATCHES]->(:SourceRecord) } AS edges,
  COUNT { MATCH (p:Profile) WHERE p.retired_at IS NULL } AS profiles,
  COUNT { MATCH (:IdentityEvent) } AS events, COUNT { MATCH (:Conflict) } AS conflicts,
  COUNT { MATCH ()-[m:RESOLVES_TO]->() WHERE m.until IS NOT NULL } AS left,
  COUNT { MATCH (r:SourceRecord)
    WHERE COUNT { (r)-[m:RESOLVES_TO]->() WHERE m.until IS NULL AND m.valid_from IS NULL } <> 1 } AS homeless,
  COUNT { MATCH (:SourceRecord)-[h:HAS_IDENTIFIER]->(:Identifier) WHERE h.until IS NULL } AS links
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, its JSON answer if any, what it said, and how long it took."""

    code: int
    answer: dict[str, Any]
    said: str
    seconds: float


class Installation:
    """Commands, server and graph of one data folder."""

    def __init__(self, settings: GraphSettings, graph: Graph) -> None:
        self.settings = settings
        self.graph = graph

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of the console script."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ONEFOLD_NEO4J")}
        given = {name: str(getattr(self.settings, name)) for name in ("data_dir", "heap_mb", "page_cache_mb")}
        return subprocess.Popen(
            [ONEFOLD, *arguments, "--json"],
            env=kept | {f"ONEFOLD_{name.upper()}": value for name, value in given.items()},
            cwd=self.settings.data_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait until a command has ended."""
        started = time.monotonic()
        out, said = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
        return Ended(process.returncode, json.loads(out) if out else {}, said, time.monotonic() - started)

    async def run(self, *arguments: str) -> Ended:
        """Run a command that has to succeed."""
        ended = await self.end(self.start(*arguments))
        assert ended.code == 0, ended.said
        return ended

    def kill_server(self) -> None:
        """kill -9 of the graph server."""
        [server] = [one for one in embedded._processes(Home.of(self.settings)) if "java" in one.name()]
        server.kill()

    async def committed(self) -> dict[str, int]:
        """How far the graph is: nodes loaded, memberships written, whether somebody resolves."""
        return (await self.graph.read(_COMMITTED))[0]

    async def keys(self) -> set[str]:
        """The keys of all records and touchpoints."""
        return {row["key"] for row in await self.graph.read(_KEYS)}

    async def holdings(self) -> dict[str, Any]:
        """All that an undisturbed and a disturbed run must agree in; profile ids depend on when a load began."""
        members = defaultdict(set)
        async for row in stream_memberships(self.graph, with_visitors=True):
            members[row["profile_id"]].add((row["source"], row["record_id"]))
        [counts] = await self.graph.read(_HOLDINGS)
        return {**counts, "partition": {frozenset(one) for one in members.values()}}

    async def reached(self, process: subprocess.Popen[str], what: str, least: int) -> bool:
        """Wait until the graph is so far; False when the command ended before."""
        while process.poll() is None:
            if (await self.committed())[what] >= least:
                return True
            await asyncio.sleep(0.02)
        return False


async def hesitate(draw: random.Random, longest: float) -> None:
    """Wait for a random time of at most `longest` seconds."""
    await asyncio.sleep(draw.uniform(0, longest))


async def gone(processes: list[psutil.Process], seconds: float = 20.0) -> bool:
    """Whether all these processes end within `seconds`."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=seconds)
    return not alive
