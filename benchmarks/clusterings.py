"""Ways to make people of the same scored pairs: ours beside five that are simpler.

python -m benchmarks.clusterings FOLDER [--set NAME …] [--cuts]

All get the same edges and links (one model, one fit, no labels) and the same threshold, the model's own; connected
components are shown at p >= 0.5 and p >= 0.95 too. `--cuts` shows the largest cluster over a range of thresholds.
"""

import argparse
import heapq
import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.accuracy import sets
from benchmarks.founders import World
from graph.facts import Identifier
from graph.neighbourhood import Neighbourhood, StoredRecord
from graph.vocabulary import IdentifierState
from resolution.clustering import components
from resolution.evaluate import evaluate
from resolution.identifiers import Holders, links, standing
from resolution.partition import partition

Pair = tuple[str, str]
Weights = Mapping[Pair, float]
Memberships = dict[str, str]
Way = Callable[[Sequence[str], Weights, float], Memberships]

ABSENT = -4.0
"""What a pair without an edge weighs in a mean, as in Onefold's own clustering."""
EVEN, SURE = 0.0, math.log2(0.95 / 0.05)
CUTS = (-6.0, -3.0, 0.0, 3.0, 6.0)


def connected(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """Whatever hangs together by edges from the cut on."""
    found = components(keys, (pair for pair, weight in weights.items() if weight >= cut))
    return {key: members[0] for members in found for key in members}


def best_links(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """Every record keeps only its heaviest edge; what hangs together by those."""
    best: dict[str, tuple[float, Pair]] = {}
    for pair, weight in sorted(weights.items()):
        for key in pair:
            if weight >= cut and (key not in best or weight > best[key][0]):
                best[key] = weight, pair
    return connected(keys, dict.fromkeys((pair for _, pair in best.values()), cut), cut)


def stars(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """The record with most edges is a centre and takes its neighbours, then the next one that is left."""
    near = _neighbours(weights, cut)
    return _taken(sorted(keys, key=lambda key: (-sum(near[key].values()), key)), near)


def pivots(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """Correlation clustering by greedy pivots (Ailon, Charikar and Newman 2008): as stars, in the order of a hash."""
    near = _neighbours(weights, cut)
    return _taken(sorted(keys, key=hash_of), near)


def average(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """Average linkage without constraints; an absent pair weighs ABSENT."""
    return _agglomerated(
        keys, weights, cut, lambda total, pairs, size: (total + (size - pairs) * ABSENT) / size
    )


def complete(keys: Sequence[str], weights: Weights, cut: float) -> Memberships:
    """Two clusters merge only when all pairs between them have edges from the cut on, heaviest mean first."""
    kept = {pair: weight for pair, weight in weights.items() if weight >= cut}
    return _agglomerated(
        keys, kept, cut, lambda total, pairs, size: total / size if pairs == size else -math.inf
    )


WAYS: Mapping[str, Way] = {
    "connected components": connected,
    "best link": best_links,
    "stars": stars,
    "greedy pivots": pivots,
    "complete linkage": complete,
    "average linkage": average,
}


def hash_of(key: str) -> int:
    """A place in an order that has nothing to do with the key's meaning."""
    return zlib.crc32(key.encode())


def _neighbours(weights: Weights, cut: float) -> defaultdict[str, dict[str, float]]:
    near: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (left, right), weight in weights.items():
        if weight >= cut:
            near[left][right] = near[right][left] = weight
    return near


def _taken(order: Sequence[str], near: Mapping[str, Mapping[str, float]]) -> Memberships:
    """Each record in turn takes those of its neighbours that are free."""
    home: Memberships = {}
    for centre in order:
        if centre not in home:
            home[centre] = centre
            home.update((key, centre) for key in near[centre] if key not in home)
    return home


def _agglomerated(
    keys: Sequence[str], weights: Weights, cut: float, mean: Callable[[float, int, int], float]
) -> Memberships:
    """Merge the two clusters with the heaviest mean, from the cut on, until there are none.

    `mean` gets the sum of the weights between two clusters, how many pairs have one, and how many pairs there are.
    """
    members = {key: [key] for key in keys}
    near: defaultdict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for (left, right), weight in weights.items():
        near[left][right] = near[right][left] = weight, 1

    def candidate(one: str, other: str) -> tuple[float, str, str, int]:
        first, second = min(one, other), max(one, other)
        sizes = len(members[one]), len(members[other])
        value = mean(*near[one][other], sizes[0] * sizes[1])
        return -value, first, second, sum(sizes)

    heap = [candidate(one, other) for one in near for other in near[one] if one < other]
    heapq.heapify(heap)
    while heap:
        negated, one, other, size = heapq.heappop(heap)
        if -negated < cut:
            break
        if one not in members or other not in members or len(members[one]) + len(members[other]) != size:
            continue
        members[one] += members.pop(other)
        del near[one][other]
        for third, (total, pairs) in near.pop(other).items():
            if third != one:
                del near[third][other]
                known = near[one].get(third, (0.0, 0))
                near[one][third] = near[third][one] = known[0] + total, known[1] + pairs
        for third in near[one]:
            heapq.heappush(heap, candidate(one, third))
    return {key: name for name, keys in members.items() for key in keys}


def edges_and_links(world: World) -> dict[Pair, float]:
    """What every way gets: the scored pairs, and those that an identifier links, the heavier of the two."""
    weights = dict(world.weights)
    records: defaultdict[str, list[StoredRecord]] = defaultdict(list)
    identifiers: dict[str, Identifier] = {}
    for key in sorted(world.records):
        for held in world.records[key].identifiers:
            records[held.key].append(world.records[key])
            identifiers[held.key] = held.identifier
    kinds = world.configuration.settings.kinds
    for key, found in records.items():
        one = Holders(key, identifiers[key], kinds[identifiers[key].kind], found, len(found))
        if standing(one).state is IdentifierState.LINKING:
            for pair, weight in links(one, frozenset()):
                weights[pair] = max(weight, weights.get(pair, weight))
    return weights


def ours(world: World, cut: float) -> Memberships:
    """Onefold's own: average linkage under constraints, contradictions carried over, ambiguous records alone."""
    raised = replace(world.configuration, match_weight=cut)
    found = partition(Neighbourhood(world.records, world.weights), world.records, raised)
    return {key: members[0] for members in found.clusters for key in members}


def ways(world: World) -> Iterator[tuple[str, Memberships]]:
    """Every way on one set."""
    keys, weights, cut = sorted(world.records), edges_and_links(world), world.configuration.match_weight
    yield "connected, p >= 0.5", connected(keys, weights, EVEN)
    yield "connected, p >= 0.95", connected(keys, weights, SURE)
    for name, way in WAYS.items():
        yield name, way(keys, weights, cut)
    yield "ours", ours(world, cut)


def largest(world: World) -> Iterator[str]:
    """The largest cluster of connected components, plain average linkage and ours over the cuts."""
    keys, weights = sorted(world.records), edges_and_links(world)
    for cut in CUTS:
        sizes = [
            _largest(found)
            for found in (connected(keys, weights, cut), average(keys, weights, cut), ours(world, cut))
        ]
        yield f"{cut:>6.1f}" + "".join(f"{size:>12}" for size in sizes)


def _largest(memberships: Memberships) -> int:
    sizes: defaultdict[str, int] = defaultdict(int)
    for name in memberships.values():
        sizes[name] += 1
    return max(sizes.values())


def main() -> None:
    """Print one line per set and way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--set", action="append", default=[], help="only this set or universe profile")
    parser.add_argument("--cuts", action="store_true", help="the largest cluster over a range of cuts too")
    options = parser.parse_args()
    for name, rows, truth in sets(options.folder, options.set):
        world = World.of(rows)
        for way, memberships in ways(world):
            found = evaluate(truth, memberships)
            pair, cubed = found.pairwise, found.bcubed
            print(f"{name:<20}{way:<22}{pair.precision:8.3f}{pair.recall:7.3f}{pair.f1:7.3f}"
                  f"{cubed.f1:8.3f}{found.largest:>6}/{found.largest_true}", flush=True)  # fmt: skip
        if options.cuts:
            print(f"{name}\n{'cut':>6}{'connected':>12}{'average':>12}{'ours':>12}")
            for line in largest(world):
                print(line, flush=True)


if __name__ == "__main__":
    main()
