"""Places of nodes: in the frame, each one's own, the same whatever order they come in, and quick for a thousand."""

from collections.abc import Sequence
from itertools import pairwise
from math import dist

from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.layouts import Pull, layout

NODES = [f"n{number:02}" for number in range(14)]


@st.composite
def pictures(draw: st.DrawFn) -> tuple[list[str], list[Pull]]:
    nodes = draw(st.lists(st.sampled_from(NODES), unique=True))
    pairs = [(left, right) for left in sorted(nodes) for right in sorted(nodes) if left < right]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return nodes, [(*pair, draw(st.sampled_from([0.2, 1.0]))) for pair in chosen]


@given(pictures(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_every_node_has_one_place_in_the_frame_in_any_order(picture, random) -> None:
    nodes, pulls = picture
    placed = layout(nodes, pulls)
    assert placed.keys() == set(nodes)
    assert all(0 <= value <= 1 for place in placed.values() for value in place)
    assert len(set(placed.values())) == len(nodes)
    random.shuffle(nodes)
    random.shuffle(pulls)
    assert layout(nodes, pulls) == placed


def clique(names: Sequence[str]) -> list[Pull]:
    return [(left, right, 1.0) for left in names for right in names if left < right]


def test_what_hangs_together_stands_together() -> None:
    left, right = NODES[:6], NODES[6:12]
    placed = layout(NODES[:12], [*clique(left), *clique(right), (left[0], right[0], 1.0)])
    within = max(dist(placed[one], placed[other]) for side in (left, right) for one in side for other in side)
    centres = [
        (sum(placed[one][0] for one in side) / 6, sum(placed[one][1] for one in side) / 6)
        for side in (left, right)
    ]
    assert dist(*centres) > within / 2


def test_a_leaf_stands_beside_its_only_neighbour() -> None:
    placed = layout(NODES[:9], [*clique(NODES[:8]), (NODES[0], NODES[8], 1.0)])
    distances = {name: dist(placed[name], placed[NODES[8]]) for name in NODES[:8]}
    assert min(distances, key=lambda name: distances[name]) == NODES[0]


def test_a_chain_lies_level() -> None:
    placed = layout(NODES, [(left, right, 1.0) for left, right in pairwise(NODES)])
    xs, ys = zip(*placed.values(), strict=True)
    assert max(xs) - min(xs) == 1
    assert max(ys) - min(ys) < 0.5


def test_nobody_and_one_alone() -> None:
    assert layout([], []) == {}
    assert layout(["n"], []) == {"n": (0.5, 0.5)}
