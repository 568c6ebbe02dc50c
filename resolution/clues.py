"""Reads what somebody typed to find a profile: the ids, identifiers, words and dates that it can stand for."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from graph.attributes import clean_attributes
from graph.facts import Identifier
from graph.identifiers import KINDS, clean_identifier
from graph.text import fold, tidy
from graph.unusable import UnusableValueError

_MOST_WORDS = 8
_SHORTEST = 2
"""One letter finds everybody and nobody."""
_SHORTEST_BEGINNING = 4
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SPACES = re.compile(r"[ ()./-]")
_NUMBER = re.compile(r"[+\d ()./-]+")
_DATE = re.compile(
    r"(?<![\w@.])(?:(?P<first>\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?P<last>\d{4}))(?![\w@])"
)
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]{2,}")
_PHONE = re.compile(r"(?<!\w)(?:\+|00)\d[\d ()./-]{6,}\d(?!\w)")


class Clues:
    """What a text can stand for; `text` is tidied, which raises UnusableValueError for what nobody can have meant."""

    def __init__(self, text: str) -> None:
        self.text = tidy(text)

    @cached_property
    def values(self) -> frozenset[str]:
        """The values of identifiers of any kind that the whole text can be."""
        found = {one.value for one in _cleaned((kind, self.text) for kind in KINDS)}
        return frozenset({*found, self.text} - {""})

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """How an identifier can begin that was not typed to its end; none for several words."""
        if " " in self.text and not _NUMBER.fullmatch(self.text):
            return frozenset()
        digits = _SPACES.sub("", self.text)
        phone = f"+{digits.lstrip('+0')}" if digits.startswith(("+", "00")) else digits
        written = {self.text, self.text.lower(), digits.upper(), phone}
        return frozenset(one for one in written if len(one) >= _SHORTEST_BEGINNING)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """The words to be found in a golden record, of a date its year; each as it was typed and as it is folded."""
        text = _DATE.sub(lambda date: date["first"] or date["last"], self.text.replace("’", "'"))
        words = [] if "@" in text else _WORD.findall(text.lower())[:_MOST_WORDS]
        if len("".join(words)) < _SHORTEST:
            return ()
        return tuple(frozenset({word, fold(word).replace(" ", "")} - {""}) for word in words)

    @property
    def query(self) -> str:
        """The same as a Lucene query: every word begins one of the record, and those that are whole come first.

        Words have letters, digits and apostrophes only, in small letters: nothing in them is an operator.
        """
        return " AND ".join(
            f"({' OR '.join(f'{form}^4 OR {form}*' for form in sorted(forms))})" for forms in self.words
        )

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Full name and birth date, as written, as far as the text has them."""
        date = _DATE.search(self.text)
        name = " ".join(_PHONE.sub(" ", _EMAIL.sub(" ", _DATE.sub(" ", self.text))).split())
        known = {"full_name": name, "birth_date": date[0] if date else ""}
        return {attribute: value for attribute, value in known.items() if value}

    @cached_property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The e-mail addresses and phone numbers in the text."""
        emails = [("email", found) for found in _EMAIL.findall(self.text)]
        return tuple(_cleaned([*emails, *(("phone", found) for found in _PHONE.findall(self.text))]))

    @property
    def has_full_name(self) -> bool:
        """Whether the text has a given name and a surname."""
        cleaned = clean_attributes(self.attributes).attributes
        return "given_name" in cleaned and "surname" in cleaned

    @property
    def says_enough(self) -> bool:
        """Whether somebody is described by several things: a full name, a birth date, contacts."""
        return self.has_full_name + ("birth_date" in self.attributes) + bool(self.identifiers) > 1


def _cleaned(written: Iterable[tuple[str, str]]) -> Iterator[Identifier]:
    for kind, value in written:
        try:
            yield clean_identifier(kind, value)
        except UnusableValueError:
            continue
