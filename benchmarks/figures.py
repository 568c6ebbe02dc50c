"""Figures as ratios to the bare engine of the same run, with the peak memory and the load of the machine beside."""

import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

HEAD = f"{'what':<46}{'ours':>10}{'bare':>10} {'unit':<9}{'ratio':>7} {'aim':<9}{'MB':>6}{'bare MB':>9}{'load':>6}"
_PARTS = ("neo4j", "splink", "duckdb", "strawberry-graphql", "fastapi", "uvicorn")


@dataclass
class Taken:
    """What one timed run took: seconds, and the most memory (MB) of this process with its children."""

    seconds: float = 0.0
    memory: float = 0.0


@dataclass(frozen=True)
class Figure:
    """One line of the table: medians, and the median of the ratios of runs that were made side by side."""

    section: str
    what: str
    unit: str
    ours: float
    bare: float | None
    ratio: float | None
    aim: str
    memory: float | None
    bare_memory: float | None
    load: float

    def line(self) -> str:
        """The figure as a line of the table."""
        bare, ratio, memory, other = (
            "" if one is None else f"{one:,.{digits}f}"
            for one, digits in ((self.bare, self._digits), (self.ratio, 2), (self.memory, 0), (self.bare_memory, 0))
        )  # fmt: skip
        return (
            f"{self.what:<46}{self.ours:>10,.{self._digits}f}{bare:>10} {self.unit:<9}"
            f"{ratio:>7} {self.aim:<9}{memory:>6}{other:>9}{self.load:>6.1f}"
        )

    @property
    def _digits(self) -> int:
        return 0 if self.unit.endswith("/s") else 2


@dataclass(frozen=True)
class Side:
    """What one side of a comparison did: one value a round, and its peak memory (MB)."""

    values: Sequence[float]
    memory: float | None = None

    @staticmethod
    def seconds(runs: "Sequence[Taken]") -> "Side":
        """The seconds of timed runs."""
        return Side([one.seconds for one in runs], max(one.memory for one in runs))

    @staticmethod
    def rates(amount: float, runs: "Sequence[Taken]") -> "Side":
        """How much of `amount` a second timed runs did."""
        return Side([amount / one.seconds for one in runs], max(one.memory for one in runs))


class Figures:
    """The figures of one section, printed as they come."""

    def __init__(self, section: str) -> None:
        self.section = section
        self.found: list[Figure] = []

    def add(self, what: str, unit: str, ours: Side, bare: Side | None = None, aim: str = "") -> None:
        """Add a figure; the rounds of both sides were made in turn."""
        ratios = [mine / other for mine, other in zip(ours.values, bare.values, strict=True)] if bare else []
        figure = Figure(
            section=self.section,
            what=what,
            unit=unit,
            ours=statistics.median(ours.values),
            bare=statistics.median(bare.values) if bare else None,
            ratio=statistics.median(ratios) if ratios else None,
            aim=aim,
            memory=ours.memory,
            bare_memory=bare.memory if bare else None,
            load=os.getloadavg()[0],
        )
        self.found.append(figure)
        print(figure.line(), flush=True)

    def save(self, folder: Path, server: float) -> None:
        """Write the figures and the machine they are of to `<section>.json`; `server` is the graph server's MB."""
        folder.mkdir(exist_ok=True)
        print(f"  graph server after {self.section}: {server:,.0f} MB", flush=True)
        figures = [asdict(figure) for figure in self.found]
        document = {"machine": machine(), "graph_server_mb": server, "figures": figures}
        (folder / f"{self.section}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What a figure depends on besides the code."""
    return {
        "processors": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total >> 20,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
        "parts": {name: version(name) for name in _PARTS},
    }


@contextmanager
def taking() -> Generator[Taken]:
    """Time the body and watch the memory of this process and its children."""
    taken, ended = Taken(), threading.Event()
    watch = threading.Thread(target=_watch, args=(taken, ended), daemon=True)
    watch.start()
    started = time.perf_counter()
    try:
        yield taken
    finally:
        taken.seconds = time.perf_counter() - started
        ended.set()
        watch.join()


def _watch(taken: Taken, ended: threading.Event) -> None:
    process = psutil.Process()
    while True:
        taken.memory = max(taken.memory, memory_of(process))
        if ended.wait(0.2):
            return


def memory_of(process: psutil.Process) -> float:
    """Resident memory of a process with its children, in MB."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss
    return total / 2**20
