"""Capitals for names and places that were written without, or in nothing else."""

import re
from functools import lru_cache

from graph.words import word_set


@lru_cache(maxsize=1 << 17)
def show_name(name: str) -> str:
    """The name with capitals where it was written all in small or all in capital letters."""
    if not (name.islower() or name.isupper()):
        return name
    words = name.lower().split()
    if len(words) == 1:
        return _capitals(words[0])
    return " ".join(word if word in word_set("small_words") else _capitals(word) for word in words)


@lru_cache(maxsize=1 << 17)
def show_place(place: str) -> str:
    """The place with capitals where it was written all in small or all in capital letters."""
    if not (place.islower() or place.isupper()):
        return place
    first, *others = place.lower().split()
    small = word_set("small_words") | word_set("small_words_in_places")
    words = (word if word in small else _capitals(word) for word in others)
    return " ".join((_capitals(first), *words))


def _capitals(word: str) -> str:
    """`o'neil-smith` → `O'Neil-Smith`, `mcdonald` → `McDonald`."""
    cased = "-".join(_capital(part) for part in word.split("-"))
    cased = re.sub(r"\b([ODL])(['’])(\w)", lambda match: match[1] + match[2] + _capital(match[3]), cased)
    return f"Mc{_capital(cased[2:])}" if re.match(r"Mc[a-z]{3}", cased) else cased


def _capital(piece: str) -> str:
    initial = piece[:1].upper()
    return initial + piece[1:] if len(initial) == 1 else piece
