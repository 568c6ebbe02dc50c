"""Completes evidence to a neighbourhood: everything that hangs together with it, and what is believed of it."""

from collections.abc import Mapping

from graph.match_edges import Reach, closure, edges_of, holder_counts, profile_digests, standing_judgements
from graph.neighbourhood import MatchEdge, Neighbourhood, StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.clustering import Pair
from resolution.configuration import Configuration
from resolution.evidence import Evidence, kind_limits


async def surroundings(
    graph: Graph, records: Mapping[str, StoredRecord], edges: Mapping[Pair, MatchEdge]
) -> Neighbourhood:
    """The neighbourhood of the whole graph, whose records and edges are known already."""
    return Neighbourhood(
        records=records,
        edges=list(edges.values()),
        judgements=await standing_judgements(graph),
        profiles=await profile_digests(graph, _profiles(records)),
    )


async def around(
    graph: Graph, evidence: Evidence, found: Mapping[Pair, MatchEdge], configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood of the touched records: closed under links old and new, profiles and judgements."""
    limits = configuration.settings.limits
    floor = configuration.match_weight
    reached = {key for pair, edge in found.items() if edge.weight >= floor for key in pair}
    reach = Reach(floor, kind_limits(limits), limits.contact_holders)
    keys = await closure(graph, evidence.touched, reached, reach)
    records = {key: record for key, record in evidence.records.items() if key in keys}
    records |= await read_records(graph, keys - records.keys())
    stored = await edges_of(graph, keys)
    kept = {pair: edge for pair, edge in stored.items() if evidence.touched.isdisjoint(pair)}
    inside = [edge for edge in (kept | dict(found)).values() if edge.left in keys and edge.right in keys]
    held = {one.key for record in records.values() for one in record.identifiers}
    return Neighbourhood(
        records=records,
        edges=inside,
        judgements=await standing_judgements(graph, keys),
        holder_counts=await holder_counts(graph, held),
        profiles=await profile_digests(graph, _profiles(records)),
    )


def _profiles(records: Mapping[str, StoredRecord]) -> set[str]:
    return {record.profile_id for record in records.values() if record.profile_id}
