"""Text is tidied and folded the same way whatever it holds."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import MAX_LENGTH, fold, tidy
from graph.unusable import EXPLANATIONS, UnusableCode, UnusableValueError


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada\u200bLovelace", "AdaLovelace"),
        ("\ufeffAda", "Ada"),
        ("Ａｄａ", "Ada"),
        ("Ada\x01Lovelace", "Ada Lovelace"),
        ("e\u0301", "é"),
    ],
)
def test_tidy_keeps_what_is_legible(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("a\x00b", UnusableCode.FORBIDDEN_CHARACTER),
        ("a\ud800", UnusableCode.FORBIDDEN_CHARACTER),
        ("x" * (MAX_LENGTH + 1), UnusableCode.VALUE_TOO_LONG),
        ("\ufdfa" * 100, UnusableCode.VALUE_TOO_LONG),
    ],
)
def test_damaged_and_overlong_text_is_refused(raw: str, code: UnusableCode) -> None:
    with pytest.raises(UnusableValueError) as refused:
        tidy(raw)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("Søren Łódź", "soren lodz"),
        ("Žižka", "zizka"),
        ("O'Neil", "oneil"),
        ("O’Neil", "oneil"),
        ("Mary-Jane", "mary jane"),
        ("Müller, J.", "muller j"),
        ("王杰", "wangjie"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_code_is_explained_without_the_value() -> None:
    assert set(EXPLANATIONS) == set(UnusableCode)
    assert "secret" not in str(UnusableValueError(UnusableCode.INVALID_EMAIL))


@given(st.text(max_size=80))
def test_tidying_twice_is_tidying_once(raw: str) -> None:
    try:
        tidied = tidy(raw)
    except UnusableValueError:
        return
    assert tidy(tidied) == tidied
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in tidied)


@given(st.text(st.characters(), max_size=80))
def test_folding_gives_ascii_words_and_is_stable(text: str) -> None:
    folded = fold(text)
    assert folded == "" or folded.replace(" ", "").isalnum()
    assert folded.isascii()
    assert fold(folded) == folded
