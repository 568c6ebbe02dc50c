"""One pass over all profiles: their number by size, the checks, the overlaps of sources and how weights spread."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from graph.transactions import Graph
from graph.vocabulary import RecordKind
from graph.whole_clusters import WholeCluster, stream_whole_clusters
from resolution.alarms import Alarms
from resolution.look_alike_profiles import LookAlikeProfiles
from resolution.model_card import WeightHistogram
from resolution.quality_settings import Check
from resolution.source_overlaps import SourceOverlaps

SHOWN = 10
"""So many profiles of each size are named."""


@dataclass(frozen=True, slots=True)
class ClusterSize:
    """How many profiles of people and organisations have so many records, and some of them."""

    records: int
    profiles: int
    profile_ids: tuple[str, ...]


class QualityPass:
    """What one pass over all profiles adds up; to be closed."""

    def __init__(self, alarms: Alarms, overlaps: SourceOverlaps, file: Path, salt: bytes) -> None:
        """`file`: where what would not fit into memory goes."""
        self.alarms = alarms
        self.overlaps = overlaps
        self.histogram = WeightHistogram()
        self.records = self.profiles = self.visitors = 0
        self._look_alikes = LookAlikeProfiles(file, salt)
        self._sizes: Counter[int] = Counter()
        self._some: dict[int, list[str]] = {}

    async def look(self, graph: Graph) -> None:
        """Look at every profile."""
        async for cluster in stream_whole_clusters(graph):
            if cluster.kind is RecordKind.VISITOR:
                self.visitors += 1
            else:
                self._add(cluster)

    async def compare(self, apart: Collection[tuple[str, str]]) -> None:
        """Look for profiles that are alike, once all were looked at; `apart`: those that a steward judged different."""
        for check in Check:
            if not check.is_over_merge:
                groups = await asyncio.to_thread(self._look_alikes.groups, check, apart)
                self.alarms.add_alike(check, groups)

    def close(self) -> None:
        """Let go of the file."""
        self._look_alikes.close()

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
        self.alarms.add(cluster)
        self.overlaps.add(cluster)
        self.histogram.add(cluster)
        self._look_alikes.add(cluster)
