"""People's names: their parts as they are shown, and their comparison."""

import re
from dataclasses import dataclass
from functools import lru_cache

import jellyfish
from nameparser import Lexicon
from nameparser import parse as parse_name

from graph.capitals import show_name, show_place
from graph.generations import split_generation
from graph.nicknames import nickname_roots
from graph.organisations import looks_like_organisation, organisation_root
from graph.scripts import is_native, romanise
from graph.text import fold
from graph.words import word_set

__all__ = [
    "NameParts",
    "clean_given",
    "clean_middle",
    "clean_surname",
    "fold",
    "looks_like_organisation",
    "nickname_roots",
    "organisation_root",
    "phonetic",
    "show_name",
    "show_place",
    "split_name",
]

_LEXICON = Lexicon.default()
_MARKED = (
    _LEXICON.particles
    | _LEXICON.titles
    | _LEXICON.suffix_words
    | _LEXICON.suffix_acronyms
    | _LEXICON.conjunctions
    | _LEXICON.maiden_markers
    | _LEXICON.bound_given_names
    | {"mc", "mac", "o", "of"}
)
_BOUND = _LEXICON.particles | _LEXICON.bound_given_names
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_NOT_NAME = re.compile(r"[^\w\s.'’,&()\"“”„«»\u0300-\u036f-]+|(?<!\w)['’]|['’](?!\w)(?<!\b[OoDdLl]['’])")
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_RANK = re.compile(rf"\s{_ORDINAL.pattern} (\w+)(?: of\b)?", re.IGNORECASE)
_SPLIT_PREFIX = re.compile(r"\b([OoDdLl]['’]|[Mm][Cc]) (?=\w{3})")


@dataclass(frozen=True, slots=True)
class NameParts:
    """Parts of a person's name as they are shown; absent ones are empty."""

    given: str = ""
    middle: str = ""
    surname: str = ""
    generation: str = ""


@lru_cache(maxsize=1 << 16)
def split_name(full: str) -> NameParts:
    """The parts of a full name in any usual order: `Dr. Smith, Robert J. Jr` → Robert, J, Smith, Jr.

    A single word is a given name. Names in other scripts are romanised.
    """
    if is_native(full):
        given, middle, surname = romanise(full)
        first, others = _first_name(given)
        return NameParts(first, f"{others} {middle}".strip(), surname)
    text, generation = split_generation(_without_honours(_legible(full)))
    given, middle, surname = _parts(_surname_in_capitals(text))
    return NameParts(show_name(given), show_name(middle), show_name(surname), generation)


@lru_cache(maxsize=1 << 16)
def clean_given(given: str) -> NameParts:
    """A given-name column: titles and generation leave it, words after the first are the middle name."""
    text, generation = split_generation(_without_titles(_legible(given)))
    first, others = _first_name(_spaced(text))
    return NameParts(show_name(first), show_name(others), generation=generation)


@lru_cache(maxsize=1 << 16)
def clean_middle(middle: str) -> str:
    """A middle-name column, initials without their dots."""
    return show_name(_spaced(_legible(middle)))


@lru_cache(maxsize=1 << 16)
def clean_surname(surname: str) -> NameParts:
    """A surname column: titles leave it, `Dobbins Jr` gives its generation away."""
    text, generation = split_generation(_without_titles(_legible(surname)))
    return NameParts(surname=show_name(text.strip(" ,;.-")), generation=generation)


@lru_cache(maxsize=1 << 16)
def phonetic(name: str) -> str:
    """A letter and three digits for how a name sounds, the same for Meyer and Maier; empty for no name.

    Soundex of the Metaphone of the fold: on misspelt surnames it agrees more often than either alone,
    and `Catherine` meets `Katherine`, which Soundex keeps apart.
    """
    sounds = jellyfish.metaphone(fold(name).replace(" ", "")).replace("0", "T").replace("X", "S")
    return jellyfish.soundex(sounds)


