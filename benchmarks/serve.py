"""Look-ups through REST and GraphQL against the bare driver running the same Cypher, by one caller and by eight.

python -m benchmarks.serve --data-dir DIR [--quick]
"""

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from api.context import LARGEST_ANSWER
from api.keys import issue_key
from benchmarks.figures import Figures, Side, memory_of
from benchmarks.loopback import Loopback
from benchmarks.stage import EXAMPLES, Stage, perform
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.lookup import _HOLDERS
from graph.vocabulary import Role
from loaders.load import load_file
from loaders.mapping import read_mapping
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

CALLERS = (1, 8)
WARM_UP = 200
DOCUMENT = """
query Who($email: String!) {
  lookup(kind: "email", value: $email) {
    outcome reason profileCount
    profiles {
      id kind recordCount createdAt updatedAt retiredAt
      attributes { givenName surname birthDate street houseNumber city postcode }
    }
  }
}
"""
_EMAILS = """
MATCH (i:Identifier {kind: 'email'})<-[:HAS_IDENTIFIER]-(:SourceRecord)-[m:RESOLVES_TO]->(:Profile)
WHERE m.until IS NULL
RETURN DISTINCT i.value AS email ORDER BY email
"""

Ask = Callable[[str], Awaitable[Any]]
"""Looks one e-mail address up."""


@dataclass
class Way:
    """One way to look somebody up, with what its rounds measured."""

    name: str
    rates: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)


async def serve(stage: Stage, figures: Figures, quick: bool) -> None:
    """Look-ups of e-mail addresses of the example, each way in turn."""
    mapping = read_mapping(EXAMPLES / "cdp_sample_records.toml")
    await load_file(stage.graph, EXAMPLES / "cdp_sample" / "records.parquet", mapping)
    await resolve(stage.graph, ResolutionSettings())
    emails = [row["email"] for row in await stage.graph.read(_EMAILS)]
    key, _ = await issue_key(stage.graph, Role.CRM)
    async with serving(stage) as (address, process):
        for callers in CALLERS:
            ways = {name: Way(name) for name in ("bare", "REST", "GraphQL")}
            for turn in range(2 if quick else 5):
                asked = random.Random(turn).choices(emails, k=300 if quick else 1500)
                for way in ways.values():
                    await _round(way, await _askers(way.name, callers, stage, address, key), asked)
            _tell(figures, callers, ways, memory_of(process), memory_of(psutil.Process()))


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[tuple[str, psutil.Process]]:
    """A running `onefold serve` on a free port: its address and process."""
    command = [Path(sys.executable).with_name("onefold"), "serve", "--port", "0", "--json"]
    folder = stage.settings.data_dir
    process = await asyncio.create_subprocess_exec(
        *command, "--data-dir", folder, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout
        yield json.loads(await process.stdout.readline())["address"], psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _askers(name: str, callers: int, stage: Stage, address: str, key: str) -> list[Ask]:
    if name == "bare":
        return [_bare(stage) for _ in range(callers)]
    return [
        (_rest if name == "REST" else _graphql)(await Loopback.connect(address, key)) for _ in range(callers)
    ]


def _bare(stage: Stage) -> Ask:
    async def ask(email: str) -> Any:
        key = identifier_key(Identifier("email", email), stage.graph.salt)
        async with stage.driver.session() as session:
            result = await session.run(_HOLDERS, keys=[key], limit=LARGEST_ANSWER)
            return await result.data()

    return ask


def _rest(connection: Loopback) -> Ask:
    async def ask(email: str) -> Any:
        return json.loads(await connection.get(f"/v1/lookup?email={quote(email)}"))["outcome"]

    return ask


def _graphql(connection: Loopback) -> Ask:
    async def ask(email: str) -> Any:
        body = json.dumps({"query": DOCUMENT, "variables": {"email": email}}).encode()
        return json.loads(await connection.post("/graphql", body))["data"]["lookup"]["outcome"]

    return ask


async def _round(way: Way, askers: Sequence[Ask], emails: Sequence[str]) -> None:
    """Ask for all of `emails`, shared out among the askers; the first few are not counted."""
    for email in emails[: WARM_UP // 4]:
        await askers[0](email)
    waiting, spent = iter(emails), []

    async def ask_on(ask: Ask) -> None:
        for email in waiting:
            began = time.perf_counter()
            await ask(email)
            spent.append(time.perf_counter() - began)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for ask in askers:
            tasks.create_task(ask_on(ask))
    way.rates.append(len(emails) / (time.perf_counter() - started))
    way.middle.append(statistics.median(spent) * 1000)
    way.slow.append(statistics.quantiles(spent, n=20)[-1] * 1000)


def _tell(figures: Figures, callers: int, ways: dict[str, Way], server: float, client: float) -> None:
    bare = ways["bare"]
    for name, aim in (("REST", "≥ 0.50"), ("GraphQL", "≥ 0.25")):
        way = ways[name]
        what = f"look-up: {name}, {callers} caller{'s' if callers > 1 else ''}"
        figures.add(what, "asks/s", Side(way.rates, server), Side(bare.rates, client), aim)
        figures.add("  p50", "ms", Side(way.middle), Side(bare.middle))
        figures.add("  p95", "ms", Side(way.slow), Side(bare.slow))


if __name__ == "__main__":
    perform("serve", serve)
