"""Acts as judgements: merges, splits and locks, what replaces what, and what their token stands for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.errors import ContradictionError, DecisionError, InputError
from graph.judgements import StoredJudgement
from graph.neighbourhood import Neighbourhood
from graph.vocabulary import DecisionKind, Verdict
from resolution.decide import decide
from resolution.fitting import fitted
from resolution.preview import preview
from resolution.proposals import judged, judgement, locked, merged, split, undone

SAME, DIFFERENT = Verdict.SAME, Verdict.DIFFERENT
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stood(left, right, verdict, *, is_locked=False, **more) -> StoredJudgement:
    one = judgement(left, right, verdict, locked=is_locked)
    return StoredJudgement(
        *(one.left, one.right, verdict, is_locked),
        **{"id": f"{left}{right}", "decision_id": "d", "author": "ann", "reason": "", "at": NOW} | more,
    )


def words(proposal) -> set[tuple[str, str, str]]:
    return {(one.left, one.right, one.verdict.value) for one in proposal.given}


def test_a_merge_joins_the_founders() -> None:
    assert words(merged(["f", "a", "z"])) == {("a", "f", "SAME"), ("f", "z", "SAME")}


def test_a_split_holds_each_side_together_and_its_founders_apart() -> None:
    found = split(["f", "a", "b", "c", "d"], [["d", "b"], ["c"]])
    assert words(found) == {
        ("b", "d", "SAME"),
        ("a", "f", "SAME"),
        ("b", "c", "DIFFERENT"),
        ("b", "f", "DIFFERENT"),
        ("c", "f", "DIFFERENT"),
    }


@pytest.mark.parametrize("parts", [[], [[]], [["f", "a"]], [["x"]], [["a"], ["a"]]])
def test_a_split_that_is_none(parts) -> None:
    with pytest.raises(InputError):
        split(["f", "a"], parts)


def test_a_lock_is_for_one_record_too() -> None:
    assert words(locked(["f"])) == {("f", "f", "SAME")}


def test_a_pair_is_judged_once() -> None:
    with pytest.raises(InputError):
        judged([judgement("a", "b", SAME), judgement("b", "a", DIFFERENT)])
    with pytest.raises(InputError):
        judged([judgement("a", "a", SAME)])


def test_a_word_takes_the_place_of_the_one_on_the_same_pair() -> None:
    known = stood("a", "b", DIFFERENT)
    proposal, ended = fitted(judged([judgement("a", "b", SAME)]), [known])
    assert (words(proposal), ended) == ({("a", "b", "SAME")}, (known,))
    with pytest.raises(DecisionError, match="judged already"):
        fitted(judged([judgement("a", "b", DIFFERENT)]), [known])


def test_a_lock_gives_way_to_no_judgement() -> None:
    known = stood("a", "b", SAME, is_locked=True)
    with pytest.raises(ContradictionError, match="locked"):
        fitted(judged([judgement("a", "b", DIFFERENT)]), [known])


def test_a_decision_may_not_contradict_itself() -> None:
    three = [judgement("a", "b", SAME), judgement("b", "c", SAME), judgement("a", "c", DIFFERENT)]
    with pytest.raises(ContradictionError) as raised:
        fitted(judged(three), [])
    assert raised.value.path == ("b", "a", "c")


def test_undo_ends_what_was_given_and_restores_what_ended() -> None:
    given, former = stood("a", "b", SAME), stood("a", "b", DIFFERENT, id="former", until=NOW)
    found = undone([given], [former], [given], NOW)
    assert (found.kind, found.ended, found.restored) == (DecisionKind.UNDO, (given,), (former,))


def test_undo_leaves_alone_what_was_judged_again_and_what_is_over() -> None:
    given = stood("a", "b", SAME, until=NOW)
    later = stood("a", "b", DIFFERENT, id="later")
    with pytest.raises(DecisionError, match="later ones"):
        undone([given], [stood("a", "b", DIFFERENT, id="former")], [later], NOW)
    over = stood("c", "d", SAME, id="over", expires_at=NOW - timedelta(days=1))
    assert undone([stood("a", "b", SAME)], [over], [], NOW).restored == ()


def test_equal_effects_have_equal_tokens(world, person) -> None:
    seen = Neighbourhood({one.key: one for one in (person("crm:1", given_name="Ada"), person("crm:2"))})

    def token(proposal, cause="test") -> str:
        after = replace(seen, judgements=proposal.given)
        return preview(proposal, (), seen, decide(after, world.configuration, cause), {}).token

    same = judged([judgement("crm:1", "crm:2", SAME)])
    assert token(same) == token(same, "another steward")
    assert token(same) != token(replace(same, expires_at=NOW))
    assert token(same) != token(judged([judgement("crm:1", "crm:2", DIFFERENT)]))
