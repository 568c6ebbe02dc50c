"""A cluster as a graph of records and ties: where it is thin, and what would have to be wrong for it to fall apart."""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise

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
        self.ties = sorted(ties, key=lambda tie: (tie.left, tie.right))
        self._number = {key: number for number, key in enumerate(self.members)}
        self._graph: rx.PyGraph[str, Tie] = rx.PyGraph(multigraph=True)
        self._graph.add_nodes_from(self.members)
        self._graph.add_edges_from([(*self._ends(tie), tie) for tie in self.ties])

    def _ends(self, tie: Tie) -> tuple[int, int]:
        return self._number[tie.left], self._number[tie.right]

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
        ends = {tuple(sorted(pair)) for pair in rx.bridges(self._graph)}
        return [tie for tie in self.ties if self._ends(tie) in ends]

    @property
    def articulation_records(self) -> list[str]:
        """The records without which the others fall apart, by key."""
        return sorted(self.members[number] for number in rx.articulation_points(self._graph))

    @property
    def weakest_link(self) -> Tie | None:
        """The tie that the cluster owes its being one to: with every tie as weak or weaker gone, it is in parts."""
        tree = rx.minimum_spanning_edges(self._graph, weight_fn=lambda tie: -_bits(tie))
        return min((tie for _, _, tie in tree), key=_firmness, default=None)

    def best_path(self, start: str, end: str) -> list[Tie]:
        """The path whose weakest tie is as strong as can be, of several the shortest; none when there is no path."""
        tree = rx.minimum_spanning_tree(self._graph, weight_fn=lambda tie: -_bits(tie))
        bottleneck = min(map(_bits, self._path(tree, start, end)), default=0.0)
        firm = rx.PyGraph[str, Tie](multigraph=True)
        firm.add_nodes_from(self.members)
        firm.add_edges_from([(*self._ends(tie), tie) for tie in self.ties if _bits(tie) >= bottleneck])
        return self._path(firm, start, end)

    def _path(self, graph: "rx.PyGraph[str, Tie]", start: str, end: str) -> list[Tie]:
        source, target = self._number[start], self._number[end]
        if source == target:
            return []
        paths = rx.dijkstra_shortest_paths(graph, source, target, weight_fn=lambda tie: _HOP - _bits(tie))
        steps: Sequence[int] = list(paths[target]) if target in paths else []
        return [graph.get_edge_data(one, other) for one, other in pairwise(steps)]

    def smallest_cut(self, start: str, end: str) -> tuple[list[Tie], list[str]]:
        """The lightest set of ties whose absence parts `start` from `end`, and the records on the side of `start`.

        Maximum flow equals minimum cut (Ford and Fulkerson 1956); the capacity of a tie is its strength.
        """
        count = len(self.members)
        ends = np.array([self._ends(tie) for tie in self.ties], np.int32).reshape(-1, 2)
        capacity = np.array([max(1, round(_bits(tie) * _PER_BIT)) for tie in self.ties], np.int32)
        both = np.concatenate([ends, ends[:, ::-1]])
        network = csr_array((np.tile(capacity, 2), (both[:, 0], both[:, 1])), shape=(count, count))
        flow = maximum_flow(network, self._number[start], self._number[end]).flow
        left = network - flow
        left.eliminate_zeros()
        near = frozenset(breadth_first_order(left, self._number[start], return_predecessors=False).tolist())
        cut = [
            tie for tie in self.ties if (self._number[tie.left] in near) != (self._number[tie.right] in near)
        ]
        return cut, [key for key in self.members if self._number[key] in near]


def _bits(tie: Tie) -> float:
    return min(tie.strength, _MOST_BITS)


def _firmness(tie: Tie) -> tuple[float, str, str]:
    return tie.strength, tie.left, tie.right
