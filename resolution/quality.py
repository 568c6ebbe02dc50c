"""Measures the quality of identities in one pass over all profiles, and keeps it as the snapshot of the day."""

import tempfile
from collections import Counter
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
from graph.vocabulary import RecordKind, Verdict
from graph.whole_clusters import WholeCluster, stream_whole_clusters
from resolution.alarms import Alarm, Alarms
from resolution.labels import labels_of
from resolution.look_alike_profiles import LookAlikeProfiles
from resolution.matching import record_row
from resolution.model import Model
from resolution.model_card import ModelCard, WeightHistogram, label_agreement, model_card
from resolution.publishing import model_in_force
from resolution.quality_settings import Check, QualitySettings
from resolution.settings import ResolutionSettings
from resolution.source_overlaps import SourceOverlap, SourceOverlaps

DAYS = 30
"""So many days of the ledger a snapshot counts."""

SHOWN = 10
"""So many profiles of each size are named."""

_JUDGEMENTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ClusterSize:
    """How many profiles of people and organisations have so many records, and some of them."""

    records: int
    profiles: int
    profile_ids: tuple[str, ...]


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

    Reads every record once, page by page, and never holds them all: about a minute for a million. Raises GraphError.
    """
    began, moment = monotonic(), at or datetime.now(UTC)
    model = await model_in_force(graph)
    judged = await _judgements(graph)
    folder = graph.settings.data_dir / "quality"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder) as spill:
        pass_over = _Pass(graph, model, judged, Path(spill) / "facts.duckdb")
        try:
            alarms = Alarms(settings, resolution.kinds.exclusive)
            await pass_over.look(alarms)
            apart = await _apart(graph, judged)
            for check in Check:
                if not check.is_over_merge:
                    alarms.add_alike(check, pass_over.look_alikes.groups(check, apart))
        finally:
            pass_over.look_alikes.close()
    snapshot = QualitySnapshot(
        measured_at=moment,
        seconds=round(monotonic() - began, 3),
        record_count=pass_over.records,
        profile_count=pass_over.profiles,
        visitor_count=pass_over.visitors,
        sizes=pass_over.sizes(),
        alarms=alarms.outcome(),
        overlaps=pass_over.overlaps.outcome(),
        changes=tuple(await daily_changes(graph, moment, DAYS)),
        model=await _card(graph, model, pass_over.histogram, judged),
    )
    await keep_snapshot(graph, await _day(graph, snapshot), _SNAPSHOT.dump_json(snapshot).decode())
    return snapshot


class _Pass:
    """What one pass over all profiles adds up."""

    def __init__(
        self, graph: Graph, model: Model | None, judged: Collection[StoredJudgement], file: Path
    ) -> None:
        self._graph = graph
        same = {one.pair for one in judged if one.verdict is Verdict.SAME}
        match, possible = (model.match, model.possible) if model else (0.0, 0.0)
        self.overlaps = SourceOverlaps(match, possible, same)
        self.look_alikes = LookAlikeProfiles(file, graph.salt)
        self.histogram = WeightHistogram()
        self.records = self.profiles = self.visitors = 0
        self._sizes: Counter[int] = Counter()
        self._some: dict[int, list[str]] = {}

    async def look(self, alarms: Alarms) -> None:
        """Look at every profile."""
        async for cluster in stream_whole_clusters(self._graph):
            if cluster.kind is RecordKind.VISITOR:
                self.visitors += 1
            else:
                self._add(cluster)
                alarms.add(cluster)

    def sizes(self) -> tuple[ClusterSize, ...]:
        """The profiles by size, the smallest first."""
        return tuple(
            ClusterSize(size, count, tuple(self._some[size])) for size, count in sorted(self._sizes.items())
        )

    def _add(self, cluster: WholeCluster) -> None:
        size = cluster.record_count
        self.records += size
        self.profiles += 1
        self._sizes[size] += 1
        some = self._some.setdefault(size, [])
        if len(some) < SHOWN:
            some.append(cluster.profile_id)
        self.overlaps.add(cluster)
        self.look_alikes.add(cluster)
        self.histogram.add(cluster)


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
        label_agreement(model, rows, labels_of(known)),
        label_agreement(model, rows, recent),
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
