"""Tells organisations from people, and reduces a company's name to what is its own."""

from functools import lru_cache

from graph.text import fold
from graph.words import word_groups, word_set

_LONGEST_FORM = 6


@lru_cache(maxsize=1 << 16)
def looks_like_organisation(text: str) -> bool:
    """Whether a name reads like an organisation's: a legal form at its end, or a trade among its words.

    Legal forms that are also names (Ag, Sa) count when written in capitals or with dots.
    """
    words = _words(text)
    if len(words) < 2:
        return False
    cut, certainty = _form_at_end(words)
    if _form_at_start(words) or (cut and (certainty == "sure" or _is_marked(text))):
        return True
    return any(word in word_set("organisation_words") for word in words)


@lru_cache(maxsize=1 << 16)
def organisation_root(name: str) -> str:
    """The folded name without legal forms: `The Miller Group GmbH & Co. KG` → `miller group`."""
    words = [word for word in _words(name) if word not in ("and", "the")] or _words(name)
    words = words[_form_at_start(words) :]
    while cut := _form_at_end(words)[0]:
        words = words[:-cut]
    return " ".join(words)


def _words(text: str) -> list[str]:
    return fold(text.replace("&", " and ")).split()


def _form_at_start(words: list[str]) -> int:
    """How many first words are a legal form that stands before the name."""
    for size in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        if " ".join(words[:size]) in _forms("first"):
            return size
    return 0


def _form_at_end(words: list[str]) -> tuple[int, str]:
    """How many last words are a legal form, and whether one for sure; a first word never is."""
    for size in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        form = " ".join(words[-size:])
        for certainty in ("sure", "perhaps"):
            if form in _forms(certainty):
                return size, certainty
    return 0, ""


@lru_cache(maxsize=3)
def _forms(group: str) -> frozenset[str]:
    return frozenset(form for head, forms in word_groups("legal_forms") if head == group for form in forms)


def _is_marked(text: str) -> bool:
    """Ends like a legal form (Nordea AG, Nordea S.A.), not like a name (Maria Sa, MARIA SA)."""
    last = text.rsplit(maxsplit=1)[-1]
    return "." in last[:-1] or (last.isupper() and not text.isupper())
