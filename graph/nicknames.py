"""Which formal names a given name may stand for, so that Bob, Rob and Robert agree."""

from collections import defaultdict
from functools import lru_cache

from nicknames import name_triplets

from graph.text import fold
from graph.words import word_groups


@lru_cache(maxsize=1 << 16)
def nickname_roots(given: str) -> frozenset[str]:
    """The folded name itself and the formal names it is short for; two names agree when they share one.

    One step only: Robert does not agree with Bert, although Bob may be Bert and Bert may be Albert.
    """
    name = fold(given).partition(" ")[0]
    return frozenset({name, *_formal_names().get(name, ())}) if name else frozenset()


@lru_cache(maxsize=1)
def _formal_names() -> dict[str, frozenset[str]]:
    """Short name → formal names. Where a pair is listed both ways, the name with more short forms is formal."""
    shorts = _short_names()
    formals: dict[str, set[str]] = defaultdict(set)
    for formal, names in shorts.items():
        for short in names:
            mutual = formal in shorts.get(short, ())
            if not mutual or len(names) >= len(shorts[short]):
                formals[short].add(formal)
    return {short: frozenset(names) for short, names in formals.items()}


def _short_names() -> dict[str, set[str]]:
    """Formal name → short names, of the package and our own lists."""
    shorts: dict[str, set[str]] = defaultdict(set)
    for triplet in name_triplets():
        if triplet.relationship == "has_nickname":
            shorts[triplet.name1].add(triplet.name2)
    for head, names in word_groups("nicknames"):
        shorts[head] |= set(names)
    for head, names in word_groups("not_nicknames"):
        shorts[head] -= set(names)
    return shorts
