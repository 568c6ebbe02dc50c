"""A cluster as a graph of records and ties: where it is thin, and what would have to be wrong for it to fall apart."""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

import numpy as np
import rustworkx as rx
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from resolution.ties import Tie

_PER_BIT = 1000
"""Capacities are whole numbers: thousandths of a bit."""
_MOST_BITS = 1000.0
"""What a judgement counts in a cut or path: more than any weight."""
_HOP = 1e6
"""A step counts more than any difference of strengths: among equally firm paths the shortest is the one shown."""


class TieGraph:
    """The records `members` with the `ties` between them, at most one for each pair."""

    def __init__(self, members: Iterable[str], ties: Collection[Tie]) -> None:
        self.members = sorted(members)
        self.ties = sorted(ties, key=attrgetter("left", "right"))
        self._number = {key: number for number, key in enumerate(self.members)}
        self._ends = [(self._number[tie.left], self._number[tie.right]) for tie in self.ties]
        self._bits = [min(tie.strength, _MOST_BITS) for tie in self.ties]
        self._graph = self._of(range(len(self.ties)))

    def _of(self, numbers: Iterable[int]) -> "rx.PyGraph[str, int]":
        """All records with the ties of these numbers."""
        graph: rx.PyGraph[str, int] = rx.PyGraph(multigraph=True)
        graph.add_nodes_from(self.members)
        graph.add_edges_from([(*self._ends[number], number) for number in numbers])
        return graph

    @property
    def density(self) -> float:
        """The share of pairs that are tied, 0–1; 1 for a single record."""
        count = len(self.members)
        return 2 * len(self.ties) / (count * (count - 1)) if count > 1 else 1.0

    @property
    def diameter(self) -> int:
        """Ties on the longest of all shortest ways between two records."""
        return int(rx.distance_matrix(self._graph).max()) if self.members else 0

    @cached_property
    def bridges(self) -> list[Tie]:
        """The ties without which the cluster is in two, by keys."""
        ends = {(min(pair), max(pair)) for pair in rx.bridges(self._graph)}
        return [tie for tie, pair in zip(self.ties, self._ends, strict=True) if pair in ends]

    @property
    def articulation_records(self) -> list[str]:
        """The records without which the others fall apart, by key."""
        return sorted(self.members[number] for number in rx.articulation_points(self._graph))

    @property
    def weakest_link(self) -> Tie | None:
        """The tie that the cluster owes its being one to: with every tie as weak or weaker gone, it is in parts."""
        weakest = min(self._backbone, key=lambda number: (self._bits[number], number), default=None)
        return None if weakest is None else self.ties[weakest]

    @property
    def backbone(self) -> list[Tie]:
        """The strongest ties that hang everything together: a maximum spanning tree."""
        return [self.ties[number] for number in self._backbone]

    def smaller_side(self, tie: Tie) -> int:
        """How many records are on the smaller side of a tie: without it, or where others close the gap, without all
        that are as weak."""
        number = self.ties.index(tie)
        others = (one for one in range(len(self.ties)) if one != number)
        firmer = (one for one, bits in enumerate(self._bits) if bits > self._bits[number])
        for kept in (others, firmer):
            graph = self._of(kept)
            left, right = (rx.node_connected_component(graph, end) for end in self._ends[number])
            if left != right:
                return min(len(left), len(right))
        return 0

    @cached_property
    def _backbone(self) -> list[int]:
        tree = rx.minimum_spanning_edges(self._graph, weight_fn=lambda number: -self._bits[number])
        return [number for _, _, number in tree]

    def best_path(self, start: str, end: str) -> list[Tie]:
        """The path whose weakest tie is as strong as can be, of several the shortest; none when there is no path."""
        firmest = self._path(self._of(self._backbone), start, end)
        bottleneck = min((self._bits[number] for number in firmest), default=0.0)
        firm = self._of(number for number, bits in enumerate(self._bits) if bits >= bottleneck)
        return [self.ties[number] for number in self._path(firm, start, end)]

    def _path(self, graph: "rx.PyGraph[str, int]", start: str, end: str) -> list[int]:
        """The numbers of the ties on a path with the fewest ties, of several the firmest."""
        source, target = self._number[start], self._number[end]
        if source == target:
            return []
        paths = rx.dijkstra_shortest_paths(
            graph, source, target, weight_fn=lambda number: _HOP - self._bits[number]
        )
        steps: Sequence[int] = list(paths[target]) if target in paths else []
        return [graph.get_edge_data(one, other) for one, other in pairwise(steps)]

    def smallest_cut(self, start: str, end: str) -> tuple[list[Tie], list[str]]:
        """The lightest set of ties whose absence parts `start` from `end`, and the records on the side of `start`.

        Maximum flow equals minimum cut (Ford and Fulkerson 1956); the capacity of a tie is its strength.
        """
        count = len(self.members)
        ends = np.array(self._ends, np.int32).reshape(-1, 2)
        capacity = np.maximum(1, np.rint(np.array(self._bits) * _PER_BIT)).astype(np.int32)
        both = np.concatenate([ends, ends[:, ::-1]])
        network = csr_array((np.tile(capacity, 2), (both[:, 0], both[:, 1])), shape=(count, count))
        flow = maximum_flow(network, self._number[start], self._number[end]).flow
        left = network - flow
        left.eliminate_zeros()
        near = frozenset(breadth_first_order(left, self._number[start], return_predecessors=False).tolist())
        cut = [
            tie
            for tie, (one, other) in zip(self.ties, self._ends, strict=True)
            if (one in near) != (other in near)
        ]
        return cut, [key for key in self.members if self._number[key] in near]
