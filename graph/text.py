"""Text as it is kept (tidy) and as it is compared (fold)."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from graph.unusable import UnusableCode, UnusableValueError

MAX_LENGTH = 512
"""Longest value that is kept, in characters: index entries of the graph end near 8 kB."""

_DAMAGED = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x01-\x1f\x7f-\x9f]")
_APOSTROPHES = re.compile("['\u2019\u2018\u02bc\u02b9\u00b4`\u02bb]")
_NOT_WORD = re.compile("[^a-z0-9]+")


def tidy(raw: str) -> str:
    """NFKC text on one line, without invisible and control characters and with single spaces.

    Raises UnusableValueError for text over 512 characters and for NUL or lone surrogates.
    """
    if len(raw) > MAX_LENGTH:
        raise UnusableValueError(UnusableCode.VALUE_TOO_LONG)
    if not raw.isascii():
        raw = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw))
        raw = unicodedata.normalize("NFKC", raw)
    if _DAMAGED.search(raw):
        raise UnusableValueError(UnusableCode.FORBIDDEN_CHARACTER)
    tidied = " ".join(_CONTROL.sub(" ", raw).split())
    if len(tidied) > MAX_LENGTH:
        raise UnusableValueError(UnusableCode.VALUE_TOO_LONG)
    return tidied


@lru_cache(maxsize=1 << 17)
def fold(text: str) -> str:
    """The form that is compared: transliterated to ASCII, lower case, words of letters and digits.

    Apostrophes vanish (O'Neil → oneil), other punctuation separates (Mary-Jane → mary jane).
    """
    if not text.isascii():
        text = anyascii(_DAMAGED.sub(" ", unicodedata.normalize("NFKC", text)))
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text).lower()).strip()
