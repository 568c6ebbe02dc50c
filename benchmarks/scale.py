"""Matching at scale without the graph: seconds and peak memory of each step, beside bare Splink on the same table.

python -m benchmarks.scale --people 100000 [--folder DIR] [--without-bare]

The people live in towns of 100,000, each a universe of households with a seed of its own. Every step runs in a
process of its own, so that its memory is its own; files in the folder carry over from one to the next.
"""

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.accuracy import SALT, stored
from benchmarks.stage import ROOT
from benchmarks.worlds import read_universe
from graph.facts import Identifier
from graph.neighbourhood import Neighbourhood
from resolution.configuration import Configuration
from resolution.evaluate import evaluate
from resolution.features import RecordRow, feature_table
from resolution.model import Model, default_model
from resolution.partition import partition
from resolution.scoring import score_table
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs

TOWN = 100_000
SEED = 900
NUMBERED = ("customer_number", "user_id")
STEPS = ("derive", "fit", "match", "cluster")


def derive(folder: Path, people: int) -> dict[str, object]:
    """Generate and clean the towns: `features-N.parquet` and `rows-N.pickle`."""
    count = 0
    for town, start in enumerate(range(0, people, TOWN)):
        rows, truth = read_universe("households", min(TOWN, people - start), SEED + town)
        own = [_of_town(row, town) for row in rows]
        pq.write_table(feature_table(own), folder / f"features-{town:03}.parquet")
        with (folder / f"rows-{town:03}.pickle").open("wb") as file:
            pickle.dump((own, {f"{town}:{key}": f"{town}:{one}" for key, one in truth.items()}), file)
        count += len(rows)
    return {"records": count}


def _of_town(row: RecordRow, town: int) -> RecordRow:
    """The row as one of its town: towns number their customers alike, which is no evidence between them."""
    identifiers = [
        Identifier(one.kind, f"{one.value}-{town}") if one.kind in NUMBERED else one
        for one in row["identifiers"]
    ]
    return {**row, "key": f"{town}:{row['key']}", "identifiers": identifiers}


def fit(folder: Path, _: int) -> dict[str, object]:
    """Fit the model: `model.json`."""
    model = fit_to_data(_features(folder), default_model())
    (folder / "model.json").write_text(model.to_json(), encoding="utf-8")
    return {"match": model.match, "block_limit": model.block_limit}


def match(folder: Path, _: int) -> dict[str, object]:
    """Find and weigh the candidates: `edges.parquet`."""
    table = _features(folder)
    shared = identifier_pairs(table, ResolutionSettings().limits.contact_holders)
    edges = score_table(table, _model(folder), None, shared)
    pq.write_table(edges, folder / "edges.parquet")
    return {"edges": edges.num_rows}


def cluster(folder: Path, _: int) -> dict[str, object]:
    """Decide who is one person, and how well."""
    model, records, truth = _model(folder), {}, {}
    for rows, people in _towns(folder):
        records |= {row["key"]: stored(row) for row in rows}
        truth |= people
    edges = pq.read_table(folder / "edges.parquet", columns=["key_l", "key_r", "weight"])
    columns = (edges.column(name).to_pylist() for name in ("key_l", "key_r", "weight"))
    weights = {(left, right): weight for left, right, weight in zip(*columns, strict=True)}
    configuration = Configuration(
        model.version, model.match, SALT, ResolutionSettings(), contradiction=model.contradiction
    )
    started = time.perf_counter()
    found = partition(Neighbourhood(records, weights), records, configuration)
    seconds = time.perf_counter() - started
    accuracy = evaluate(truth, {key: members[0] for members in found.clusters for key in members})
    return {"of it clustering": round(seconds, 1), **asdict(accuracy)}


def _towns(folder: Path) -> Iterator[tuple[list[RecordRow], dict[str, str]]]:
    for path in sorted(folder.glob("rows-*.pickle")):
        with path.open("rb") as file:
            yield pickle.load(file)


def _features(folder: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(path) for path in sorted(folder.glob("features-*.parquet")))


def _model(folder: Path) -> Model:
    return Model.from_json((folder / "model.json").read_text("utf-8"))


def bare(folder: Path) -> str:
    """Bare Splink's own account of the same table."""
    pq.write_table(_features(folder), folder / "features.parquet")
    command = [sys.executable, "-m", "benchmarks.bare_splink", "features.parquet", "model.json"]
    paths = [str(folder / name) if name.endswith(("parquet", "json")) else name for name in command]
    done = subprocess.run(paths, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or f"failed:\n{done.stderr[-2000:]}"


def main() -> None:
    """Run the steps, or the one that a child process is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--people", type=int, default=TOWN)
    parser.add_argument("--folder", type=Path, help="keeps the files")
    parser.add_argument("--without-bare", action="store_true")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        started = time.perf_counter()
        answer = {"derive": derive, "fit": fit, "match": match, "cluster": cluster}[options.step](
            options.folder, options.people
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"seconds": round(time.perf_counter() - started, 1), "memory": memory, **answer}))
        return
    folder = options.folder or Path(tempfile.mkdtemp(prefix="onefold-scale-"))
    folder.mkdir(parents=True, exist_ok=True)
    for step in STEPS:
        command = [sys.executable, "-m", "benchmarks.scale", "--step", step, "--folder", str(folder)]
        done = subprocess.run(
            [*command, "--people", str(options.people)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        print(f"{step:<9}{done.stdout.strip() or done.stderr[-2000:]}", flush=True)
    if not options.without_bare:
        print(f"{'bare':<9}{bare(folder)}", flush=True)


if __name__ == "__main__":
    main()
