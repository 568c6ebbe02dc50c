"""People's names: their parts as they are shown, and their comparison."""

import re
from dataclasses import dataclass
from functools import lru_cache

import jellyfish
from nameparser import Lexicon
from nameparser import parse as parse_name

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
_SMALL = frozenset({"de", "del", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "las", "los", "el",
                    "van", "von", "vom", "zu", "zum", "zur", "der", "den", "ter", "ten", "te", "af", "av", "of",
                    "y", "e", "i", "bin", "ibn", "bint"})  # fmt: skip
_SMALL_IN_PLACES = _SMALL | {
    "and",
    "am",
    "an",
    "aux",
    "by",
    "en",
    "im",
    "in",
    "le",
    "on",
    "sous",
    "sur",
    "the",
    "under",
    "upon",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_NOT_NAME = re.compile(r"[^\w\s.'’,&()\"“”„«»\u0300-\u036f-]+|_+|(?<!\w)['’]|['’](?!\w)(?<!\b[OoDdLl]['’])")
_RANK = re.compile(r",.*?\b\d+(?:st|nd|rd|th)\b.*|\s\d+(?:st|nd|rd|th) (?:\w+)(?: of(?= ))?", re.IGNORECASE)
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
        return NameParts(given, middle, surname)
    text, generation = split_generation(_without_honours(_legible(full)))
    given, middle, surname = _parts(_surname_in_capitals(text))
    return NameParts(show_name(given), show_name(middle), show_name(surname), generation)


@lru_cache(maxsize=1 << 16)
def clean_given(given: str) -> NameParts:
    """A given-name column: titles and generation leave it, words after the first are the middle name."""
    text, generation = split_generation(_without_titles(_legible(given)))
    words = _spaced(text).split()
    if len(words) < 2 or words[0].lower() in _LEXICON.particles:
        return NameParts(show_name(" ".join(words)), generation=generation)
    return NameParts(show_name(words[0]), show_name(" ".join(words[1:])), generation=generation)


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


@lru_cache(maxsize=1 << 17)
def show_name(name: str) -> str:
    """The name with capitals where it was written all in small or all in capital letters."""
    if not (name.islower() or name.isupper()):
        return name
    words = name.lower().split()
    if len(words) == 1:
        return _capitals(words[0])
    return " ".join(word if word in _SMALL else _capitals(word) for word in words)


@lru_cache(maxsize=1 << 17)
def show_place(place: str) -> str:
    """The place with capitals where it was written all in small or all in capital letters."""
    if not (place.islower() or place.isupper()):
        return place
    first, *others = place.lower().split()
    words = (word if word in _SMALL_IN_PLACES else _capitals(word) for word in others)
    return " ".join((_capitals(first), *words))


def _capitals(word: str) -> str:
    """`o'neil-smith` → `O'Neil-Smith`, `mcdonald` → `McDonald`."""
    cased = "-".join(_capital(part) for part in word.split("-"))
    cased = re.sub(r"\b([ODL])(['’])(\w)", lambda match: match[1] + match[2] + _capital(match[3]), cased)
    return f"Mc{_capital(cased[2:])}" if re.match(r"Mc[a-z]{3}", cased) else cased


def _capital(piece: str) -> str:
    initial = piece[:1].upper()
    return initial + piece[1:] if len(initial) == 1 else piece


def _spaced(name: str) -> str:
    """Initials apart and without dots: `J.R.` → `J R`; commas and quotes leave."""
    return " ".join(re.sub(r"[.,\"“”„«»()]", " ", name).split())


def _without_honours(full: str) -> str:
    """`thomas clifford, 1st baron clifford` and `charles 1st baron aberconway`: the rank leaves."""
    full = _RANK.sub(" ", full)
    head, comma, tail = full.partition(",")
    words = fold(tail).removeprefix("the ").split()
    return head if comma and words and words[0] in word_set("honours") else full


def _without_titles(name: str) -> str:
    """The name without leading titles such as Dr. or Frau, unless nothing else is left."""
    words = name.split()
    while len(words) > 1 and fold(words[0]) in word_set("honorifics"):
        words.pop(0)
    return " ".join(words)


def _legible(name: str) -> str:
    """The name without characters that no name has, and with its prefixes joined: `O' Brien` → `O'Brien`."""
    return _SPLIT_PREFIX.sub(r"\1", " ".join(_NOT_NAME.sub(" ", name).split()))


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
    given, middle, surname = _spaced(parsed.given), _spaced(parsed.middle), parsed.family.strip(" .,")
    if re.match(r"\w ", given):
        given, middle = given[0], f"{given[2:]} {middle}".strip()
    if given or middle or parsed.title or " " in surname:
        return given, middle, surname
    return surname, "", ""


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
