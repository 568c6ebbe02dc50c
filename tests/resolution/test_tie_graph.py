"""A cluster as a graph: bridges, weakest link, best path and smallest cut on graphs made by hand, and at random."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.tie_graph import TieGraph
from resolution.ties import Tie
from tests.work import calls_counted


def graph(text):
    """`a-b:5 b-c:2` as a graph; `!` stands for a judgement."""
    ties = []
    for part in text.split():
        pair, _, weight = part.partition(":")
        left, right = sorted(pair.split("-"))
        ties.append(Tie(left, right, judged=True) if weight == "!" else Tie(left, right, float(weight)))
    return TieGraph({key for tie in ties for key in (tie.left, tie.right)}, ties)


def pairs(ties):
    return [f"{tie.left}-{tie.right}" for tie in ties]


def test_two_triangles_and_a_bridge():
    found = graph("a-b:9 b-c:9 a-c:9 c-d:3 d-e:8 e-f:8 d-f:8")
    assert pairs(found.bridges) == ["c-d"]
    assert found.articulation_records == ["c", "d"]
    assert pairs([found.weakest_link]) == ["c-d"]
    assert (found.diameter, found.density) == (3, pytest.approx(7 / 15))
    cut, leaving = found.smallest_cut("f", "a")
    assert (pairs(cut), leaving) == (["c-d"], ["d", "e", "f"])


def test_a_chain_is_all_bridges():
    found = graph("a-b:4 b-c:6 c-d:5")
    assert pairs(found.bridges) == ["a-b", "b-c", "c-d"]
    assert found.articulation_records == ["b", "c"]
    assert found.diameter == 3


def test_the_weakest_link_is_the_one_that_cannot_be_gone_round():
    assert pairs([graph("a-b:9 b-c:8 a-c:1").weakest_link]) == ["b-c"]


def test_the_best_path_goes_round_a_weak_tie():
    assert pairs(graph("a-b:2 b-c:7 a-d:8 c-d:9").best_path("a", "b")) == ["a-d", "c-d", "b-c"]


def test_of_equally_firm_paths_the_shortest():
    found = graph("a-b:9 b-c:9 c-d:9 d-e:5 a-d:6 a-e:5")
    assert pairs(found.best_path("a", "e")) == ["a-e"]


def test_the_cut_is_the_lightest_and_not_the_fewest():
    cut, leaving = graph("a-b:20 b-c:2 b-d:3 c-e:9 d-e:9").smallest_cut("a", "e")
    assert (pairs(cut), leaving) == (["b-c", "b-d"], ["a", "b"])


def test_a_judgement_is_cut_last():
    cut, leaving = graph("a-b:! b-c:30 c-d:! b-d:25").smallest_cut("a", "d")
    assert (pairs(cut), leaving) == (["b-c", "b-d"], ["a", "b"])


def test_a_record_alone():
    alone = TieGraph(["a"], [])
    assert (alone.density, alone.diameter, alone.bridges, alone.weakest_link) == (1.0, 0, [], None)
    assert alone.best_path("a", "a") == []


keys = st.integers(2, 7).map(lambda count: [f"k{number}" for number in range(count)])


@st.composite
def connected(draw):
    names = draw(keys)
    weights = st.integers(1, 40)
    ties = {(names[draw(st.integers(0, n - 1))], names[n]): draw(weights) for n in range(1, len(names))}
    extra = draw(st.lists(st.sampled_from(list(combinations(names, 2))), max_size=8))
    ties |= {pair: draw(weights) for pair in extra}
    return TieGraph(names, [Tie(*pair, float(weight)) for pair, weight in ties.items()])


def reachable(found, ties, start):
    seen, frontier = {start}, [start]
    while frontier:
        key = frontier.pop()
        for tie in ties:
            other = {tie.left: tie.right, tie.right: tie.left}.get(key)
            if other is not None and other not in seen:
                seen.add(other)
                frontier.append(other)
    return seen


@given(connected())
def test_path_bridges_and_cut_are_what_they_say(found):
    start, end = found.members[0], found.members[-1]
    path = found.best_path(start, end)
    assert end in reachable(found, path, start)
    weakest = min(tie.strength for tie in path)
    firmer = [tie for tie in found.ties if tie.strength > weakest]
    assert end not in reachable(found, firmer, start)
    for tie in found.ties:
        others = [one for one in found.ties if one != tie]
        assert (tie in found.bridges) == (tie.right not in reachable(found, others, tie.left))


@given(connected())
def test_no_other_cut_is_lighter(found):
    start, end = found.members[0], found.members[-1]
    cut, leaving = found.smallest_cut(start, end)
    rest = [tie for tie in found.ties if tie not in cut]
    assert reachable(found, rest, start) <= set(leaving)
    assert end not in leaving
    inner = found.members[1:-1]
    sides = [{start, *some} for size in range(len(inner) + 1) for some in combinations(inner, size)]
    lightest = min(
        sum(tie.strength for tie in found.ties if (tie.left in side) != (tie.right in side)) for side in sides
    )
    assert sum(tie.strength for tie in cut) == pytest.approx(lightest)


def test_the_work_for_a_thousand_records_is_of_the_order_of_their_ties():
    names = [f"k{number:04}" for number in range(1000)]
    dense = TieGraph(names, [Tie(one, other, 5.0) for one, other in list(combinations(names, 2))[::2]])
    chain = TieGraph(names, [Tie(one, other, 5.0) for one, other in pairwise(names)])
    with calls_counted() as calls:
        assert (dense.bridges, chain.diameter, len(chain.articulation_records)) == ([], 999, 998)
        assert 1 < dense.diameter <= 3
        assert dense.weakest_link
    assert calls.count < 4 * len(dense.ties)
