"""Peers beside Onefold on the same sets, one after the other: accuracy, seconds, peak memory.

python -m benchmarks.peers FOLDER [--set fake_1000 …] [--peer splink …] [--limit 600]

Each peer runs in an environment of its own, which is made on the first run under `--environments`. It is given the
table that Onefold's cleaning makes (`tables.py`). Seconds are of the whole process with its start, memory is that of
the process with its children. The figures go to `benchmarks/results/peers.json`.
"""

import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.accuracy import sets
from benchmarks.clusterings import average
from benchmarks.figures import machine, memory_of
from benchmarks.peers import tables
from benchmarks.stage import RESULTS, ROOT
from resolution.evaluate import evaluate

SETS = ("fake_1000", "senzing_truthset", "cdp_sample", "historical_50k")
EVEN = 0.0
"""Bits of p = 0.5, where average linkage stops."""


@dataclass(frozen=True)
class Peer:
    """A tool: what is installed for it, and the script beside this file that runs it."""

    name: str
    script: str
    packages: tuple[str, ...]
    labels: int = 0


PEERS = (
    Peer("splink", "splink_alone.py", ("splink==5.0.0", "duckdb==2.0.0")),
    Peer("goldenmatch", "goldenmatch_alone.py", ("goldenmatch==3.22.0",)),
    Peer("dedupe", "dedupe_taught.py", ("dedupe==3.0.3", "BTrees<6.1"), 100),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one tool on one set; `failure` says why there are no figures."""

    data: str
    tool: str
    labels: int
    seconds: float
    memory_mb: float
    figures: Mapping[str, float] | None = None
    failure: str | None = None

    def line(self) -> str:
        """The outcome as a line of the table."""
        head = f"{self.data:<18}{self.tool:<28}"
        tail = f"{self.seconds:8.1f}{self.memory_mb:8.0f}"
        if self.figures is None:
            return f"{head}{self.failure:<56}{tail}"
        values = [self.figures[name] for name in ("precision", "recall", "f1", "bcubed_f1")]
        sizes = f"{self.figures['largest']:.0f}/{self.figures['largest_true']:.0f}"
        return head + "".join(f"{value:10.3f}" for value in values) + f"{sizes:>16}" + tail


HEAD = (
    f"{'set':<18}{'tool':<28}{'pair P':>10}{'R':>10}{'F1':>10}{'B3 F1':>10}{'largest':>16}{'s':>8}{'MB':>8}"
)


def interpreter(peer: Peer, folder: Path) -> Path:
    """The interpreter of the peer's own environment, which is made when it is not there."""
    home = folder / peer.packages[0].replace("==", "-")
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *peer.packages], check=True)
        (home / "complete").touch()
    return python


def run(command: Sequence[str | Path], limit: float, log: Path) -> tuple[int | None, float, float]:
    """Exit code (None when stopped at the limit), seconds and peak memory (MB) of a command with its children."""
    started, memory = time.perf_counter(), 0.0
    with log.open("w") as output:
        child = psutil.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    while child.poll() is None:
        memory = max(memory, memory_of(child))
        if time.perf_counter() - started > limit:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return None, limit, memory
        time.sleep(0.1)
    return child.returncode, time.perf_counter() - started, memory


