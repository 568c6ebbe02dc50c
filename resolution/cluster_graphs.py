"""A cluster as a picture: its records and identifiers, what links them, and whom they nearly joined."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.cluster_graphs import Crowd, crowds_of, judgements_naming, oldest_members
from graph.errors import ConfigurationError, NotFoundError
from graph.moments import LATEST
from graph.neighbourhood import HeldIdentifier, Judgement, StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.cluster_links import ClusterLink, LinkKind, cluster_links, lightest_left_out
from resolution.layouts import Place, layout
from resolution.model import Model
from resolution.nearby import nearest
from resolution.publishing import model_in_force
from resolution.settings import ResolutionSettings
from resolution.tie_graph import TieGraph
from resolution.tied_clusters import TiedCluster, read_tied

MOST_RECORDS = 2_000
MOST_NEARBY = 200
MOST_HOLDERS = 200
"""So many holders of one identifier are counted."""


@dataclass(frozen=True, slots=True)
class PlacedRecord:
    """A record in the picture; `articulation` means that the others fall apart without it, `inside` that it is of the
    profile, and no neighbour."""

    record: StoredRecord
    place: Place
    inside: bool
    founder: bool
    articulation: bool


@dataclass(frozen=True, slots=True)
class PlacedIdentifier:
    """An identifier in the picture: on how many records it is (at most `MOST_HOLDERS` are counted), and the other
    profiles of these, by id."""

    held: HeldIdentifier
    place: Place
    holder_count: int
    other_profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterGraph:
    """The picture of a cluster: places are x and y from 0 to 1, `omissions` says in sentences what is left out; the
    cluster hangs by `bridge_count` ties that nothing could replace."""

    profile_id: str
    record_count: int
    bridge_count: int
    records: Sequence[PlacedRecord]
    identifiers: Sequence[PlacedIdentifier]
    links: Sequence[ClusterLink]
    omissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a cluster: how many records it has, who holds its identifiers, what was judged, and the
    neighbours by key."""

    profile_id: str
    model: Model
    record_count: int
    founder: str
    cluster: TiedCluster
    crowds: Mapping[str, Crowd]
    judgements: Sequence[Judgement]
    neighbours: Mapping[str, StoredRecord]
    more_neighbours: int

    @property
    def shown(self) -> dict[str, StoredRecord]:
        """All records of the picture by key."""
        return {**self.cluster.records, **self.neighbours}


async def cluster_graph(
    graph: Graph, profile_id: str, settings: ResolutionSettings, *, nearby: bool, as_of: datetime = LATEST
) -> ClusterGraph:
    """The picture of a profile's cluster; with `nearby` also of the records that it nearly joined.

    Which records it has is of `as_of`, what links them is of now. Raises NotFoundError when the profile had no records
    then, ConfigurationError before the first resolve.
    """
    model = await model_in_force(graph)
    if model is None:
        raise ConfigurationError("No model is published yet: run `onefold resolve` first.")
    keys, count = await oldest_members(graph, profile_id, limit=MOST_RECORDS, as_of=as_of)
    if not keys:
        raise NotFoundError("There is no profile under this id that has records.")
    cluster = (await read_tied(graph, {profile_id: keys}, model, settings))[profile_id]
    held = {one.key for record in cluster.records.values() for one in record.identifiers}
    crowds = await crowds_of(graph, held, limit=MOST_HOLDERS)
    judgements = await judgements_naming(graph, cluster.records)
    near, more = nearest(cluster, crowds, judgements, model.possible, MOST_NEARBY) if nearby else ([], 0)
    neighbours = {key: one for key, one in (await read_records(graph, near)).items() if not one.removed}
    read = _Read(profile_id, model, count, keys[0], cluster, crowds, judgements, neighbours, more)
    return await asyncio.to_thread(_drawn, read)


def _drawn(read: _Read) -> ClusterGraph:
    """The picture of what was read."""
    shown = read.shown
    shape = TieGraph(read.cluster.records, read.cluster.ties)
    links, lighter = lightest_left_out(
        cluster_links(read.cluster, shown, shape, read.judgements, read.model), shape
    )
    identifiers = _identifiers(read, links)
    places = layout([*shown, *identifiers], _pulls(links))
    articulation = frozenset(shape.articulation_records)
    return ClusterGraph(
        profile_id=read.profile_id,
        record_count=read.record_count,
        bridge_count=len(shape.bridges),
        records=[
            PlacedRecord(
                record=record,
                place=places[key],
                inside=key in read.cluster.records,
                founder=key == read.founder,
                articulation=key in articulation,
            )
            for key, record in sorted(shown.items())
        ],
        identifiers=[replace(one, place=places[key]) for key, one in identifiers.items()],
        links=links,
        omissions=tuple(_omissions(read, lighter)),
    )


def _identifiers(read: _Read, links: Collection[ClusterLink]) -> dict[str, PlacedIdentifier]:
    """The identifiers that are linked by key, in the order of kind and value, not yet placed."""
    wanted = {one.right for one in links if one.kind is LinkKind.HOLDS}
    shown = read.shown
    held = {one.key: one for record in shown.values() for one in record.identifiers if one.key in wanted}
    found: dict[str, PlacedIdentifier] = {}
    for key, one in sorted(held.items(), key=lambda item: (item[1].identifier, item[0])):
        homes = read.crowds.get(key, {})
        others = sorted({home for home in homes.values() if home and home != read.profile_id})
        found[key] = PlacedIdentifier(one, (0.0, 0.0), len(homes), tuple(others))
    return found


_LIGHT = 0.2
"""How hard a link pulls that holds nothing together."""


def _pulls(links: Collection[ClusterLink]) -> list[tuple[str, str, float]]:
    pulls: dict[tuple[str, str], float] = {}
    for one in links:
        pair = (min(one.left, one.right), max(one.left, one.right))
        pulls[pair] = max(pulls.get(pair, 0.0), 1.0 if one.counts else _LIGHT)
    return [(*pair, pull) for pair, pull in sorted(pulls.items())]


def _omissions(read: _Read, lighter: int) -> Iterator[str]:
    if read.record_count > len(read.cluster.records):
        yield f"The oldest {len(read.cluster.records)} of {read.record_count} records are shown."
    if lighter:
        yield f"{lighter} of the lightest match links that hold nothing together alone are left out."
    if read.more_neighbours:
        yield f"The nearest {MOST_NEARBY} neighbours are shown, {read.more_neighbours} more are left out."
