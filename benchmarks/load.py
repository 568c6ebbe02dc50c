"""Loading against a bare `UNWIND … MERGE` of the rows it writes: records with identifiers, and touchpoints.

python -m benchmarks.load --data-dir DIR [--quick]
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from benchmarks.copies import copy_of_records, copy_of_touchpoints
from benchmarks.figures import Figures, Side, Taken, taking
from benchmarks.households import household_files
from benchmarks.stage import BATCH, EXAMPLES, Portion, Stage, perform
from graph.batches import batches
from loaders.batches import Entry, write_batch
from loaders.facts import RowMapper
from loaders.load import load_file
from loaders.mapping import Mapping, read_mapping
from loaders.reading import open_rows

AIM = "≥ 0.70"


async def load(stage: Stage, figures: Figures, quick: bool) -> None:
    """Records of households, then the events of the example."""
    rounds = 2 if quick else 5
    with TemporaryDirectory() as folder:
        records, mapping = household_files(Path(folder), 800 if quick else 4000, seed=71)
        await _compare(stage, figures, "records", records, read_mapping(mapping), rounds)
        events = Path(folder) / "events.parquet"
        table = pq.read_table(EXAMPLES / "cdp_sample" / "events.parquet")
        pq.write_table(table.slice(0, 8_000) if quick else table, events)
        mapped = read_mapping(EXAMPLES / "cdp_sample_events.toml")
        await _compare(stage, figures, "touchpoints", events, mapped, rounds)


async def _compare(
    stage: Stage, figures: Figures, what: str, file: Path, mapping: Mapping, rounds: int
) -> None:
    """Ours and bare in turn, each into an emptied graph, after one round that warms the server up."""
    report = await load_file(stage.graph, file, mapping)
    copy = await (copy_of_touchpoints if what == "touchpoints" else copy_of_records)(stage.graph)
    await _bare(stage, copy)
    ours, bare = [], []
    for _ in range(rounds):
        await stage.empty()
        with taking() as taken:
            await load_file(stage.graph, file, mapping)
        ours.append(taken)
        bare.append(await _bare(stage, copy))
    figures.add(
        f"load: {what}", "rows/s", Side.rates(report.lines, ours), Side.rates(report.lines, bare), AIM
    )
    for step, seconds in (await _steps(stage, file, mapping)).items():
        figures.add(f"  where it goes: {step}", "s", Side([seconds]))


async def _bare(stage: Stage, copy: Sequence[Portion]) -> Taken:
    await stage.empty()
    with taking() as taken:
        await stage.bare_write(copy)
    return taken


async def _steps(stage: Stage, file: Path, mapping: Mapping) -> dict[str, float]:
    """Seconds of each step on its own, one after the other; a load overlaps the first two with the third."""
    with taking() as reading:
        rows = list(await asyncio.to_thread(lambda: list(open_rows(file).rows)))
    mapper = RowMapper(mapping, stage.graph.salt)
    with taking() as cleaning:
        entries = [Entry(row.line, "", mapper.facts(row), file.name) for row in rows]
    await stage.empty()
    at = datetime.now(UTC)
    with taking() as writing:
        for batch in batches(entries, BATCH):
            await write_batch(stage.graph, batch, at)
    return {"read": reading.seconds, "clean": cleaning.seconds, "write": writing.seconds}


if __name__ == "__main__":
    perform("load", load)
