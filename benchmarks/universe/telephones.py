"""Telephone numbers in the ranges of their country, and the ways in which people write them."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, digits, distinct_codes, each, empty, strings
from benchmarks.universe.places import Country

STYLES = {"e164": [0], "national": [1], "spaced": [2], "any": [0, 1, 1, 2, 3, 4]}


def draw_numbers(
    world: list[Country],
    country: NDArray[np.int64],
    kind: str,
    rng: np.random.Generator,
    fictional: bool = False,
) -> Column:
    """A national number of its own for every row; `kind` is mobile or landline.

    `fictional` takes the ranges set aside for drama: too few for many people, and not in every country.
    """
    numbers = empty(len(country))
    for position, place in enumerate(world):
        rows = np.flatnonzero(country == position)
        ranges = place.facts.get(f"fictional_{kind}" if fictional else kind)
        if ranges is None or not len(rows):
            continue
        width = ranges["digits"]
        codes = distinct_codes(rng, len(rows), len(ranges["prefixes"]) * 10**width)
        numbers[rows] = strings(ranges["prefixes"])[codes // 10**width] + digits(codes % 10**width, width)
    return numbers


def written_numbers(
    column: Column, world: list[Country], country: NDArray[np.int64], style: str, rng: np.random.Generator
) -> Column:
    """National numbers as written: +44…, 0044…, with the trunk zero, with spaces or dashes."""
    dial = strings([place.facts["dial"] for place in world])[country]
    trunk = strings([place.facts["trunk"] for place in world])[country]
    form = rng.choice(STYLES[style], len(column)).astype(object)

    def written(number: str | None, code: str, zero: str, how: int) -> str | None:
        if not number:
            return None
        if how == 1:
            return zero + number
        if how == 2:
            return f"+{code} {number[:3]} {number[3:6]} {number[6:]}"
        if how == 3:
            return f"{zero}{number[:3]}-{number[3:6]}-{number[6:]}"
        return f"00{code}{number}" if how == 4 and code != "1" else f"+{code}{number}"

    return each(written, column, dial, trunk, form)
