"""What a service answers a second, through REST and GraphQL, against the bare driver running the same Cypher.

python -m benchmarks.serve --data-dir DIR [--quick | --large]

At 10,000, 100,000 and with `--large` a million profiles: look-ups, a profile, a profile page (golden record,
identifiers, 20 touchpoints, segments), the same as of a former moment, and the preview of a segment over all
touchpoints, of which there are a million from 50,000 profiles on.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from api.keys import issue_key
from benchmarks.answer_steps import tell_steps
from benchmarks.asking import QUESTIONS, Ask, Question
from benchmarks.figures import Figures, Side, memory_of, taking
from benchmarks.loopback import Loopback
from benchmarks.resolved_graph import fill, walkers
from benchmarks.stage import Stage, perform
from graph.vocabulary import Role

PERCENTILES = (50, 95, 99)
AIMS = {"REST": "≥ 0.60", "GraphQL": "≥ 0.33"}


@dataclass
class Way:
    """One way to ask, with what its rounds measured: answers a second, and percentiles in ms."""

    rates: list[float] = field(default_factory=list)
    percentiles: dict[int, list[float]] = field(default_factory=lambda: {one: [] for one in PERCENTILES})

    def note(self, spent: Sequence[float], seconds: float) -> None:
        """Add a round: the seconds of each answer, two at least, and of all together."""
        self.rates.append(len(spent) / seconds)
        cuts = statistics.quantiles(spent, n=100, method="inclusive")
        for one in PERCENTILES:
            self.percentiles[one].append(cuts[one - 1] * 1000)


@dataclass(frozen=True)
class Service:
    """A running service, and the key to it."""

    address: str
    process: psutil.Process
    key: str

    async def askers(self, stage: Stage, question: Question, name: str, callers: int) -> list[Ask]:
        """One asker a caller, by the way of this name; connections are new ones, for those at rest are closed."""
        if name == "bare":
            return [question.without(stage)] * callers
        way = question.by_rest if name == "REST" else question.by_graphql
        return [way(await self._connect()) for _ in range(callers)]

    async def _connect(self) -> Loopback:
        return await Loopback.connect(self.address, self.key)


async def serve(stage: Stage, figures: Figures, quick: bool) -> None:
    """Small and middle-sized graphs, or the small one only."""
    for people in (10_000,) if quick else (10_000, 100_000):
        await serve_people(stage, figures, people, quick)


async def serve_large(stage: Stage, figures: Figures, quick: bool) -> None:
    """A million profiles."""
    await serve_people(stage, figures, 1_000_000, quick)


async def serve_people(stage: Stage, figures: Figures, people: int, quick: bool) -> None:
    """Every question to a graph of so many people."""
    with taking() as filling:
        await fill(stage, people)
    figures.add(f"fill: {people:,} profiles", "s", Side([filling.seconds]))
    key, _ = await issue_key(stage.graph, Role.ADMIN)
    async with serving(stage) as (address, process):
        service = Service(address, process, key)
        for question in QUESTIONS:
            for callers in question.callers:
                ways = await _rounds(stage, service, question, callers, people, quick)
                _tell(figures, question, callers, ways, service)
    figures.add("  graph server", "MB", Side([stage.server_memory()]))
    await tell_steps(stage, figures, people, 100 if quick else 500)


@asynccontextmanager
async def serving(stage: Stage) -> AsyncGenerator[tuple[str, psutil.Process]]:
    """A running `onefold serve` on a free port, which lets a key ask as often as it likes: its address and process."""
    command = [Path(sys.executable).with_name("onefold"), "serve", "--port", "0", "--json"]
    folder = stage.settings.data_dir
    process = await asyncio.create_subprocess_exec(
        *command,
        "--data-dir",
        folder,
        cwd=folder,
        env=os.environ | {"ONEFOLD_API_REQUESTS_PER_SECOND": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout
        yield json.loads(await process.stdout.readline())["address"], psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _rounds(
    stage: Stage, service: Service, question: Question, callers: int, people: int, quick: bool
) -> dict[str, Way]:
    """Each way in turn, for some seconds each; a first round, while the graph server warms up, is not counted."""
    ways = {name: Way() for name in ("bare", "REST", "GraphQL") if name != "REST" or question.path}
    known = walkers(people) if question.journeys else people
    for turn in range(3 if quick else 5):
        for name, way in ways.items():
            askers = await service.askers(stage, question, name, callers)
            counted = way if turn else Way()
            await _round(counted, askers, random.Random(turn), known, 1.5 if quick else 4.0)
    return ways


async def _round(way: Way, askers: Sequence[Ask], draw: random.Random, people: int, seconds: float) -> None:
    """Ask about people drawn at random until the time is over, of each caller twice at least."""
    spent: list[float] = []
    started = time.perf_counter()

    async def ask_on(ask: Ask) -> None:
        count = 0
        while count < 2 or time.perf_counter() - started < seconds:
            began = time.perf_counter()
            await ask(draw.randrange(people))
            spent.append(time.perf_counter() - began)
            count += 1

    async with asyncio.TaskGroup() as tasks:
        for ask in askers:
            tasks.create_task(ask_on(ask))
    way.note(spent, time.perf_counter() - started)


def _tell(figures: Figures, question: Question, callers: int, ways: dict[str, Way], service: Service) -> None:
    bare = ways.pop("bare")
    server, client = memory_of(service.process), memory_of(psutil.Process())
    for name, way in ways.items():
        what = f"{question.name}: {name}, {callers} caller{'s' if callers > 1 else ''}"
        aim = AIMS[name] if question.name == "look-up" else ""
        figures.add(what, "asks/s", Side(way.rates, server), Side(bare.rates, client), aim)
        for one in PERCENTILES:
            slowest = "≤ 15 ms" if aim and one == 95 and callers == 1 else ""
            figures.add(f"  p{one}", "ms", Side(way.percentiles[one]), Side(bare.percentiles[one]), slowest)


if __name__ == "__main__":
    perform("serve", serve, serve_large)
