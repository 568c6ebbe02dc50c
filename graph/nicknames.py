"""Which formal names a given name may stand for, so that Bob, Rob and Robert agree."""

from collections import defaultdict
from functools import lru_cache

from nicknames import name_triplets

from graph.text import fold


@lru_cache(maxsize=1 << 16)
def nickname_roots(given: str) -> frozenset[str]:
    """The folded name itself and the formal names it is short for; two names agree when they share one.

    A formal name stands for itself only, so Robert does not agree with Bert, who may be Albert.
    """
    name = fold(given).partition(" ")[0]
    return frozenset({name, *_formal_names().get(name, ())}) if name else frozenset()


@lru_cache(maxsize=1)
def _formal_names() -> dict[str, frozenset[str]]:
    """Short name → formal names. Where a pair is listed both ways, the one with more short forms is formal."""
    shorts: dict[str, set[str]] = defaultdict(set)
    for triplet in name_triplets():
        shorts[triplet.name1].add(triplet.name2)
    formals: dict[str, set[str]] = defaultdict(set)
    for formal, names in shorts.items():
        for short in names:
            mutual = formal in shorts.get(short, ())
            if not mutual or len(names) >= len(shorts[short]):
                formals[short].add(formal)
    return {short: frozenset(names) for short, names in formals.items()}
