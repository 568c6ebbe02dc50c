"""People's names: their parts, how they are shown and how they are compared."""

import re
from dataclasses import dataclass
from functools import lru_cache

import jellyfish
from nameparser import Lexicon
from nameparser import parse as parse_name

from graph.generations import split_generation as split_generation
from graph.nicknames import nickname_roots as nickname_roots
from graph.organisations import looks_like_organisation as looks_like_organisation
from graph.organisations import organisation_root as organisation_root
from graph.scripts import is_native, romanise
from graph.text import fold as fold

_LEXICON = Lexicon.default()
PARTICLES = _LEXICON.particles | {"o'", "d'", "l'"}
_MARKED = (
    PARTICLES | _LEXICON.titles | _LEXICON.suffix_words | _LEXICON.suffix_acronyms | _LEXICON.conjunctions
    | _LEXICON.maiden_markers | _LEXICON.bound_given_names | {"mc", "mac", "o"}
)  # fmt: skip
_PLAIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_HONOUR = re.compile(
    r"(?i)^(?:\d+(?:st|nd|rd|th)\b|(?:the )?(?:baron|baroness|baronet|earl|count|countess|duke|duchess|viscount|"
    r"viscountess|marquess|marquis|lord|lady|king|queen|prince|princess|bart|bt|esq|esquire)\b)"
)
_HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof professor rev reverend sir herr frau fraulein mme mlle senor senora srta "
    "dott ing".split()
)


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

    `full` is tidied text. A single word is a given name. Names in other scripts are romanised.
    """
    if is_native(full):
        given, middle, surname = romanise(full)
        return NameParts(given, middle, surname)
    text, generation = split_generation(_without_honours(full))
    given, middle, surname = _parts(text)
    return NameParts(show_name(given), show_name(strip_dots(middle)), show_name(surname), generation)


@lru_cache(maxsize=1 << 16)
def clean_given(given: str) -> NameParts:
    """A given-name column: titles and generation leave, further words and initials are the middle name."""
    text, generation = split_generation(strip_honorifics(given))
    words = text.split()
    if len(words) < 2 or words[0].lower() in PARTICLES:
        return NameParts(show_name(strip_dots(text)), generation=generation)
    return NameParts(
        show_name(strip_dots(words[0])), show_name(strip_dots(" ".join(words[1:]))), generation=generation
    )


@lru_cache(maxsize=1 << 16)
def clean_surname(surname: str) -> NameParts:
    """A surname column: titles leave, `Dobbins Jr` gives its generation away."""
    text, generation = split_generation(strip_honorifics(surname))
    return NameParts(surname=show_name(text.strip(" ,;")), generation=generation)


@lru_cache(maxsize=1 << 16)
def phonetic(name: str) -> str:
    """How a name sounds to an English ear (Metaphone of its transliteration), the same for Meyer and Maier."""
    return jellyfish.metaphone(fold(name).replace(" ", "")) if name else ""


def show_name(name: str) -> str:
    """The name with capitals where it was written all in small or all in capital letters."""
    if not (name.islower() or name.isupper()):
        return name
    words = name.lower().split()
    return " ".join(word if word in PARTICLES and len(words) > 1 else _capitals(word) for word in words)


def strip_dots(name: str) -> str:
    """Initials and short forms without their dots: `J.R.` → `J R`, `Wm.` → `Wm`."""
    return " ".join(name.replace(".", " ").split())


def strip_honorifics(name: str) -> str:
    """The name without leading titles such as Dr. or Frau, unless nothing else is left."""
    words = name.split()
    while len(words) > 1 and fold(words[0]) in _HONORIFICS:
        words.pop(0)
    return " ".join(words)


def _capitals(word: str) -> str:
    cased = "-".join("'".join(_capital(piece) for piece in part.split("'")) for part in word.split("-"))
    return f"Mc{_capital(cased[2:])}" if re.match(r"Mc[a-z]{3}", cased) else cased


def _capital(piece: str) -> str:
    initial = piece[:1].upper()
    return initial + piece[1:] if len(initial) == 1 else piece


def _without_honours(full: str) -> str:
    """`thomas clifford, 1st baron clifford` names one man and his rank: the rank leaves."""
    head, comma, tail = full.partition(",")
    return head if comma and _HONOUR.match(tail.strip()) else full


def _parts(text: str) -> tuple[str, str, str]:
    """Given, middle and surname; names without any marked word are cut without the parser."""
    words = text.split()
    if len(words) in (2, 3) and all(
        (_PLAIN.fullmatch(word) or _INITIAL.fullmatch(word)) and word.lower().strip(".") not in _MARKED
        for word in words
    ):
        words = _capital_surname_last(words)
        return words[0], " ".join(words[1:-1]), words[-1]
    parsed = parse_name(text)
    if not parsed.given and not parsed.middle:
        family = parsed.family.split()
        if len(family) == 1:
            return family[0], "", ""
    return strip_dots(parsed.given), parsed.middle, parsed.family


def _capital_surname_last(words: list[str]) -> list[str]:
    """`SMITH John` is written surname first."""
    if len(words[0]) > 1 and words[0].isupper() and not any(word.isupper() for word in words[1:]):
        return [*words[1:], words[0]]
    return words
