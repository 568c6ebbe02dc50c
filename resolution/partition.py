"""The partition: which live records are one person, from scored pairs, shared identifiers and judgements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph.neighbourhood import Neighbourhood, StoredRecord
from graph.vocabulary import IdentifierState
from resolution.clustering import Clustering, Merge, Pair, Refusal, cluster, components
from resolution.configuration import Configuration
from resolution.constraints import Constraints
from resolution.contests import contested, standing_refusals
from resolution.doubted import Doubts
from resolution.identifiers import Holders, Standing, links, standing
from resolution.kinds import Kinds
from resolution.linkage import Linkage
from resolution.verdicts import Verdicts, verdicts
from resolution.visitors import Shared, Turn, Turns, attach_visitors

_FLOOR_STEP = 2.0
_HIGHEST_FLOOR = 40.0
"""A component that is too large raises its floor by steps (log2 odds) up to where only certain links are left."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Clusters as sorted tuples of record keys, the standing of every identifier, the refused merges between them,
    the steps that made the clusters (a visitor joins last, without a step), and the turns of visitors on devices that
    several people use."""

    clusters: tuple[tuple[str, ...], ...]
    standings: Mapping[str, Standing]
    refusals: tuple[Refusal, ...]
    merges: tuple[Merge, ...] = ()
    turns: Turns = field(default_factory=dict[str, tuple[Turn, ...]])


def partition(
    neighbourhood: Neighbourhood, live: Mapping[str, StoredRecord], configuration: Configuration
) -> Partition:
    """Partition the `live` records of a closed neighbourhood; a pure function, whatever the order of its input.

    An identifier that pulls against a stronger one is demoted, and the rest is looked at again without it.
    """
    kinds, claimed = configuration.settings.kinds, configuration.claimed
    holders = _holders(live, neighbourhood.holder_counts, kinds)
    standings = {key: standing(one) for key, one in sorted(holders.items())}
    obeyed = verdicts(neighbourhood.judgements, live)
    constraints = _constraints(obeyed, live, configuration)
    refusals: list[Refusal] = []
    while True:
        linking = [holders[key] for key, one in standings.items() if one.state is IdentifierState.LINKING]
        demoted = [key for key, one in standings.items() if one.state is IdentifierState.DEMOTED]
        doubts = Doubts.of(holders.values(), frozenset(demoted), claimed, configuration.same_number)
        weights = _weights(doubts.without(neighbourhood.weights, live), linking, claimed)
        found = _clustered(live, weights, constraints, obeyed.together, configuration)
        contests = contested(found, linking, claimed, kinds)
        if not contests:
            break
        refusals += [one for one in found.refusals if one.kind]
        standings |= contests
    shared = Shared(configuration.settings.shared_devices, neighbourhood.logins)
    attached = attach_visitors(found.clusters, live, linking, constraints, shared)
    refused = standing_refusals([*refusals, *found.refusals, *attached.refusals], attached.clusters)
    return Partition(attached.clusters, standings, refused, found.merges, attached.turns)


def _holders(live: Mapping[str, StoredRecord], counts: Mapping[str, int], kinds: Kinds) -> dict[str, Holders]:
    """Every identifier of the live records with its holders, sorted by key."""
    records: defaultdict[str, list[StoredRecord]] = defaultdict(list)
    identifiers = {}
    for key in sorted(live):
        for held in live[key].identifiers:
            records[held.key].append(live[key])
            identifiers[held.key] = held.identifier
    return {
        key: Holders(key, identifiers[key], kinds[identifiers[key].kind], found, counts.get(key, len(found)))
        for key, found in records.items()
    }


def _weights(
    scored: dict[Pair, float], linking: Sequence[Holders], claimed: frozenset[str]
) -> dict[Pair, float]:
    """The weight of every scored or linked pair: the heavier of the two where both speak."""
    weights = dict(scored)
    for one in linking:
        for pair, weight in links(one, claimed):
            weights[pair] = max(weight, weights.get(pair, weight))
    return weights


def _constraints(
    obeyed: Verdicts, live: Mapping[str, StoredRecord], configuration: Configuration
) -> Constraints:
    return Constraints(
        records=live,
        apart=obeyed.apart,
        once=configuration.once,
        kinds=configuration.settings.kinds,
        named=frozenset(key for key, record in live.items() if _is_named(record)),
        locked=obeyed.locked,
    )


def _is_named(record: StoredRecord) -> bool:
    return any(record.attributes.get(name) for name in ("given_name", "surname", "organisation_name"))


def _clustered(
    live: Mapping[str, StoredRecord],
    weights: Mapping[Pair, float],
    constraints: Constraints,
    together: Sequence[Pair],
    configuration: Configuration,
) -> Clustering:
    """Cluster component by component; possible links count inside a component but never extend one."""
    limits = configuration.settings.limits
    linkage = Linkage(
        configuration.match_weight,
        configuration.settings.absent_weight,
        limits.profile_records,
        configuration.contradiction,
        configuration.settings.ambiguity_margin,
    )
    found = _components(sorted(live), weights, together, linkage.threshold, limits.component_records)
    home = {key: number for number, keys in enumerate(found) for key in keys}
    inside: defaultdict[int, dict[Pair, float]] = defaultdict(dict)
    for pair, weight in weights.items():
        if home[pair[0]] == home[pair[1]]:
            inside[home[pair[0]]][pair] = weight
    merged: defaultdict[int, list[Pair]] = defaultdict(list)
    for pair in together:
        merged[home[pair[0]]].append(pair)
    clusters: list[tuple[str, ...]] = [(keys[0],) for keys in found if len(keys) == 1]
    refusals: list[Refusal] = []
    merges: list[Merge] = []
    for number, keys in enumerate(found):
        if len(keys) > 1:
            one = cluster(keys, inside[number], constraints, linkage, merged[number])
            clusters.extend(one.clusters)
            refusals.extend(one.refusals)
            merges.extend(one.merges)
    return Clustering(tuple(sorted(clusters)), tuple(refusals), tuple(merges))


def _components(
    keys: Sequence[str], weights: Mapping[Pair, float], together: Sequence[Pair], floor: float, limit: int
) -> list[list[str]]:
    """Connected components above the floor; one with more than `limit` records is taken apart at higher floors."""
    links = [pair for pair, weight in weights.items() if weight >= floor]
    found: list[list[str]] = []
    for component in components(keys, (*links, *together)):
        if len(component) <= limit or floor > _HIGHEST_FLOOR:
            found.append(component)
            continue
        inside = frozenset(component)
        closer = {pair: weights[pair] for pair in links if pair[0] in inside}
        held = [pair for pair in together if pair[0] in inside]
        found.extend(_components(component, closer, held, floor + _FLOOR_STEP, limit))
    return found
