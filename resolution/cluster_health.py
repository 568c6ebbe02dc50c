"""Cluster health: how well the records of a profile hang together, and what makes it suspect."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graph.clusters import member_keys
from graph.conflicts import Conflict
from graph.names import fold
from graph.neighbourhood import StoredRecord
from graph.transactions import Graph
from resolution.publishing import model_in_force
from resolution.settings import ResolutionSettings
from resolution.tie_graph import TieGraph
from resolution.tied_clusters import read_tied
from resolution.ties import Tie


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """The shape of a cluster as a graph of ties, and what is contradictory in it.

    `density` is the share of pairs that are tied (0–1), `diameter` the ties on the longest shortest way. A bridge is a
    tie, an articulation record a record, without which the cluster falls apart; `weakest_link` is the tie that it
    owes its being one to. `conflicts` are refused merges with others; the counts are of distinct values.
    """

    record_count: int
    tie_count: int
    density: float
    diameter: int
    bridges: tuple[Tie, ...]
    articulation_records: tuple[str, ...]
    weakest_link: Tie | None
    conflicts: tuple[Conflict, ...]
    given_name_count: int
    birth_date_count: int
    postcode_count: int

    def figures(self) -> dict[str, Any]:
        """Everything in one compact object: ties as [left, right, weight], the weight null where there is none."""
        weakest = self.weakest_link
        return {
            "records": self.record_count,
            "ties": self.tie_count,
            "density": round(self.density, 4),
            "diameter": self.diameter,
            "bridges": [[tie.left, tie.right, tie.weight] for tie in self.bridges],
            "articulation": list(self.articulation_records),
            "weakest": [weakest.left, weakest.right, weakest.weight] if weakest else None,
            "conflicts": [[one.left, one.right, one.weight, one.reason] for one in self.conflicts],
            "distinct": [self.given_name_count, self.birth_date_count, self.postcode_count],
        }

    @property
    def sentence(self) -> str:
        """The whole in plain words."""
        if self.record_count == 1:
            return "One record."
        told = [f"{self.record_count} records, {round(self.density * 100)} % of the pairs tied"]
        if self.bridges:
            told.append(f"{_counted(len(self.bridges), 'tie')} alone {_hold(self.bridges)} it together")
        if self.weakest_link:
            told.append(
                f"the weakest link is {self.weakest_link.left} and {self.weakest_link.right}: {self.weakest_link}"
            )
        several = {
            "given name": self.given_name_count,
            "birth date": self.birth_date_count,
            "postcode": self.postcode_count,
        }
        told += [f"{count} different {what}s" for what, count in several.items() if count > 1]
        if self.conflicts:
            told.append(f"{_counted(len(self.conflicts), 'merge')} with others refused")
        return f"{'; '.join(told)}."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _hold(found: Sequence[Tie]) -> str:
    return "holds" if len(found) == 1 else "hold"


def health(
    records: Sequence[StoredRecord], found: Sequence[Tie], conflicts: Sequence[Conflict]
) -> ClusterHealth:
    """The health of the cluster of `records` with these ties."""
    graph = TieGraph((record.key for record in records), found)
    return ClusterHealth(
        record_count=len(records),
        tie_count=len(found),
        density=graph.density,
        diameter=graph.diameter,
        bridges=tuple(graph.bridges),
        articulation_records=tuple(graph.articulation_records),
        weakest_link=graph.weakest_link,
        conflicts=tuple(conflicts),
        given_name_count=_distinct(records, "given_name"),
        birth_date_count=_distinct(records, "birth_date"),
        postcode_count=_distinct(records, "postcode"),
    )


def _distinct(records: Iterable[StoredRecord], attribute: str) -> int:
    """Values that differ in more than spelling marks, capitals and spaces."""
    values = {fold(record.attributes.get(attribute, "")).replace(" ", "") for record in records}
    return len(values - {""})


async def cluster_health(
    graph: Graph, profile_ids: Sequence[str], settings: ResolutionSettings
) -> dict[str, ClusterHealth]:
    """The health of each profile's cluster as it is stored; one read of each kind for all of them."""
    model = await model_in_force(graph)
    members = await member_keys(graph, profile_ids)
    if model is None or not members:
        return {}
    clusters = await read_tied(graph, members, model, settings)

    def healths() -> dict[str, ClusterHealth]:
        return {
            profile_id: health(list(found.records.values()), found.ties, found.conflicts)
            for profile_id, found in clusters.items()
        }

    return await asyncio.to_thread(healths)
