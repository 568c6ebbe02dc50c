"""Events acknowledged a second by a running service, beside a bare SQLite that commits each request by itself.

python -m benchmarks.events --data-dir DIR [--quick]
"""

import asyncio
import json
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from api.keys import issue_key
from benchmarks.figures import Figures, Side, memory_of
from benchmarks.loopback import Loopback
from benchmarks.serve import serving
from benchmarks.stage import Stage, perform
from graph.vocabulary import Role
from loaders.journal import read_journal

SHAPES = ((1, 1), (1, 32), (100, 1), (100, 8))
"""Events a request, and callers at once."""


@dataclass
class Sent:
    """What a shape's rounds measured."""

    rates: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)


async def events(stage: Stage, figures: Figures, quick: bool) -> None:
    """Send events in several shapes, then wait until all of them are in the graph."""
    key, _ = await issue_key(stage.graph, Role.INGEST, source="web")
    numbers = count()
    async with serving(stage) as (address, process):
        for together, callers in SHAPES:
            sent = Sent()
            for _ in range(2 if quick else 3):
                requests = max(200, (1_000 if quick else 4_000) // together)
                bodies = [_body(numbers, together) for _ in range(requests)]
                sent.bare.append(len(bodies) * together / await asyncio.to_thread(_bare, bodies))
                await _round(sent, address, key, bodies, callers, together)
            what = f"events: {together} a request, {callers} caller{'s' if callers > 1 else ''}"
            figures.add(what, "events/s", Side(sent.rates, memory_of(process)), Side(sent.bare))
            figures.add("  p50", "ms", Side(sent.middle))
            figures.add("  p95", "ms", Side(sent.slow))
        figures.add("  moved to the graph", "events/s", Side([await _moved(stage)]))


def _body(numbers: Iterator[int], together: int) -> bytes:
    now = datetime.now(UTC).isoformat()
    batch = [
        {
            "type": "track",
            "event": "Product Viewed",
            "messageId": f"b-{number}",
            "anonymousId": f"a-{number // 50}",
            "originalTimestamp": now,
            "context": {"page": {"url": "https://shop.example/p/1", "title": "A product"}, "locale": "en-GB"},
            "properties": {"product_id": str(number % 1000), "price": 12.5},
        }
        for number in (next(numbers) for _ in range(together))
    ]
    return json.dumps({"batch": batch, "sentAt": now}).encode()


def _bare(bodies: list[bytes]) -> float:
    """Seconds that it takes to have each body on disk."""
    with TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE bodies (position INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for body in bodies:
            connection.execute("INSERT INTO bodies VALUES (NULL, ?)", (body,))
        seconds = time.perf_counter() - began
        connection.close()
        return seconds


async def _round(
    sent: Sent, address: str, key: str, bodies: list[bytes], callers: int, together: int
) -> None:
    waiting, spent = iter(bodies), list[float]()

    async def send() -> None:
        connection = await Loopback.connect(address, key)
        for body in waiting:
            began = time.perf_counter()
            await connection.post("/v1/batch", body)
            spent.append((time.perf_counter() - began) * 1000)
        await connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(callers)))
    sent.rates.append(len(bodies) * together / (time.perf_counter() - started))
    sent.middle.append(statistics.median(spent))
    sent.slow.append(statistics.quantiles(spent, n=20)[-1])


async def _moved(stage: Stage, seconds: float = 10.0) -> float:
    """How many events a second the service moves to the graph while none comes."""
    before = _pending(stage)
    began = time.perf_counter()
    for _ in range(round(seconds * 5)):
        await asyncio.sleep(0.2)
        if not _pending(stage):
            break
    return (before - _pending(stage)) / (time.perf_counter() - began)


def _pending(stage: Stage) -> int:
    counts, _ = read_journal(stage.settings.data_dir / "journal")
    return sum(one.pending for one in counts.values())


if __name__ == "__main__":
    perform("events", events)
