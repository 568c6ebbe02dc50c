"""The word lists that cleaning knows, one text file each: editable without touching code."""

from functools import lru_cache
from importlib.resources import files

from graph.text import fold


@lru_cache(maxsize=32)
def word_set(name: str) -> frozenset[str]:
    """The folded entries of a list, which are separated by commas or lines; `#` starts a comment line."""
    return frozenset(fold(entry) for line in _lines(name) for entry in line.split(",") if fold(entry))


@lru_cache(maxsize=32)
def word_map(name: str) -> dict[str, str]:
    """Folded entry → meaning, for a list whose lines read `meaning: entry, entry`."""
    pairs = (line.partition(":") for line in _lines(name))
    return {
        fold(entry): meaning.strip() for meaning, _, entries in pairs for entry in entries.split(",") if entry
    }


@lru_cache(maxsize=32)
def word_groups(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each line `head: entry, entry` as the folded head and its folded entries; heads may repeat."""
    pairs = (line.partition(":") for line in _lines(name))
    return tuple(
        (fold(head), tuple(fold(entry) for entry in entries.split(","))) for head, _, entries in pairs
    )


def _lines(name: str) -> list[str]:
    text = (files("graph.words") / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
