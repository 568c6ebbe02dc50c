"""The model's card counts labels as the model by itself would answer, with intervals that hold the share."""

from hypothesis import given
from hypothesis import strategies as st

from graph.facts import Identifier
from graph.vocabulary import RecordKind
from resolution.features import RecordRow
from resolution.labels import Rate, agreement
from resolution.model import default_model


@given(st.integers(1, 500), st.data())
def test_a_rate_lies_in_its_interval(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    rate = Rate.of(part, whole)
    assert rate.share is not None
    assert 0 <= rate.low <= rate.share <= rate.high <= 1


def test_of_nothing_there_is_no_rate() -> None:
    assert (Rate.of(0, 0).share, Rate.of(0, 0).low, Rate.of(0, 0).high) == (None, 0.0, 1.0)


def row(key: str, **attributes: str) -> RecordRow:
    phone = [Identifier("phone", attributes.pop("phone"))] if "phone" in attributes else []
    return RecordRow(key=key, kind=RecordKind.PERSON, source="crm", attributes=attributes, identifiers=phone)


def test_labels_are_held_against_the_model_by_itself() -> None:
    ada = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1815-12-10", "phone": "+442071234567"}
    rows = [
        row("a1", **ada),
        row("a2", **ada),
        row("a3", given_name="Ada", surname="Byron"),
        row("b1", given_name="Karl", surname="Marx", birth_date="1818-05-05"),
        row("b2", **(ada | {"birth_date": "1815-12-10"})),
    ]
    labels = {("a1", "a2"): True, ("a1", "a3"): True, ("a1", "b1"): False, ("a1", "b2"): False}
    found = agreement(default_model(), rows, labels)
    assert found.labels == 4
    assert (found.precision.part, found.precision.whole) == (1, 2)
    assert (found.recall.part, found.recall.whole) == (1, 2)
