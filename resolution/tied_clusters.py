"""Clusters as they are stored, each with its ties: what health and picture of a cluster are made of."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.candidates import holders_of as holder_keys
from graph.conflicts import Conflict, conflicts_of
from graph.judgements import standing_judgements
from graph.match_edges import weights_of
from graph.neighbourhood import StoredRecord, Weights
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.clustering import Pair
from resolution.model import Model
from resolution.publishing import configuration_in_force
from resolution.replay import holders_of
from resolution.settings import ResolutionSettings
from resolution.ties import Grounds, Tie, ties
from resolution.verdicts import verdicts

_MOST_HOLDERS = 100_000
"""Records read at most to see who else holds the identifiers of the clusters asked for."""


@dataclass(frozen=True, slots=True)
class TiedCluster:
    """The `records` of a cluster by key, the `ties` between them, the refused merges that name one of them, and the
    `weights` (log2 odds) of all their match edges, those to records outside included."""

    records: Mapping[str, StoredRecord]
    ties: Sequence[Tie]
    conflicts: Sequence[Conflict]
    weights: Weights


async def read_tied(
    graph: Graph, members: Mapping[str, Sequence[str]], model: Model, settings: ResolutionSettings
) -> dict[str, TiedCluster]:
    """The cluster of each profile in `members`, which has the keys of its records; one read of each kind for all."""
    configuration, _ = await configuration_in_force(graph, model, settings)
    keys = {key for found in members.values() for key in found}
    records = await read_records(graph, keys)
    linking = {held.key for one in records.values() for held in one.identifiers if held.state == "linking"}
    others = await holder_keys(graph, linking, _MOST_HOLDERS) - keys
    holders = holders_of(records | await read_records(graph, others), linking, configuration)
    weights = await weights_of(graph, keys)
    together = verdicts(await standing_judgements(graph, keys), keys).together
    conflicts = await conflicts_of(graph, keys)

    edges = _by_smaller_key(weights)

    def tied() -> dict[str, TiedCluster]:
        found: dict[str, TiedCluster] = {}
        for profile_id, listed in members.items():
            own = {key: records[key] for key in sorted(listed) if key in records}
            held = {one.key for record in own.values() for one in record.identifiers}
            used = [holders[key] for key in sorted(held & holders.keys())]
            inner = {pair: weight for key in own for pair, weight in edges.get(key, ())}
            grounds = Grounds(inner, used, configuration.claimed, together)
            touching = [one for one in conflicts if one.left in own or one.right in own]
            between = ties(own, grounds, configuration.match_weight)
            found[profile_id] = TiedCluster(own, between, touching, weights)
        return found

    return await asyncio.to_thread(tied)


def _by_smaller_key(weights: Weights) -> Mapping[str, list[tuple[Pair, float]]]:
    found: defaultdict[str, list[tuple[Pair, float]]] = defaultdict(list)
    for pair, weight in weights.items():
        found[pair[0]].append((pair, weight))
    return found
