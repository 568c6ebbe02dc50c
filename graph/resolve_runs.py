"""Keeps what each resolve did to profiles: sums, no ids and no values; the latest `KEPT` of them."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import uuid4

from graph.transactions import Graph

KEPT = 500


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class ResolveRun:
    """One resolve that came to its end: when it began (UTC), how long it took, what set it off ("" is pending records),
    the model's version, how many records it looked at, and what became of profiles and records.

    `merged` were retired into others, `retired` left nobody behind; `moved` records changed their profile id, which
    are `moved_share` of those that had one.
    """

    started_at: datetime
    seconds: float
    cause: str
    model: str
    touched: int
    created: int
    merged: int
    split: int
    retired: int
    moved: int
    moved_share: float
    id: str = field(default_factory=_new_id, compare=False)


_KEEP: LiteralString = """
MERGE (run:ResolveRun {id: $run.id}) ON CREATE SET run = $run
WITH run
MATCH (old:ResolveRun) WHERE old.started_at <= run.started_at AND old.id <> run.id
WITH old ORDER BY old.started_at DESC SKIP $others
DELETE old
"""


async def keep_run(graph: Graph, run: ResolveRun) -> None:
    """Keep a run, and let go of the oldest."""
    await graph.write(_KEEP, run=asdict(run), others=KEPT - 1)


_LATEST: LiteralString = """
MATCH (run:ResolveRun) WHERE run.started_at IS NOT NULL
RETURN run {.*} AS run ORDER BY run.started_at DESC, run.id LIMIT $most
"""


async def latest_runs(graph: Graph, most: int) -> list[ResolveRun]:
    """The latest runs, the last one first."""
    return [ResolveRun(**row["run"]) for row in await graph.read(_LATEST, most=most)]
