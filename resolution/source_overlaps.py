"""Which sources know the same people: of every two sources the profiles in both, what ties them, and possible pairs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import combinations, combinations_with_replacement

from graph.whole_clusters import WholeCluster

SHOWN = 10
"""So many profiles behind a figure are named."""

MODEL, JUDGEMENT, OTHERS = "model", "judgement", "others"
"""Match keys beside the kinds of identifiers: the model's weight, a steward's word, and by way of other records."""

SourcePair = tuple[str, str]
RecordPair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SourceOverlap:
    """Two sources, or one with itself (its duplicates).

    `matched` profiles have records of both (of one source: several records); `keys` says by what these are tied, a
    profile counting under each. `possible` pairs of records are in two profiles, with a weight from the model's
    `possible` on. Of both some profiles are named.
    """

    left: str
    right: str
    matched: int
    possible: int
    keys: tuple[tuple[str, int], ...]
    matched_ids: tuple[str, ...]
    possible_ids: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Cell:
    matched: int = 0
    possible: int = 0
    keys: Counter[str] = field(default_factory=Counter[str])
    matched_ids: list[str] = field(default_factory=list[str])
    possible_ids: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class SourceOverlaps:
    """Adds up the overlaps over all profiles of people and organisations, each once."""

    def __init__(self, match: float, possible: float, judged: Collection[RecordPair]) -> None:
        """`match` and `possible`: the model's thresholds; `judged`: the pairs of records judged the same, smaller key
        first."""
        self._match, self._possible, self._judged = match, possible, frozenset(judged)
        self._touched = frozenset(key for pair in self._judged for key in pair)
        self._cells: defaultdict[SourcePair, _Cell] = defaultdict(_Cell)

    def add(self, cluster: WholeCluster) -> None:
        """Look at one profile."""
        held = Counter(one.source for one in cluster.members)
        if held.total() > 1:
            keys = self._keys(cluster)
            for left, right in combinations_with_replacement(sorted(held), 2):
                if left != right or held[left] > 1:
                    cell = self._cells[left, right]
                    cell.matched += 1
                    cell.keys.update(keys.get((left, right)) or {OTHERS})
                    if len(cell.matched_ids) < SHOWN:
                        cell.matched_ids.append(cluster.profile_id)
        for sources, other in self._possibles(cluster):
            cell = self._cells[sources]
            cell.possible += 1
            pair = _ordered(cluster.profile_id, other)
            if len(cell.possible_ids) < SHOWN and pair not in cell.possible_ids:
                cell.possible_ids.append(pair)

    def outcome(self) -> tuple[SourceOverlap, ...]:
        """All overlaps that there are, by source."""
        return tuple(
            SourceOverlap(
                left,
                right,
                cell.matched,
                cell.possible,
                tuple(sorted(cell.keys.items(), key=lambda one: (-one[1], one[0]))),
                tuple(cell.matched_ids),
                tuple(cell.possible_ids),
            )
            for (left, right), cell in sorted(self._cells.items())
        )

    def _keys(self, cluster: WholeCluster) -> dict[SourcePair, set[str]]:
        """By what records of every two sources are tied within one profile."""
        found: defaultdict[SourcePair, set[str]] = defaultdict(set)
        sources = {one.key: one.source for one in cluster.members}
        holders: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for one in cluster.members:
            for key, kind, state in one.identifiers:
                if state == "linking":
                    holders[key, kind].append(one.source)
            for link in one.links:
                if link.weight >= self._match and link.key in sources:
                    found[_ordered(one.source, link.source)].add(MODEL)
        for (_, kind), several in holders.items():
            for pair in combinations(sorted(several), 2):
                found[pair].add(kind)
        for left, right in combinations(sorted(sources.keys() & self._touched), 2):
            if (left, right) in self._judged:
                found[_ordered(sources[left], sources[right])].add(JUDGEMENT)
        return found

    def _possibles(self, cluster: WholeCluster) -> Iterator[tuple[SourcePair, str]]:
        for one in cluster.members:
            for link in one.links:
                if link.profile_id not in (None, cluster.profile_id) and link.weight >= self._possible:
                    yield _ordered(one.source, link.source), str(link.profile_id)


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)
