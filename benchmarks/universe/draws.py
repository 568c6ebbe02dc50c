"""Random draws that depend on nothing but the seed and the name of what is drawn."""

import random
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.object_]
"""One string (or None) per row."""

MIXER = np.uint64(0x9E3779B97F4A7C15)


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator for one purpose, so that a new purpose disturbs no other."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def editor(rng: np.random.Generator) -> random.Random:
    """Return a scalar generator for edits of single strings (numpy's costs ten times as much a call)."""
    return random.Random(int(rng.integers(2**63)))


def zipf(count: int, exponent: float = 1.0, shift: float = 2.0) -> NDArray[np.float64]:
    """Weights of ranks 1..count after Zipf and Mandelbrot, summing to one."""
    weights = 1.0 / (np.arange(1, count + 1) + shift) ** exponent
    return weights / weights.sum()


def pick(rng: np.random.Generator, weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Draw `count` positions with the given weights (with replacement)."""
    edges = np.cumsum(weights)
    return np.searchsorted(edges, rng.random(count) * edges[-1], side="right").clip(max=len(weights) - 1)


def strings(values: Sequence[str] | NDArray[np.str_]) -> Column:
    """An object array of plain Python strings."""
    column = np.empty(len(values), dtype=object)
    column[:] = [str(value) for value in values]
    return column


def empty(count: int) -> Column:
    """A column without any value."""
    return np.full(count, None, dtype=object)


def present(column: Column) -> NDArray[np.bool_]:
    """Where the column has a value."""
    return np.not_equal(column, None).astype(bool)


def ids(letter: str, positions: NDArray[np.int64]) -> Column:
    """Ids such as p17 for positions."""
    return strings([f"{letter}{position}" for position in positions.tolist()])


def each(function: Callable[..., str | None], *columns: Column) -> Column:
    """Apply a function of strings row by row."""
    column = np.empty(len(columns[0]), dtype=object)
    column[:] = [function(*row) for row in zip(*columns, strict=True)]
    return column


def mixed(*parts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A well-spread 64-bit hash of several integer columns (splitmix64)."""
    value = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        value = (value ^ part.astype(np.uint64)) + MIXER
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value ^= value >> np.uint64(31)
    return value


def distinct_codes(rng: np.random.Generator, count: int, space: int) -> NDArray[np.int64]:
    """`count` numbers below `space`, all different while they fit, in no visible order."""
    if space < 4 * count:
        return np.resize(rng.permutation(space), count)
    codes = np.unique(rng.integers(0, space, count + count // 4 + 64))
    while len(codes) < count:
        codes = np.unique(np.concatenate([codes, rng.integers(0, space, count)]))
    return rng.permutation(codes)[:count]


def digits(codes: NDArray[np.int64], width: int) -> Column:
    """Zero-padded decimal text of the codes."""
    return strings([f"{code:0{width}d}" for code in codes.tolist()])
