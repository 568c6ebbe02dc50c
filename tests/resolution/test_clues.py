"""What a text can stand for: every reading of it, and nothing that an index would take for its own language."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.facts import Identifier
from graph.unusable import UnusableValueError
from resolution.clues import Clues

QUERY = re.compile(r"(?:\((?:[^\W_A-Z]|'|\^4|\*| OR )+\)(?: AND )?)*")


@given(st.text(max_size=60))
@example("a* OR (b")
@example('x" AND y\\')
@example("surname:lovelace~2 [a TO z] +b -c !d && e || f /g/")
def test_a_query_has_words_and_our_operators_only(text) -> None:
    try:
        clues = Clues(text)
    except UnusableValueError:
        return
    assert QUERY.fullmatch(clues.query), clues.query
    assert all(word == word.lower() for forms in clues.words for word in forms)
    assert all(len(one) >= 4 for one in clues.beginnings)
    assert isinstance(clues.says_enough, bool)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Žižka", [{"žižka", "zizka"}]),
        ("O’Neil", [{"o'neil", "oneil"}]),
        ("Иван", [{"иван", "ivan"}]),
        ("lov AND", [{"lov"}, {"and"}]),
        ("Ada 10.12.1985", [{"ada"}, {"1985"}]),
        ("a", []),
        ("ada@example.org", []),
        ("", []),
    ],
)
def test_words_are_as_typed_and_as_folded(text, words) -> None:
    assert [set(forms) for forms in Clues(text).words] == words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Ada@Example.ORG", "ada@example.org"),
        ("0044 20 7946 0958", "+442079460958"),
        ("c-62 40", "C6240"),
        ("Odd Kind/7", "Odd Kind/7"),
    ],
)
def test_a_whole_value_is_cleaned_as_when_it_was_loaded(text, value) -> None:
    assert value in Clues(text).values


def test_a_begun_value_is_read_as_it_may_be_written() -> None:
    assert "ada@ex" in Clues("Ada@Ex").beginnings
    assert "+44207" in Clues("0044 207").beginnings
    assert "C624" in Clues("c6-24").beginnings
    assert not Clues("ada").beginnings
    assert not Clues("ada lovelace").beginnings


def test_several_things_describe_somebody() -> None:
    clues = Clues("Ada Lovelace 1985-12-10 ada@example.org")
    assert clues.attributes == {"full_name": "Ada Lovelace", "birth_date": "1985-12-10"}
    assert clues.identifiers == (Identifier("email", "ada@example.org"),)
    assert clues.says_enough
    assert not Clues("Ada Lovelace").says_enough
    assert Clues("Ada Lovelace").has_full_name
    assert not Clues("ada@example.org").says_enough
