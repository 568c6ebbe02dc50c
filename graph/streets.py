"""The form in which street names are compared."""

import re
from functools import lru_cache

from graph.text import fold

_SHORT = {
    "st": "street str strt", "ave": "avenue av aven avn", "rd": "road", "ln": "lane", "dr": "drive driv drv",
    "blvd": "boulevard boul bvd", "ct": "court crt", "pl": "place", "sq": "square sqr", "ter": "terrace terr tce",
    "cres": "crescent cr crsnt", "cl": "close", "cct": "circuit cir circle circ", "pde": "parade", "gr": "grove grv",
    "hwy": "highway hiway hway", "pkwy": "parkway pky pkway", "way": "wy", "trl": "trail tr", "aly": "alley",
    "pt": "point", "mt": "mount", "ft": "fort", "hts": "heights", "gdns": "gardens garden gdn", "pk": "park",
    "n": "north", "s": "south", "e": "east", "w": "west", "ne": "northeast", "nw": "northwest",
    "se": "southeast", "sw": "southwest", "strasse": "strasze", "platz": "pltz", "c": "calle", "r": "rue rua",
    "via": "v", "ul": "ulica ulitsa", "bd": "bld", "1st": "first", "2nd": "second", "3rd": "third",
    "4th": "fourth", "5th": "fifth", "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth",
    "10th": "tenth",
}  # fmt: skip
_CANONICAL = {spelling: short for short, spellings in _SHORT.items() for spelling in spellings.split()}
_GERMAN = re.compile(r"(?<=\w)str(?:asse|a|)$")


@lru_cache(maxsize=1 << 16)
def street_key(street: str) -> str:
    """The folded street with one spelling for its type and direction: `N. Main Street` → `n main st`."""
    words = fold(street).split()
    return " ".join(_CANONICAL.get(word) or _GERMAN.sub("strasse", word) for word in words)
