"""Answers for what a column's name means, in several languages and spellings (synonyms.toml)."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from graph.identifiers import KINDS, canonical_kind
from graph.text import fold
from graph.unusable import UnusableValueError

TRUTH = "truth"
"""The concept of a column that looks like an answer key: it is never used."""

_TRUTH_WORDS = frozenset({"cluster", "truth", "gold", "golden", "groundtruth", "duplicate", "household"})


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads(files("loaders").joinpath("synonyms.toml").read_text(encoding="utf-8"))


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for concept, names in _lists().items():
        for name in names if not concept.startswith("_") else ():
            table.setdefault(name, concept)
            table.setdefault(name.replace(" ", ""), concept)
    return table


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name: folded, camelCase and digits apart (`EMailAddress2` → e mail address 2)."""
    spaced = re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", " ", name.rpartition(".")[2] or name
    )
    return tuple(re.sub(r"(?<=[a-z]{2})(?=\d)", " ", fold(spaced)).split())


@cache
def concept_of(name: str) -> tuple[str | None, int]:
    """What a column's name means, and how directly it says so: 2 exactly, 1 with words taken away, 0 not."""
    words = words_of(name)
    if found := _table().get(" ".join(words)) or _table().get("".join(words)):
        return found, 2
    if _TRUTH_WORDS & set(words):
        return TRUTH, 2
    if words and words[-1] in _lists()["_aside"]:
        return None, 0
    try:
        kind = canonical_kind("_".join(words)) if words else ""
    except UnusableValueError:
        kind = ""
    if kind in KINDS:
        return kind, 2
    bare = tuple(word for word in words if not re.fullmatch(r"c?\d+", word))
    for candidate in (bare, _without_noise(bare, front=True), _without_noise(bare, front=False)):
        found = _table().get(" ".join(candidate)) if candidate else None
        if found and found != TRUTH:
            return found, 1
    return None, 0


def _without_noise(words: tuple[str, ...], *, front: bool) -> tuple[str, ...]:
    while len(words) > 1 and words[0 if front else -1] in _lists()["_noise"]:
        words = words[1:] if front else words[:-1]
    return words
