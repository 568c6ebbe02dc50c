"""What judgements mean: together, apart, locked, also by way of records that are gone; and what contradicts them."""

from hypothesis import given
from hypothesis import strategies as st

from graph.vocabulary import Verdict
from resolution.clustering import components
from resolution.proposals import judgement
from resolution.verdicts import Standing, verdicts

SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE


def test_what_is_judged_through_a_record_that_is_gone_still_holds() -> None:
    said = [
        judgement("a", "gone", SAME),
        judgement("b", "gone", SAME),
        judgement("gone", "lost", DIFFERENT),
        judgement("lost", "c", SAME),
    ]
    found = verdicts(said, {"a", "b", "c"})
    assert found.together == [("a", "b")]
    assert found.apart == {"a": frozenset("c"), "c": frozenset("a")}


def test_unsure_says_nothing() -> None:
    found = verdicts([judgement("a", "b", UNSURE)], {"a", "b"})
    assert (found.together, found.apart, found.locked) == ([], {}, frozenset())


def test_a_lock_holds_for_all_that_is_judged_the_same() -> None:
    said = [judgement("a", "a", SAME, locked=True), judgement("a", "b", SAME), judgement("c", "d", SAME)]
    assert verdicts(said, {"a", "b", "c", "d"}).locked == {"a", "b"}


def test_the_path_of_a_contradiction() -> None:
    said = [judgement("a", "b", SAME), judgement("b", "c", SAME), judgement("d", "c", DIFFERENT)]
    standing = Standing(said)
    assert standing.against(judgement("a", "c", DIFFERENT)) == tuple(said[:2])
    assert standing.against(judgement("d", "a", SAME)) == tuple(said)
    assert standing.against(judgement("a", "c", SAME)) == ()
    assert standing.against(judgement("d", "b", DIFFERENT)) == ()
    assert standing.against(judgement("d", "b", UNSURE)) == ()


def test_the_last_word_on_a_pair_counts() -> None:
    standing = Standing([judgement("a", "b", SAME)])
    standing.add(judgement("b", "a", UNSURE))
    assert standing.against(judgement("a", "b", DIFFERENT)) == ()


pairs = st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.sampled_from([SAME, DIFFERENT]))


@given(st.lists(pairs.filter(lambda one: one[0] != one[1]), max_size=20))
def test_what_was_let_in_never_contradicts_itself(words) -> None:
    standing, held = Standing([]), {}
    for left, right, verdict in words:
        one = judgement(left, right, verdict)
        if one.pair in held:
            continue
        path = standing.against(one)
        if path:
            assert path[0].pair[0] in one.pair or path[0].pair[1] in one.pair
            assert all(step in held.values() for step in path)
        else:
            standing.add(one)
            held[one.pair] = one
    same = [one.pair for one in held.values() if one.verdict is SAME]
    person = {key: number for number, group in enumerate(components("abcdef", same)) for key in group}
    assert all(
        person[left] != person[right] for (left, right), one in held.items() if one.verdict is DIFFERENT
    )
    # and whatever was refused would have broken exactly that
    for left, right, verdict in words:
        one = judgement(left, right, verdict)
        if one.pair not in held:
            together = person[left] == person[right]
            forbidden = any(
                {person[a], person[b]} == {person[left], person[right]}
                for (a, b), other in held.items()
                if other.verdict is DIFFERENT
            )
            assert together if verdict is DIFFERENT else forbidden
