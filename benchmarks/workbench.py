"""How soon a page of the workbench can be read in a browser.

python -m benchmarks.workbench --data-dir DIR [--quick]

On the data of `onefold demo`, and one profile of 500 records with an e-mail address each: a graph of 1,000 nodes. Wants
Chromium and Node 20; playwright-core is installed as the tests have it locked.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from api.demonstration import demonstrate
from api.keys import issue_key
from benchmarks.figures import Figures, Side, memory_of
from benchmarks.loopback import Loopback
from benchmarks.serve import serving
from benchmarks.stage import ROOT, Stage, perform
from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.memberships import stream_memberships
from graph.progress import silent
from graph.records import write_records
from graph.vocabulary import RecordKind, Role, Verdict
from resolution.judging import JudgedPair, judge_pairs
from resolution.proposals import judgement
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

RECORDS = 500
SCRIPT = Path(__file__).with_suffix(".mjs")
LOCK = ROOT / "tests" / "clients" / "package-lock.json"


@dataclass(frozen=True)
class Place:
    """A page: its path, and what has to be drawn before it can be read."""

    name: str
    path: str
    drawn: str = ""


async def workbench(stage: Stage, figures: Figures, quick: bool) -> None:
    """Every page, in turn."""
    await demonstrate(stage.graph, silent)
    places = await _places(stage)
    key, _ = await issue_key(stage.graph, Role.STEWARD)
    rounds = 3 if quick else 10
    async with serving(stage) as (address, process):
        await _settled(address, key)
        taken = await asyncio.to_thread(_opened, address, key, rounds + 1, places)
        for place, milliseconds in zip(places, taken, strict=True):
            aim = "≤ 2000" if place.drawn else "≤ 1000"
            figures.add(place.name, "ms", Side(milliseconds[1:], memory_of(process)), aim=aim)
            figures.add(f"{place.name}, first time", "ms", Side(milliseconds[:1]), aim=aim)


async def _places(stage: Stage) -> list[Place]:
    """The pages: of somebody with many records, of a pair of them, and those about everybody."""
    large = await large_profile(stage.graph)
    homes: dict[str, list[str]] = {}
    async for row in stream_memberships(stage.graph):
        homes.setdefault(row["profile_id"], []).append(f"{row['source']}:{row['record_id']}")
    somebody, keys = max((one for one in homes.items() if one[0] != large), key=lambda one: len(one[1]))
    left, right = (quote(key, safe="") for key in sorted(keys)[:2])
    return [
        Place("search", "/"),
        Place(f"person of {len(keys)} records", f"/people/{somebody}"),
        Place(f"person of {RECORDS} records", f"/people/{large}"),
        Place("two records", f"/pairs?left={left}&right={right}"),
        Place("reviews", "/reviews"),
        Place("decisions", "/decisions"),
        Place("quality", "/quality"),
        Place(f"cluster of {len(keys)} records", f"/people/{somebody}/graph", "#graph[data-drawn]"),
        Place(f"cluster of {2 * RECORDS:,} nodes", f"/people/{large}/graph", "#graph[data-drawn]"),
    ]


async def large_profile(graph: Graph) -> str:
    """The id of a new profile of `RECORDS` records that were judged the same."""
    keys = [f"benchmark:{number}" for number in range(RECORDS)]
    records = [
        SourceRecord(
            "benchmark", str(number), RecordKind.PERSON, {"given_name": "Ada", "surname": f"Name{number}"},
            (Identifier("email", f"ada{number}@example.org"),), content_hash=str(number),
        )
        for number in range(RECORDS)
    ]  # fmt: skip
    await write_records(graph, records, datetime.now(UTC))
    pairs = [
        JudgedPair(number, judgement(keys[(number - 1) // 3], keys[number], Verdict.SAME), "")
        for number in range(1, RECORDS)
    ]
    await judge_pairs(graph, pairs, "benchmark", "one person")
    await resolve(graph, ResolutionSettings())
    found = [row async for row in stream_memberships(graph) if row["source"] == "benchmark"]
    assert len({row["profile_id"] for row in found}) == 1
    return str(found[0]["profile_id"])


async def _settled(address: str, key: str) -> None:
    """Wait until the service has measured the data, which it begins with."""
    asking = await Loopback.connect(address, key)
    started = time.monotonic()
    body = json.dumps({"query": "{ quality { measuredAt } }"}).encode()
    while time.monotonic() - started < 60:
        answer: dict[str, Any] = json.loads(await asking.post("/graphql", body))
        if answer["data"]["quality"]:
            return
        await asyncio.sleep(1)


def _opened(address: str, key: str, rounds: int, places: Sequence[Place]) -> list[list[float]]:
    """Milliseconds of each round by place; the first round, in which the browser has no assets yet, is among them."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is not installed"
    with tempfile.TemporaryDirectory() as folder:
        for file in (LOCK, LOCK.with_name("package.json"), SCRIPT):
            shutil.copy(file, folder)
        install = ["npm", "install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=240)
        paths = [f"{one.path}>{one.drawn}" if one.drawn else one.path for one in places]
        command = ["node", SCRIPT.name, program, address, key, str(rounds), *paths]
        said = subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)
    taken: list[list[float]] = json.loads(said.stdout)
    return taken


if __name__ == "__main__":
    perform("workbench", workbench)
