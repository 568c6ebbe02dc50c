"""Places the nodes of a picture: the same nodes and links always give the same picture."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import atan2, cos, pi, sin, sqrt

import rustworkx as rx

Place = tuple[float, float]
Pull = tuple[str, str, float]
"""Two linked nodes and how hard the link pulls, 1 for a usual one."""

_SEED = 7
_ROUNDS = range(30, 300)
_WORK = 30_000_000
"""Rounds times pairs of nodes: a thousand nodes are placed in an eighth of a second."""
_NEAR = 0.35
"""How far a leaf is from its node, in usual distances between nodes."""
_ROOM = 1.3
"""The side of a part's square, in sides of what its nodes need."""


def layout(nodes: Iterable[str], pulls: Sequence[Pull]) -> dict[str, Place]:
    """A place for each node, x and y from 0 to 1; `pulls` are between different nodes.

    Linked nodes attract and all others repel each other (Fruchterman and Reingold 1991), in each part that hangs
    together by itself; the parts stand in rows, the largest first. Links of nodes that have many pull less, or who is
    linked with all others would stand on one spot. A node with a single link stands beside its only neighbour, like
    the others of that one around it, and costs nothing.
    """
    degrees: defaultdict[str, int] = defaultdict(int)
    for left, right, _ in pulls:
        degrees[left] += 1
        degrees[right] += 1
    anchors = dict(_anchors(pulls, degrees))
    core = sorted(set(nodes) - anchors.keys())
    inner = [
        (left, right, pull / min(degrees[left], degrees[right]))
        for left, right, pull in sorted(pulls)
        if left not in anchors and right not in anchors
    ]
    placed = _in_rows([_spring(part, inner) for part in _parts(core, inner)])
    return _fitted(placed | _around(placed, anchors, len(core)))


def _anchors(pulls: Iterable[Pull], degrees: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Each leaf with its only neighbour; of two leaves that have only each other the larger key is the leaf."""
    for left, right, _ in pulls:
        leaf, other = (right, left) if (degrees[right], left) <= (degrees[left], right) else (left, right)
        if degrees[leaf] == 1:
            yield leaf, other


def _parts(core: Sequence[str], pulls: Iterable[Pull]) -> list[list[str]]:
    """The nodes of each part that hangs together, the largest first."""
    graph: rx.PyGraph[str, float] = rx.PyGraph()
    number = dict(zip(core, graph.add_nodes_from(core), strict=True))
    graph.add_edges_from([(number[left], number[right], pull) for left, right, pull in pulls])
    parts = [sorted(core[index] for index in part) for part in rx.connected_components(graph)]
    return sorted(parts, key=lambda part: (-len(part), part))


def _spring(part: Sequence[str], pulls: Iterable[Pull]) -> dict[str, Place]:
    """The nodes of one part around the origin, at usual distances of 1, as wide as they can lie."""
    graph: rx.PyGraph[str, float] = rx.PyGraph()
    number = dict(zip(part, graph.add_nodes_from(part), strict=True))
    graph.add_edges_from(
        [
            (number[left], number[right], pull)
            for left, right, pull in pulls
            if left in number and right in number
        ]
    )
    rounds = min(max(_WORK // len(part) ** 2, _ROUNDS.start), _ROUNDS.stop)
    found = rx.spring_layout(graph, weight_fn=float, num_iter=rounds, seed=_SEED)
    side = sqrt(len(part)) / 2
    return _level({key: (found[index][0] * side, found[index][1] * side) for key, index in number.items()})


def _level(placed: Mapping[str, Place]) -> dict[str, Place]:
    """The same picture, turned until its principal axis (Pearson 1901) is level: pictures are wider than high."""
    x, y = (sum(each) / len(placed) for each in zip(*placed.values(), strict=True))
    spread = [(left - x, top - y) for left, top in placed.values()]
    skew = 2 * sum(left * top for left, top in spread)
    angle = atan2(skew, sum(left**2 - top**2 for left, top in spread)) / 2
    across, up = cos(angle), sin(angle)
    return {
        key: (x * across + y * up, y * across - x * up) for key, (x, y) in zip(placed, spread, strict=True)
    }


def _in_rows(parts: Sequence[Mapping[str, Place]]) -> dict[str, Place]:
    """The parts beside each other, in rows about as wide as all of them are high."""
    sides = [sqrt(len(part)) * _ROOM for part in parts]
    width = max([sqrt(sum(side**2 for side in sides)), *sides])
    placed: dict[str, Place] = {}
    x, y, height = 0.0, 0.0, 0.0
    for part, side in zip(parts, sides, strict=True):
        if x and x + side > width:
            x, y, height = 0.0, y + height, 0.0
        placed |= {key: (x + side / 2 + dx, y + side / 2 + dy) for key, (dx, dy) in part.items()}
        x, height = x + side, max(height, side)
    return placed


def _around(placed: Mapping[str, Place], anchors: Mapping[str, str], count: int) -> dict[str, Place]:
    """The leaves in a circle around their anchors, those of many in a wider one."""
    leaves: defaultdict[str, list[str]] = defaultdict(list)
    for leaf, anchor in sorted(anchors.items()):
        leaves[anchor].append(leaf)
    found: dict[str, Place] = {}
    for anchor, own in leaves.items():
        x, y = placed[anchor]
        radius = _NEAR * max(1.0, len(own) / 12) if count > 1 else 1.0
        angles = accumulate([2 * pi / len(own)] * (len(own) - 1), initial=pi / 8)
        found |= {
            leaf: (x + radius * cos(angle), y + radius * sin(angle))
            for leaf, angle in zip(own, angles, strict=True)
        }
    return found


def _fitted(placed: Mapping[str, Place]) -> dict[str, Place]:
    """The same picture within 0 to 1, its proportions kept, in the middle; a single node stands there."""
    if not placed:
        return {}
    xs, ys = zip(*placed.values(), strict=True)
    side = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0
    left, top = (max(xs) + min(xs) - side) / 2, (max(ys) + min(ys) - side) / 2
    return {key: (round((x - left) / side, 4), round((y - top) / side, 4)) for key, (x, y) in placed.items()}
