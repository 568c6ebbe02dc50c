"""Which pairs are asked, how likely the present answer is wrong, and what comes first; without a graph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.conflicts import Conflict
from graph.exposures import Exposure
from graph.nearby import CrossEdge
from graph.vocabulary import RecordKind, ReviewKind, Verdict
from resolution.explanation import probability
from resolution.proposals import judgement
from resolution.quality_settings import Check
from resolution.reviews import answers, asked, between, inside
from resolution.stewardship import StewardshipSettings
from resolution.tie_graph import TieGraph
from resolution.ties import Tie

SETTINGS = StewardshipSettings()
HOMES = {"a": "A", "a2": "A", "b": "B", "b2": "B", "b3": "B", "o": "O"}
SIZES = {"A": (RecordKind.PERSON, 2), "B": (RecordKind.PERSON, 3), "O": (RecordKind.ORGANISATION, 1)}


def edge(left: str, right: str, weight: float) -> CrossEdge:
    return CrossEdge(left, right, HOMES[left], HOMES[right], weight)


def test_the_heaviest_of_many_pairs_is_heavy_by_chance() -> None:
    [one] = between([edge("a", "b", 4.0)], [], HOMES, SIZES)
    assert (one.kind, one.key, one.profile_ids, one.record_count) == (
        ReviewKind.POSSIBLE,
        "a|b",
        ("A", "B"),
        2,
    )
    odds = 2**4.0 / 6
    assert one.error == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize(
    ("reason", "kind", "error"),
    [
        ("two values of ssn", ReviewKind.CONFLICT, probability(3.0)),
        ("locked", ReviewKind.LOCKED, probability(3.0)),
        ("ambiguous", ReviewKind.AMBIGUOUS, probability(5.0) / 2),
    ],
)
def test_a_refused_merge_is_asked_once_with_its_reason(reason: str, kind: ReviewKind, error: float) -> None:
    conflict = Conflict("a", "b", 3.0, reason)
    [one] = between([edge("a2", "b3", 5.0)], [conflict], HOMES, SIZES)
    assert (one.kind, one.reason, one.key) == (kind, reason, "a2|b3")
    assert one.error == pytest.approx(error)
    [named] = between([], [conflict], HOMES, SIZES)
    assert named.key == "a|b"


def test_what_can_never_be_one_is_not_asked() -> None:
    assert not list(between([edge("a", "o", 9.0)], [], HOMES, SIZES))
    assert not list(between([edge("a", "b", 9.0)], [], HOMES, {"A": SIZES["A"]}))  # B is gone


CHAIN = [Tie("a", "b", 8.0), Tie("b", "c", 2.0), Tie("c", "d", 8.0), Tie("d", "e", None, (), judged=True)]


def test_each_bridge_is_asked_but_no_word_of_a_steward() -> None:
    found = {one.key: one for one in inside("A", "abcde", CHAIN, {})}
    assert found.keys() == {"a|b", "b|c", "c|d"}
    assert found["b|c"].error == pytest.approx(1 / (1 + 2**2))
    assert [found[key].record_count for key in ("a|b", "b|c", "c|d")] == [1, 2, 2]
    [first] = asked(found.values(), answers([], {}), {}, SETTINGS)
    assert first.key == "b|c"


def test_a_profile_with_too_much_is_asked_at_its_weakest_link() -> None:
    [one] = inside("A", "abcde", CHAIN, {Check.OVERSIZED: 60, Check.POSTCODES: 7})
    assert (one.kind, one.key, one.reason) == (ReviewKind.OVERSIZED, "b|c", "60 records, 7 postcodes")
    firm = [Tie("a", "b", 30.0)]
    assert next(inside("A", "ab", firm, {Check.UNIQUES: 2})).error == 0.05


def test_the_side_of_a_tie_without_it_or_without_all_that_are_as_weak() -> None:
    ring = [
        Tie("a", "b", 1.0),
        Tie("a", "c", 5.0),
        Tie("b", "d", 5.0),
        Tie("c", "d", 1.0),
        Tie("d", "e", 9.0),
    ]
    graph = TieGraph("abcde", ring)
    assert graph.smaller_side(ring[0]) == 2
    assert graph.smaller_side(ring[4]) == 1
    triangle = [Tie("a", "b", 1.0), Tie("a", "c", 5.0), Tie("b", "c", 5.0)]
    assert TieGraph("abc", triangle).smaller_side(triangle[0]) == 0  # the others hold without it


def test_profiles_judged_apart_are_answered_whatever_the_pair() -> None:
    found = list(between([edge("a", "b", 4.0)], [], HOMES, SIZES))
    apart = answers([judgement("a2", "b3", Verdict.DIFFERENT)], HOMES)
    gone = answers([judgement("b3", "x", Verdict.SAME), judgement("a2", "x", Verdict.DIFFERENT)], HOMES)
    assert asked(found, apart, {}, SETTINGS) == asked(found, gone, {}, SETTINGS) == []


MONEY = st.integers(0, 10**8).map(lambda cents: cents / 100)


@given(MONEY, MONEY, st.booleans())
def test_what_nobody_could_tell_comes_after_everything_else(one: float, other: float, swap: bool) -> None:
    costs = (other, one) if swap else (one, other)
    exposures = [{"A": Exposure(revenue=cost)} for cost in costs]
    settings = StewardshipSettings(revenue_cost=1.0)
    plain = [
        asked(between([edge("a", "b", 4.0)], [], HOMES, SIZES), answers([], HOMES), said, settings)[0]
        for said in exposures
    ]
    words = answers([judgement("a2", "b2", Verdict.UNSURE)], HOMES)
    unsure = [
        asked(between([edge("a", "b", 4.0)], [], HOMES, SIZES), words, said, settings)[0]
        for said in exposures
    ]
    assert max(one.rank for one in unsure) < 0 <= min(one.rank for one in plain)
    if abs(costs[0] - costs[1]) > 1e-3 * max(costs):
        assert (plain[0].rank < plain[1].rank) == (unsure[0].rank < unsure[1].rank) == (costs[0] < costs[1])
