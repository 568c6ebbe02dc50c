"""Resolving against bare Splink on the same table, and its graph reads and writes against the bare driver's.

python -m benchmarks.resolve --data-dir DIR [--quick]
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.copies import copy_of_beliefs, forget_beliefs
from benchmarks.figures import Figures, Side, Taken, taking
from benchmarks.households import household_files
from benchmarks.stage import EXAMPLES, ROOT, Stage, perform
from graph.neighbourhood import StoredRecord
from graph.stored_records import stream_records
from loaders.load import load_file
from loaders.mapping import read_mapping
from resolution.evidence import whole
from resolution.features import feature_table
from resolution.matching import _uncrowded, record_row
from resolution.model import Model
from resolution.publishing import first_model
from resolution.resolve import resolve as bring_up_to_date
from resolution.settings import ResolutionSettings

SETTINGS = ResolutionSettings()


@dataclass
class Rounds:
    """What every round took, ours and bare."""

    fit: list[float] = field(default_factory=list)
    match: list[float] = field(default_factory=list)
    cluster: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)
    memory: float = 0.0
    read: list[Taken] = field(default_factory=list)
    bare: list[dict[str, Any]] = field(default_factory=list)
    bare_read: list[Taken] = field(default_factory=list)
    bare_write: list[Taken] = field(default_factory=list)


async def resolve(stage: Stage, figures: Figures, quick: bool) -> None:
    """Historical figures, then households."""
    with TemporaryDirectory() as folder:
        historical = Path(folder) / "historical.parquet"
        table = pq.read_table(
            EXAMPLES / "splink_historical_50k" / "historical_figures_with_errors_50k.parquet"
        )
        pq.write_table(table.slice(0, 4_000) if quick else table, historical)
        mapping = EXAMPLES / "splink_historical_50k.toml"
        await _compare(stage, figures, "historical", (historical, mapping), 1)
        files = household_files(Path(folder), 1000 if quick else 5000, seed=71)
        await _compare(stage, figures, "households", files, 1 if quick else 3)


async def _compare(stage: Stage, figures: Figures, what: str, files: tuple[Path, Path], count: int) -> None:
    await stage.empty()
    report = await load_file(stage.graph, files[0], read_mapping(files[1]))
    rounds = Rounds()
    for _ in range(count):
        await _round(stage, rounds)
    _tell(figures, f"{what} ({report.records:,} records)", rounds)


async def _round(stage: Stage, rounds: Rounds) -> None:
    """Ours, then bare, from the same facts; every step from the graph without beliefs."""
    await forget_beliefs(stage.graph)
    records = {record.key: record async for record in stream_records(stage.graph)}
    with taking() as taken:
        model = await first_model(stage.graph, records.values())
    rounds.fit.append(taken.seconds)
    with taking() as taken:
        report = await bring_up_to_date(stage.graph, SETTINGS)
    rounds.memory = max(rounds.memory, taken.memory)
    for name in ("match", "cluster", "write"):
        getattr(rounds, name).append(report.seconds[name])
    copy = await copy_of_beliefs(stage.graph)
    rounds.bare.append(await asyncio.to_thread(bare_splink, _table(records, model), model))
    await forget_beliefs(stage.graph)
    with taking() as taken:
        async for _ in stream_records(stage.graph):
            pass
    rounds.read.append(taken)
    with taking() as taken:
        await stage.bare_read(_RECORDS)
        await stage.bare_read(_IDENTIFIERS)
    rounds.bare_read.append(taken)
    with taking() as taken:
        await stage.bare_write(copy)
    rounds.bare_write.append(taken)


_RECORDS: LiteralString = "MATCH (r:SourceRecord) RETURN r {.*, raw: null, extra: null} AS record"
_IDENTIFIERS: LiteralString = """
MATCH (r:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL
RETURN r.key, i.key, i.kind, i.value, i.state
"""


def _table(records: Mapping[str, StoredRecord], model: Model) -> pa.Table:
    """The feature table that resolve scored: blocks with too many records are blank in it."""
    evidence = whole(records, model.block_limit, SETTINGS.limits, full=True)
    live = [one for _, one in sorted(records.items()) if not one.removed]
    return _uncrowded(feature_table(map(record_row, live)), evidence.crowded)


def bare_splink(table: pa.Table, model: Model) -> dict[str, Any]:
    """Seconds per step and peak memory of bare Splink on the table."""
    with TemporaryDirectory() as folder:
        features, weights = Path(folder) / "features.parquet", Path(folder) / "model.json"
        pq.write_table(table, features)
        weights.write_text(model.to_json(), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.bare_splink", str(features), str(weights)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"bare Splink failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _tell(figures: Figures, what: str, rounds: Rounds) -> None:
    memory = max(one["memory"] for one in rounds.bare)
    bare = {name: [one["seconds"][name] for one in rounds.bare] for name in ("train", "predict", "cluster")}
    matching = _sums(rounds.match, rounds.cluster)
    predicting = _sums(bare["predict"], bare["cluster"])
    figures.add(f"resolve: {what}: match + cluster", "s", Side(matching, rounds.memory), Side(predicting, memory),
                "≤ 1.50")  # fmt: skip
    figures.add("  with fit, against train + predict + cluster", "s", Side(_sums(rounds.fit, matching)),
                Side(_sums(bare["train"], predicting)))  # fmt: skip
    figures.add("  match, against predict", "s", Side(rounds.match), Side(bare["predict"]))
    figures.add("  cluster, against cluster", "s", Side(rounds.cluster), Side(bare["cluster"]))
    figures.add(
        "  graph read, against the driver", "s", Side.seconds(rounds.read), Side.seconds(rounds.bare_read)
    )
    figures.add("  graph write, against the driver", "s", Side(rounds.write), Side.seconds(rounds.bare_write))


def _sums(left: list[float], right: list[float]) -> list[float]:
    return [one + other for one, other in zip(left, right, strict=True)]


if __name__ == "__main__":
    perform("resolve", resolve)
