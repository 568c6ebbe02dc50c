"""Completes evidence to a neighbourhood: everything that hangs together with it, and what is believed of it."""

from collections.abc import Mapping

from graph.conflicts import all_conflicts, conflicts_of
from graph.judgements import standing_judgements
from graph.match_edges import Reach, closure, holder_counts, profile_digests, weights_of
from graph.neighbourhood import Neighbourhood, StoredRecord, Weights
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.configuration import Configuration
from resolution.evidence import Evidence


async def surroundings(graph: Graph, records: Mapping[str, StoredRecord], weights: Weights) -> Neighbourhood:
    """The neighbourhood of the whole graph, whose records and weights are known already."""
    return Neighbourhood(
        records=records,
        weights=weights,
        judgements=await standing_judgements(graph),
        profiles=await profile_digests(graph, _profiles(records)),
        conflicts=await all_conflicts(graph),
    )


async def around(
    graph: Graph, evidence: Evidence, found: Weights, configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood of the touched records: closed under links old and new, profiles and judgements."""
    kinds = configuration.settings.kinds
    floor = configuration.match_weight
    reached = {key for pair, weight in found.items() if weight >= floor for key in pair}
    reach = Reach(floor, kinds.holders, kinds.other_holders)
    keys = await closure(graph, evidence.touched, reached, reach)
    records = {key: record for key, record in evidence.records.items() if key in keys}
    records |= await read_records(graph, keys - records.keys())
    stored = await weights_of(graph, keys)
    kept = {pair: weight for pair, weight in stored.items() if evidence.touched.isdisjoint(pair)}
    inside = {pair: weight for pair, weight in (kept | dict(found)).items() if keys.issuperset(pair)}
    held = {one.key for record in records.values() for one in record.identifiers}
    return Neighbourhood(
        records=records,
        weights=inside,
        judgements=await standing_judgements(graph, keys),
        holder_counts=await holder_counts(graph, held),
        profiles=await profile_digests(graph, _profiles(records)),
        conflicts=await conflicts_of(graph, keys),
    )


def _profiles(records: Mapping[str, StoredRecord]) -> set[str]:
    return {record.profile_id for record in records.values() if record.profile_id}
