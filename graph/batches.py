"""Cuts any iterable into lists of bounded size, the unit in which the graph is read and written."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Consecutive lists of at most `size` items, none empty."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
