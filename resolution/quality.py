"""Measures the quality of identities, and keeps it as the snapshot of the day."""

import asyncio
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from pydantic import TypeAdapter, ValidationError

from graph.clusters import read_homes
from graph.identity_changes import DailyChange, daily_changes
from graph.judgements import StoredJudgement, read_judgements
from graph.models import applied_configuration, published_model
from graph.quality import QualityDay, keep_snapshot, latest_snapshot
from graph.stored_records import read_records
from graph.transactions import Graph
from graph.vocabulary import Verdict
from resolution.alarms import Alarm, Alarms
from resolution.labels import agreement, labels_of
from resolution.matching import record_row
from resolution.model import Model
from resolution.model_card import ModelCard, WeightHistogram, model_card
from resolution.publishing import model_in_force
from resolution.quality_pass import ClusterSize, QualityPass
from resolution.quality_settings import QualitySettings
from resolution.settings import ResolutionSettings
from resolution.source_overlaps import SourceOverlap, SourceOverlaps

DAYS = 30
"""So many days of the ledger a snapshot counts."""

_JUDGEMENTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class QualitySnapshot:
    """The quality of identities at `measured_at` (UTC), which took `seconds` to measure.

    Records and profiles are those of people and organisations; there is no model before the first resolve.
    """

    measured_at: datetime
    seconds: float
    record_count: int
    profile_count: int
    visitor_count: int
    sizes: tuple[ClusterSize, ...]
    alarms: tuple[Alarm, ...]
    overlaps: tuple[SourceOverlap, ...]
    changes: tuple[DailyChange, ...]
    model: ModelCard | None


_SNAPSHOT: TypeAdapter[QualitySnapshot] = TypeAdapter(QualitySnapshot)


async def latest_quality(graph: Graph) -> QualitySnapshot | None:
    """The snapshot that was taken last; None before there is one that this version can read."""
    text = await latest_snapshot(graph)
    try:
        return None if text is None else _SNAPSHOT.validate_json(text)
    except ValidationError:
        return None


async def measure_quality(
    graph: Graph,
    resolution: ResolutionSettings,
    settings: QualitySettings,
    at: datetime | None = None,
) -> QualitySnapshot:
    """Measure, keep the snapshot under its day (`at`, UTC, default now) and answer it.

    Reads every record once, page by page, and never holds them all: minutes for millions. Raises GraphError.
    """
    began, moment = monotonic(), at or datetime.now(UTC)
    model = await model_in_force(graph)
    judged = await _judgements(graph)
    folder = graph.settings.data_dir / "quality"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder) as spill:
        alarms = Alarms(settings, resolution.kinds.exclusive)
        looked = QualityPass(alarms, _overlaps(model, judged), Path(spill) / "facts.duckdb", graph.salt)
        try:
            await looked.look(graph)
            await looked.compare(await _apart(graph, judged))
        finally:
            looked.close()
    snapshot = QualitySnapshot(
        measured_at=moment,
        seconds=round(monotonic() - began, 3),
        record_count=looked.records,
        profile_count=looked.profiles,
        visitor_count=looked.visitors,
        sizes=looked.sizes(),
        alarms=alarms.outcome(),
        overlaps=looked.overlaps.outcome(),
        changes=tuple(await daily_changes(graph, moment, DAYS)),
        model=await _card(graph, model, looked.histogram, judged),
    )
    await keep_snapshot(graph, await _day(graph, snapshot), _SNAPSHOT.dump_json(snapshot).decode())
    return snapshot


def _overlaps(model: Model | None, judged: Collection[StoredJudgement]) -> SourceOverlaps:
    match, possible = (model.match, model.possible) if model else (0.0, 0.0)
    return SourceOverlaps(match, possible, {one.pair for one in judged if one.verdict is Verdict.SAME})


async def _judgements(graph: Graph) -> list[StoredJudgement]:
    found: list[StoredJudgement] = []
    while page := await read_judgements(
        graph, None, size=_JUDGEMENTS_AT_ONCE, after=found[-1].id if found else ""
    ):
        found += page
    return found


async def _apart(graph: Graph, judged: Collection[StoredJudgement]) -> set[tuple[str, str]]:
    """The pairs of profiles with records that were judged different, smaller id first."""
    pairs = [one.pair for one in judged if one.verdict is Verdict.DIFFERENT]
    homes = await read_homes(graph, [key for pair in pairs for key in pair]) if pairs else {}
    found = ((homes[left], homes[right]) for left, right in pairs if left in homes and right in homes)
    return {(min(pair), max(pair)) for pair in found}


async def _card(
    graph: Graph, model: Model | None, histogram: WeightHistogram, judged: Collection[StoredJudgement]
) -> ModelCard | None:
    published = await published_model(graph)
    if model is None or published is None:
        return None
    records = await read_records(graph, {key for one in judged for key in one.pair})
    rows = [record_row(one) for one in records.values() if not one.removed]
    keys = {row["key"] for row in rows}
    known = [one for one in judged if keys.issuperset(one.pair)]
    recent = labels_of(one for one in known if one.at > published.published_at)
    return model_card(
        published,
        model,
        histogram,
        await asyncio.to_thread(agreement, model, rows, labels_of(known)),
        await asyncio.to_thread(agreement, model, rows, recent),
    )


async def _day(graph: Graph, snapshot: QualitySnapshot) -> QualityDay:
    return QualityDay(
        measured_at=snapshot.measured_at,
        record_count=snapshot.record_count,
        profile_count=snapshot.profile_count,
        visitor_count=snapshot.visitor_count,
        model=snapshot.model.version if snapshot.model else None,
        configuration=await applied_configuration(graph),
        checks=tuple(one.check.value for one in snapshot.alarms),
        concerned=tuple(one.concerned for one in snapshot.alarms),
        alarms=tuple(one.is_alarm for one in snapshot.alarms),
    )
