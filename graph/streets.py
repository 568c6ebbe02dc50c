"""The form in which street names are compared."""

import re
from functools import lru_cache

from graph.text import fold
from graph.words import word_map

_GERMAN = re.compile(r"(?<=\w)str(?:asse|a|)$")


@lru_cache(maxsize=1 << 16)
def street_key(street: str) -> str:
    """The folded street with one spelling for its type and direction: `N. Main Street` → `n main st`."""
    spellings = word_map("street_words")
    return " ".join(spellings.get(word) or _GERMAN.sub("strasse", word) for word in fold(street).split())