class Contest:
    """One labelled set, and what the tools make of it in a folder of their own."""

    def __init__(self, name: str, data: Path, folder: Path, limit: float) -> None:
        self.name, self.data, self.folder, self.limit = name, data, folder, limit
        ((_, rows, self.truth),) = sets(data, [name])
        tables.write(folder / "people.csv", tables.flat(rows))
        people = [{"id": key, "person": person} for key, person in self.truth.items()]
        tables.write(folder / "truth.csv", people)

    def onefold(self) -> Outcome:
        """Onefold itself, also in a process of its own."""
        clusters = self.folder / "onefold.csv"
        module = "benchmarks.peers.onefold_itself"
        command = [sys.executable, "-m", module, self.data, self.name, clusters]
        return self._judged("onefold", 0, command, clusters)

    def peer(self, peer: Peer, environments: Path) -> list[Outcome]:
        """The peer as it comes, and average linkage over its edges where it gives them."""
        clusters, edges = self.folder / f"{peer.name}.csv", self.folder / "edges.csv"
        third = self.folder / "truth.csv" if peer.labels else edges
        edges.unlink(missing_ok=True)
        script = Path(__file__).parent / peer.script
        command = [interpreter(peer, environments), script, self.folder / "people.csv", clusters, third]
        outcomes = [self._judged(peer.name, peer.labels, command, clusters)]
        if edges.exists() and outcomes[0].figures:
            outcomes.append(self._linked(outcomes[0], edges))
        return outcomes

    def _judged(self, tool: str, labels: int, command: Sequence[str | Path], clusters: Path) -> Outcome:
        log = self.folder / f"{tool}.log"
        code, seconds, memory = run(command, self.limit, log)
        if code != 0 or not clusters.exists():
            last = (log.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
            failure = f"not done in {self.limit:.0f} s" if code is None else f"exit {code}: {last[:40]}"
            return Outcome(self.name, tool, labels, seconds, memory, failure=failure)
        return Outcome(
            self.name, tool, labels, seconds, memory, self._figures(tables.read_clusters(clusters))
        )

    def _linked(self, plain: Outcome, edges: Path) -> Outcome:
        """Average linkage at p >= 0.5 over the same edges."""
        started = time.perf_counter()
        with edges.open(encoding="utf-8", newline="") as file:
            weights = {
                (min(row["l"], row["r"]), max(row["l"], row["r"])): float(row["weight"])
                for row in csv.DictReader(file)
            }
        memberships = average(sorted(self.truth), weights, EVEN)
        seconds = plain.seconds + time.perf_counter() - started
        name = f"{plain.tool}, average linkage"
        return Outcome(self.name, name, plain.labels, seconds, plain.memory_mb, self._figures(memberships))

    def _figures(self, memberships: Mapping[str, str]) -> dict[str, float]:
        found = evaluate(self.truth, memberships)
        return {
            "precision": found.pairwise.precision,
            "recall": found.pairwise.recall,
            "f1": found.pairwise.f1,
            "bcubed_f1": found.bcubed.f1,
            "largest": found.largest,
            "largest_true": found.largest_true,
        }


def main() -> None:
    """Print one line per tool and set, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the folder of the labelled sets")
    parser.add_argument("--set", action="append", choices=SETS, help="all, if none is named")
    parser.add_argument("--peer", action="append", choices=[peer.name for peer in PEERS])
    parser.add_argument("--limit", type=float, default=600, help="seconds for one tool on one set")
    parser.add_argument("--environments", type=Path, default=Path.home() / ".cache" / "onefold-peers")
    options = parser.parse_args()
    print(f"{HEAD}\n{'-' * len(HEAD)}", flush=True)
    outcomes: list[Outcome] = []
    for name in options.set or SETS:
        with tempfile.TemporaryDirectory(prefix="onefold-peers-") as folder:
            contest = Contest(name, options.folder.resolve(), Path(folder), options.limit)
            found = [contest.onefold()]
            print(found[0].line(), flush=True)
            for peer in PEERS:
                if not options.peer or peer.name in options.peer:
                    more = contest.peer(peer, options.environments.resolve())
                    print("\n".join(one.line() for one in more), flush=True)
                    found += more
            outcomes += found
    save(RESULTS / "peers.json", outcomes)


def save(file: Path, outcomes: Sequence[Outcome]) -> None:
    """Keep the outcomes, in place of earlier ones of the same tool and set; the others stay."""
    file.parent.mkdir(exist_ok=True)
    known = json.loads(file.read_text(encoding="utf-8"))["outcomes"] if file.exists() else []
    found = {(one["data"], one["tool"]): one for one in (*known, *map(asdict, outcomes))}
    ordered = sorted(found.values(), key=lambda one: SETS.index(one["data"]))
    document = {"machine": machine(), "outcomes": ordered}
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
