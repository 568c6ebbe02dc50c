"""Junior and senior: takes a generation that hides in a name out of it."""

import re

from graph.text import fold
from graph.words import word_map

_WORD = re.compile(r"[^\s,]+")


def split_generation(name: str) -> tuple[str, str]:
    """The name without its generation, and the generation (Jr, Sr, II, III, IV, V or empty).

    The mark may stand anywhere but first: `Smith Jr`, `Smith, Jr., Robert`, `Dumas père`.
    """
    words = [(match.start(), match.end()) for match in _WORD.finditer(name)]
    marks = word_map("generations")
    for size in (2, 1):
        for index in range(len(words) - size, 0, -1):
            start, end = words[index][0], words[index + size - 1][1]
            generation = marks.get(fold(name[start:end]))
            if generation:
                return _joined(name[:start], name[end:]), generation
    return name, ""


def clean_generation(text: str) -> str:
    """The generation a column of its own names, empty for any other text."""
    return word_map("generations").get(fold(text), "")


def _joined(head: str, tail: str) -> str:
    """`Smith, ` and `, Robert` are one name with one comma."""
    head, tail = head.rstrip(), tail.lstrip()
    if head.endswith(",") and (not tail or tail.startswith(",")):
        head = head[:-1].rstrip()
    return f"{head}{tail}" if tail.startswith(",") else f"{head} {tail}".strip()
