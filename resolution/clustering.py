"""Average-linkage clustering of one component under constraints, independent of the order of its input.

Every record starts alone. The pair of clusters with the heaviest mean pair weight merges first, as long as that
mean reaches the threshold; equal means are decided by the smaller record keys. A pair of named records that was
never scored counts with `absent_weight`: not having been a candidate is weak evidence of being different people;
where a record has no name, a missing score says nothing and does not count. A merge that the constraints refuse
is reported as a refusal and never tried again, because clusters only grow. A single record that two clusters claim
equally well, which cannot be one, stays alone: it is ambiguous, with a refusal towards each.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from resolution.constraints import Constraints, Holdings, Objection
from resolution.linkage import Linkage, Scored

Pair = tuple[str, str]
_Candidate = tuple[float, str, str, int]

AMBIGUOUS = "ambiguous"
"""Why a record stays alone that two clusters claim equally well."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Two clusters that hang together by `weight` and may not merge, each named by its smallest key; `kind` is the
    identifier kind that forbids it, if one does."""

    left: str
    right: str
    weight: float
    reason: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """One step: the clusters named `left` and `right` (their smallest keys) became one under the name `left`."""

    left: str
    right: str
    weight: float


@dataclass(frozen=True, slots=True)
class Clustering:
    """The clusters, each a sorted tuple of record keys, in the order of their first key; the refusals; and the
    merges in the order in which they were made."""

    clusters: tuple[tuple[str, ...], ...]
    refusals: tuple[Refusal, ...]
    merges: tuple[Merge, ...] = ()


@dataclass(slots=True)
class _Cluster:
    """A growing cluster; `scored` holds, per neighbouring cluster, what is known of the pairs between the two."""

    name: str
    members: list[str]
    holdings: Holdings
    scored: dict[str, Scored] = field(default_factory=dict[str, Scored])


def components(keys: Iterable[str], pairs: Iterable[Pair]) -> list[list[str]]:
    """The connected components of `keys` under `pairs`: sorted keys, in the order of their first key."""
    parent = {key: key for key in keys}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for left, right in pairs:
        one, other = root(left), root(right)
        if one < other:
            parent[other] = one
        else:
            parent[one] = other
    groups: dict[str, list[str]] = {}
    for key in sorted(parent):
        groups.setdefault(root(key), []).append(key)
    return list(groups.values())


def cluster(
    keys: Collection[str],
    weights: Mapping[Pair, float],
    constraints: Constraints,
    linkage: Linkage,
    together: Iterable[Pair] = (),
) -> Clustering:
    """Partition `keys`: `weights` per scored pair (smaller key first), `together` pairs are merged beforehand."""
    agglomeration = _Agglomeration(keys, weights, constraints, linkage, together)
    agglomeration.run()
    clusters = sorted(tuple(sorted(one.members)) for one in agglomeration.clusters.values())
    return Clustering(tuple(clusters), tuple(agglomeration.refusals), tuple(agglomeration.merges))


class _Agglomeration:
    """The state of one run: clusters by name (their smallest key), and a heap of candidate merges."""

    def __init__(
        self,
        keys: Collection[str],
        weights: Mapping[Pair, float],
        constraints: Constraints,
        linkage: Linkage,
        together: Iterable[Pair],
    ) -> None:
        self.constraints = constraints
        self.linkage = linkage
        self.refusals: list[Refusal] = []
        self.merges: list[Merge] = []
        self.undecided: set[str] = set()
        self.weights = weights
        self.clusters: dict[str, _Cluster] = {}
        home: dict[str, str] = {}
        joined = list(together)
        for group in components(keys, joined) if joined else ([key] for key in keys):
            holdings = constraints.of(group)
            self.clusters[group[0]] = _Cluster(group[0], list(group), holdings)
            home.update(dict.fromkeys(group, group[0]))
        named = constraints.named
        for (left, right), weight in sorted(weights.items()) if joined else weights.items():
            self._add(home[left], home[right], Scored(weight, 1, left in named and right in named))
        self.heap = list(self._candidates())
        heapq.heapify(self.heap)

    def _add(self, left: str, right: str, scored: Scored) -> None:
        if left == right:
            return
        one, other = self.clusters[left].scored, self.clusters[right].scored
        known = one.get(right)
        one[right] = other[left] = known.plus(scored) if known else scored

    def _candidates(self) -> Iterator[_Candidate]:
        for name, cluster in self.clusters.items():
            for other in cluster.scored:
                candidate = self._candidate(name, other) if name < other else None
                if candidate:
                    yield candidate

    def _candidate(self, left: str, right: str) -> _Candidate | None:
        """A heap entry: negated mean, names, and the size at which the mean was taken (stale when it grew)."""
        one, other = self.clusters[left], self.clusters[right]
        mean = self.linkage.mean(one.scored[right], one.holdings, other.holdings)
        if mean < self.linkage.threshold:
            return None
        return (-mean, min(left, right), max(left, right), len(one.members) + len(other.members))

    def run(self) -> None:
        """Merge until no admissible pair is left."""
        while self.heap:
            negated, left, right, size = heapq.heappop(self.heap)
            one, other = self.clusters.get(left), self.clusters.get(right)
            if one is None or other is None or len(one.members) + len(other.members) != size:
                continue
            if left in self.undecided or right in self.undecided:
                continue
            objection = self._objection(one, other)
            if objection:
                self.refusals.append(Refusal(left, right, -negated, objection.reason, objection.kind))
            elif not self._left_undecided(one, other, -negated) and not self._left_undecided(
                other, one, -negated
            ):
                self.merges.append(Merge(left, right, -negated))
                self._merge(one, other)

    def _left_undecided(self, record: _Cluster, home: _Cluster, mean: float) -> bool:
        """Set a single record aside that another cluster claims as well as `home`, if the two cannot be one."""
        if len(record.members) > 1 or len(record.scored) < 2:
            return False
        least = max(self.linkage.threshold, mean - self.linkage.margin)
        rivals: list[tuple[float, str]] = []
        for name, scored in record.scored.items():
            rival = self.clusters[name]
            if rival is home or name in self.undecided:
                continue
            weight = self.linkage.mean(scored, record.holdings, rival.holdings)
            if weight >= least and not self._objection(record, rival) and self._apart(record, home, rival):
                rivals.append((-weight, name))
        if not rivals:
            return False
        negated, name = min(rivals)
        self.undecided.add(record.name)
        for cluster, weight in ((home, mean), (self.clusters[name], -negated)):
            low, high = sorted((record.name, cluster.name))
            self.refusals.append(Refusal(low, high, weight, AMBIGUOUS))
        return True

    def _apart(self, record: _Cluster, one: _Cluster, other: _Cluster) -> bool:
        """Whether `one` and `other` would stay two, whichever of them took the record."""
        if self._objection(one, other):
            return True
        between = one.scored.get(other.name, Scored())
        for taking, left in ((one, other), (other, one)):
            scored = between.plus(record.scored[left.name])
            together = taking.holdings.joined(record.holdings)
            if self.linkage.mean(scored, together, left.holdings) >= self.linkage.threshold:
                return False
        return True

    def _objection(self, one: _Cluster, other: _Cluster) -> Objection | None:
        if len(one.members) + len(other.members) > self.linkage.size_limit:
            return Objection("size limit")
        return self.constraints.objection(one.holdings, other.holdings) or self._relatives(one, other)

    def _relatives(self, one: _Cluster, other: _Cluster) -> Objection | None:
        """Pairs below the floor have no edge: those of relatives are so light that no mean should outweigh them."""
        scored = one.scored.get(other.name, Scored())
        if scored.pairs == len(one.members) * len(other.members):
            return None
        for pair in product(one.members, other.members):
            if (min(pair), max(pair)) not in self.weights and self.constraints.relatives(*pair):
                return Objection("relatives")
        return None

    def _merge(self, one: _Cluster, other: _Cluster) -> None:
        """Take `other` (the larger name) into `one` and reconsider every neighbour of the two."""
        del self.clusters[other.name]
        one.members.extend(other.members)
        one.holdings = one.holdings.joined(other.holdings)
        del one.scored[other.name]
        for neighbour, scored in other.scored.items():
            if neighbour != one.name:
                del self.clusters[neighbour].scored[other.name]
                self._add(one.name, neighbour, scored)
        for neighbour in one.scored:
            candidate = self._candidate(one.name, neighbour)
            if candidate:
                heapq.heappush(self.heap, candidate)
