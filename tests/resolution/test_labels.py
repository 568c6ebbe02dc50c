"""Judgements as labels: nobody is both taught and held back, and few labels are told to be few."""

from hypothesis import given
from hypothesis import strategies as st

from graph.vocabulary import Verdict
from resolution.clustering import components
from resolution.labels import LabelAgreement, LabelReport, Rate, held_back, labels_of
from resolution.proposals import judgement


def test_only_verdicts_on_two_records_are_labels() -> None:
    said = [
        judgement("a", "b", Verdict.SAME),
        judgement("a", "c", Verdict.DIFFERENT),
        judgement("b", "c", Verdict.UNSURE),
        judgement("d", "d", Verdict.SAME, locked=True),
    ]
    assert labels_of(said) == {("a", "b"): True, ("a", "c"): False}


keys = st.integers(0, 200).map(str)
pairs = st.tuples(keys, keys).filter(lambda pair: pair[0] < pair[1])


@given(st.dictionaries(pairs, st.booleans(), max_size=80))
def test_nobody_is_on_both_sides(labels) -> None:
    taught, unseen = held_back(labels)
    assert taught | unseen == labels
    assert not taught.keys() & unseen.keys()
    groups = components({key for pair in labels for key in pair}, labels)
    aside = {key for pair in unseen for key in pair}
    assert all(set(group) <= aside or aside.isdisjoint(group) for group in groups)


def test_about_a_third_is_held_back() -> None:
    labels = {(f"a{number}", f"b{number}"): True for number in range(900)}
    assert 250 < len(held_back(labels)[1]) < 350


def test_few_labels_are_told_to_be_few() -> None:
    one = LabelAgreement(66, Rate.of(18, 20), Rate.of(18, 22))
    two = LabelAgreement(66, Rate.of(19, 20), Rate.of(19, 22))
    assert "too few" in str(LabelReport(90, 30, one, two))
    assert str(LabelReport(200, 66, one, two)) == (
        "200 labels; on 66 held back precision 0.900 (0.70–0.97) → 0.950 (0.76–0.99), "
        "recall 0.818 (0.61–0.93) → 0.864 (0.67–0.95)"
    )
