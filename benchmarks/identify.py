"""`identify` record by record as the graph grows: where the time goes, beside a bare driver's write and read.

python -m benchmarks.identify --data-dir DIR [--quick]
"""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import mean, quantiles
from tempfile import TemporaryDirectory
from typing import LiteralString

from benchmarks.figures import Figures, Side
from benchmarks.households import household_files
from benchmarks.stage import Stage, perform
from graph.facts import SourceRecord
from graph.records import _properties, write_records
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from loaders.rows import Row, UnusableRowError
from resolution.intake import STEPS, Intake
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

SETTINGS = ResolutionSettings()
PEOPLE, SIZES, ASKED = 44_000, (10_000, 50_000, 100_000), 400
QUICK_PEOPLE, QUICK_SIZES, QUICK_ASKED = 2_500, (2_000, 5_000), 60
CALLERS = 8
BATCH = 2000


async def identify(stage: Stage, figures: Figures, quick: bool) -> None:
    """Grow the graph in steps; at each, identify records of people of whom it holds others."""
    people, sizes, asked = (QUICK_PEOPLE, QUICK_SIZES, QUICK_ASKED) if quick else (PEOPLE, SIZES, ASKED)
    with TemporaryDirectory() as folder:
        facts = _facts(Path(folder), people, stage.graph.salt)
    random.Random(71).shuffle(facts)
    held = 0
    for size in sizes:
        await _grow(stage, facts[held : size - asked])
        chosen, held = facts[size - asked : size], size
        alone, together = chosen[: asked // 2], chosen[asked // 2 :]
        await _one_by_one(stage, figures, alone, f"identify: {size:,} records")
        await _at_once(stage, figures, together)


def _facts(folder: Path, people: int, salt: bytes) -> list[SourceRecord]:
    records, mapping = household_files(folder, people, seed=71)
    mapper = RowMapper(read_mapping(mapping), salt)
    facts: list[SourceRecord] = []
    for row in open_rows(records).rows:
        with suppress(UnusableRowError):
            if isinstance(row, Row) and (record := mapper.facts(row).record):
                facts.append(record)
    return facts


async def _grow(stage: Stage, facts: Sequence[SourceRecord]) -> None:
    for start in range(0, len(facts), BATCH):
        await write_records(stage.graph, facts[start : start + BATCH])
    await resolve(stage.graph, SETTINGS)


async def _one_by_one(stage: Stage, figures: Figures, facts: Sequence[SourceRecord], what: str) -> None:
    """Each record alone, with the bare driver's turn before it."""
    intake = Intake(stage.graph, SETTINGS)
    for fact in facts[:20]:
        await intake.identify(fact)
    before = intake.clock.seconds(*STEPS)
    ours: list[float] = []
    bare: list[float] = []
    for fact in facts[20:]:
        bare.append(await _timed(_bare(stage, fact, facts[0].key)))
        ours.append(await _timed(intake.identify(fact)))
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        sides = Side([_quantile(ours, share)]), Side([_quantile(bare, share)])
        figures.add(f"{what}: {name}", "ms", *sides, "≤ 25 ms" if name == "p95" else "")
    for step, seconds in intake.clock.seconds(*STEPS).items():
        if step in before and step != "total":
            figures.add(f"  {step}", "ms", Side([(seconds - before[step]) * 1000 / len(ours)]))


async def _at_once(stage: Stage, figures: Figures, facts: Sequence[SourceRecord]) -> None:
    """Several callers, each with its share of the records."""
    intake = Intake(stage.graph, SETTINGS)
    taken: list[float] = []

    async def call(mine: Sequence[SourceRecord]) -> None:
        taken.extend([await _timed(intake.identify(fact)) for fact in mine])

    seconds = await _timed(asyncio.gather(*(call(facts[one::CALLERS]) for one in range(CALLERS)))) / 1000
    figures.add(f"  {CALLERS} callers", "records/s", Side([len(facts) / seconds]))
    figures.add(f"  {CALLERS} callers: mean", "ms", Side([mean(taken)]))


async def _timed(work: "asyncio.Future[object] | object") -> float:
    began = time.perf_counter()
    await work  # type: ignore[misc]
    return (time.perf_counter() - began) * 1000


def _quantile(values: Sequence[float], share: float) -> float:
    return quantiles(values, n=20, method="inclusive")[round(share * 20) - 1]


_WRITE: LiteralString = "CREATE (b:Bare) SET b = $row"
_READ: LiteralString = "MATCH (r:SourceRecord {key: $key}) RETURN r {.*} AS record"


async def _bare(stage: Stage, fact: SourceRecord, known: str) -> None:
    """The least that anybody has to do: write one node, read one."""
    async with stage.driver.session() as session:
        await (await session.run(_WRITE, row=_properties(fact))).consume()
        await (await session.run(_READ, key=known)).consume()


if __name__ == "__main__":
    perform("identify", identify)