def _spaced(name: str) -> str:
    """Initials apart and without dots: `J.R.` → `J R`; commas, quotes and words without letters leave."""
    words = re.sub(r"[.,\"“”„«»()]", " ", name).split()
    return " ".join(word for word in words if any(map(str.isalpha, word)))


def _without_honours(full: str) -> str:
    """`thomas clifford, 1st baron clifford` and `charles 1st baron aberconway`: the rank leaves."""
    honours = word_set("honours")
    head, comma, tail = full.partition(",")
    ranks = _ORDINAL.sub("", tail).removeprefix(" the ").split()
    if (
        comma
        and ranks
        and fold(ranks[0]) in honours
        and (len(ranks) == 1 or "of" in ranks or _ORDINAL.search(tail))
    ):
        return head
    return _RANK.sub(lambda match: " " if fold(match[1]) in honours else match[0], full)


def _without_titles(name: str) -> str:
    """The name without leading titles such as Dr. or Frau, unless nothing else is left."""
    words = name.split()
    while len(words) > 1 and fold(words[0]) in word_set("honorifics"):
        words.pop(0)
    return " ".join(words)


def _legible(name: str) -> str:
    """The name without what no name has, words without letters too; its prefixes joined: `O'Brien`."""
    words = _NOT_NAME.sub(" ", name.replace("_", " ")).split()
    kept = (word if any(map(str.isalpha, word)) else "," * ("," in word) for word in words)
    return _SPLIT_PREFIX.sub(r"\1", " ".join(filter(None, kept)))


def _parts(text: str) -> tuple[str, str, str]:
    """Given, middle and surname; a name of two or three ordinary words needs no parser."""
    words = text.split()
    if len(words) in (2, 3) and all(map(_is_ordinary, words)):
        words = [word.rstrip(".") for word in words]
        return words[0], " ".join(words[1:-1]), words[-1]
    place, of, origin = text.partition(" of ")
    if of and "," not in text:
        given, middle, surname = _parts(place)
        return given, middle, surname or origin
    return _parsed(text)


def _parsed(text: str) -> tuple[str, str, str]:
    """By nameparser, which knows titles, particles, suffixes, quotes and commas."""
    parsed = parse_name(text)
    given, middle, surname = _spaced(parsed.given), _spaced(parsed.middle), parsed.family.strip(" ,;.-")
    given, others = _first_name(given)
    middle = f"{others} {middle}".strip()
    if given or middle or parsed.title or " " in surname:
        return given, middle, surname
    return surname, "", ""


def _first_name(given: str) -> tuple[str, str]:
    """The first given name and the others; `Abdul Aziz` and `De Shawn` are one name each."""
    words = given.split()
    size = 1
    while size < len(words) and words[size - 1].lower() in _BOUND:
        size += 1
    return " ".join(words[:size]), " ".join(words[size:])


def _is_ordinary(word: str) -> bool:
    return _WORD.fullmatch(word) is not None and word.lower().rstrip(".") not in _MARKED


def _surname_in_capitals(text: str) -> str:
    """`SMITH John` is written surname first: as `SMITH, John` it can be told."""
    words = text.split()
    count = next((index for index, word in enumerate(words) if not _is_shouted(word)), 0)
    rest = words[count:]
    if count and "," not in text and not any(map(_is_shouted, rest)) and any(map(_is_written, rest)):
        return f"{' '.join(words[:count])}, {' '.join(rest)}"
    return text


def _is_written(word: str) -> bool:
    """With a capital and small letters: `John`, not `J`, `JR` or `na`."""
    return word[0].isupper() and not word.isupper()


def _is_shouted(word: str) -> bool:
    """A word of a surname in capitals, not an initial, a title or initials run together."""
    return (
        len(word) > 1
        and word.isupper()
        and re.search(r"[AEIOUY]", fold(word).upper()) is not None
        and (word.lower() not in _LEXICON.titles)
    )
