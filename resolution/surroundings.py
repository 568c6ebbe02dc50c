"""Completes evidence to a neighbourhood: everything that hangs together with it, and what is believed of it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from graph.closure import closed
from graph.conflicts import all_conflicts
from graph.judgements import standing_judgements
from graph.logins import read_logins
from graph.match_edges import profile_digests
from graph.neighbourhood import Neighbourhood, Reach, StoredRecord, Weights
from graph.pins import all_pins
from graph.transactions import Graph
from resolution.configuration import Configuration
from resolution.evidence import Evidence
from resolution.shared_devices import devices_to_read


async def surroundings(
    graph: Graph, records: Mapping[str, StoredRecord], weights: Weights, configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood of the whole graph, whose records and weights are known already."""
    found = Neighbourhood(
        records=records,
        weights=weights,
        judgements=await standing_judgements(graph),
        profiles=await profile_digests(graph, _profiles(records)),
        conflicts=await all_conflicts(graph),
        pins=await all_pins(graph),
    )
    return await _with_logins(graph, found, configuration)


async def _with_logins(
    graph: Graph, neighbourhood: Neighbourhood, configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood with who was logged in on the devices that several of its people use."""
    settings = configuration.settings
    devices = devices_to_read(
        neighbourhood.records, neighbourhood.holder_counts, settings.kinds, settings.shared_devices
    )
    return replace(neighbourhood, logins=await read_logins(graph, devices)) if devices else neighbourhood


async def around(
    graph: Graph, evidence: Evidence, found: Weights, configuration: Configuration
) -> Neighbourhood:
    """The neighbourhood of the touched records: closed under links old and new, profiles and judgements."""
    return renewed(await stored_around(graph, evidence, found, configuration), evidence.touched, found)


async def stored_around(
    graph: Graph, evidence: Evidence, found: Weights, configuration: Configuration
) -> Neighbourhood:
    """The same as it is stored, the former weights of the touched records included."""
    reached = {key for pair, weight in found.items() if weight >= configuration.match_weight for key in pair}
    start = evidence.touched | reached
    stored = await closed(graph, start, reach_of(configuration), evidence.records, evidence.touched)
    return await _with_logins(graph, stored, configuration)


def renewed(stored: Neighbourhood, touched: Collection[str], found: Weights) -> Neighbourhood:
    """The stored neighbourhood with the weights `found` in the place of all that the `touched` records had, and none
    that leads out of it."""
    kept = {pair: weight for pair, weight in stored.weights.items() if not former(pair, touched)}
    weights = {**kept, **found}
    inside = {pair: weight for pair, weight in weights.items() if stored.records.keys() >= set(pair)}
    return replace(stored, weights=inside)


def former(pair: tuple[str, str], touched: Collection[str]) -> bool:
    """Whether a stored weight is one that scoring replaces: of at least one touched record."""
    return pair[0] in touched or pair[1] in touched


async def at_rest(graph: Graph, keys: Collection[str], configuration: Configuration) -> Neighbourhood:
    """The neighbourhood of records by the evidence that is stored, for a decision that brings no new evidence."""
    stored = await closed(graph, keys, reach_of(configuration))
    return renewed(await _with_logins(graph, stored, configuration), (), {})


def reach_of(configuration: Configuration) -> Reach:
    """What leads from one record to the next under a configuration."""
    kinds = configuration.settings.kinds
    return Reach(configuration.match_weight, kinds.holders, kinds.other_holders)


def _profiles(records: Mapping[str, StoredRecord]) -> set[str]:
    """The ids of their profiles, and those that they carry on."""
    ids = {one for record in records.values() for one in (record.profile_id, record.carried_id)}
    return {one for one in ids if one}
