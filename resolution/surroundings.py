"""Completes evidence to a neighbourhood: everything that hangs together with it, and what is believed of it."""

from collections.abc import Collection, Mapping

from graph.conflicts import all_conflicts, conflicts_of
from graph.judgements import standing_judgements
from graph.match_edges import Reach, closure, holder_counts, profile_digests, weights_of
from graph.neighbourhood import Neighbourhood, StoredRecord, Weights
from graph.pins import all_pins, pins_of
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
        pins=await all_pins(graph),
    )


async def around(
    graph: Graph, evidence: Evidence, found: Weights, configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood of the touched records: closed under links old and new, profiles and judgements."""
    floor = configuration.match_weight
    reached = {key for pair, weight in found.items() if weight >= floor for key in pair}
    keys = await closure(graph, evidence.touched, reached, _reach(configuration))
    records = {key: record for key, record in evidence.records.items() if key in keys}
    stored = await weights_of(graph, keys)
    kept = {pair: weight for pair, weight in stored.items() if evidence.touched.isdisjoint(pair)}
    return await _closed(graph, keys, records, kept | dict(found))


async def at_rest(graph: Graph, keys: Collection[str], configuration: Configuration) -> Neighbourhood:
    """The neighbourhood of records by the evidence that is stored, for a decision that brings no new evidence."""
    found = await closure(graph, (), keys, _reach(configuration))
    return await _closed(graph, found, {}, await weights_of(graph, found))


def _reach(configuration: Configuration) -> Reach:
    kinds = configuration.settings.kinds
    return Reach(configuration.match_weight, kinds.holders, kinds.other_holders)


async def _closed(
    graph: Graph, keys: Collection[str], known: Mapping[str, StoredRecord], weights: Weights
) -> Neighbourhood:
    """The neighbourhood of `keys`, of which some records are known already, with what is believed of it."""
    inside = frozenset(keys)
    records = {**known, **await read_records(graph, inside - known.keys())}
    held = {one.key for record in records.values() for one in record.identifiers}
    return Neighbourhood(
        records=records,
        weights={pair: weight for pair, weight in weights.items() if inside.issuperset(pair)},
        judgements=await standing_judgements(graph, inside),
        holder_counts=await holder_counts(graph, held),
        profiles=await profile_digests(graph, _profiles(records)),
        conflicts=await conflicts_of(graph, inside),
        pins=await pins_of(graph, inside | _profiles(records)),
    )


def _profiles(records: Mapping[str, StoredRecord]) -> set[str]:
    """The ids of their profiles, and those that they carry on."""
    ids = {one for record in records.values() for one in (record.profile_id, record.carried_id)}
    return {one for one in ids if one}
