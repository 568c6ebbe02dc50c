"""Where people live, by date: homes, their moves, and what a home shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import stream
from benchmarks.universe.era import NEVER, WINDOW, Days
from benchmarks.universe.people import People
from benchmarks.universe.places import Addresses, Country, draw_addresses, draw_towns
from benchmarks.universe.rates import Rates


@dataclass(frozen=True)
class Homes:
    """`of` gives the home of each person; every home has up to three addresses and the days it moved."""

    of: NDArray[np.int64]
    country: NDArray[np.int64]
    addresses: tuple[Addresses, Addresses, Addresses]
    moved: tuple[Days, Days]

    def __len__(self) -> int:
        return len(self.country)

    def version(self, person: NDArray[np.int64], day: Days) -> NDArray[np.int64]:
        """Which of the three addresses was right for the person on that day."""
        home = self.of[person]
        return (day >= self.moved[0][home]).astype(int) + (day >= self.moved[1][home])

    def column(self, name: str, person: NDArray[np.int64], version: NDArray[np.int64]) -> np.ndarray:
        """One part of the address of each person in the given version."""
        home = self.of[person]
        return np.choose(version, [getattr(address, name)[home] for address in self.addresses])


def build_homes(people: People, world: list[Country], rates: Rates, seed: int, living: bool = True) -> Homes:
    """One home per family, and one for each grown child who has left."""
    rng = stream(seed, "homes")
    age = (WINDOW[1] - people.birth).astype(int) / 365.25
    left = people.child & ((age > 27) | ((age > 19) & (rng.random(len(people)) < rates.moved_out)))
    left &= living  # in an archive the family's place is what is known
    families = int(people.family.max()) + 1
    of = people.family.copy()
    of[left] = families + np.arange(left.sum())
    country = np.concatenate(
        [people.country[np.searchsorted(people.family, np.arange(families))], people.country[left]]
    )
    town = draw_towns(world, country, rng)
    stays = rng.random(left.sum()) < 0.6
    town[families:] = np.where(stays, town[people.family[left]], town[families:])
    same = np.flatnonzero(people.namesake_of >= 0)
    town[of[same]] = town[of[people.namesake_of[same]]]
    return Homes(of, country, _addresses(world, country, town, rates, rng), _moves(len(country), rates, rng))


def _moves(count: int, rates: Rates, rng: np.random.Generator) -> tuple[Days, Days]:
    """The days of the first and second move of every home, NEVER where there is none."""
    often = rng.random(count)
    first = WINDOW[0] + rng.integers(100, 2200, count).astype("timedelta64[D]")
    second = first + rng.integers(200, 2100, count).astype("timedelta64[D]")
    moves = often < rates.moved_once + rates.moved_twice
    return np.where(moves, first, NEVER), np.where(often < rates.moved_twice, second, NEVER)


def _addresses(
    world: list[Country],
    country: NDArray[np.int64],
    town: NDArray[np.int64],
    rates: Rates,
    rng: np.random.Generator,
) -> tuple[Addresses, Addresses, Addresses]:
    """Three addresses of every home one after another, in the same town or another one."""
    addresses = []
    for _ in range(3):
        addresses.append(draw_addresses(world, country, town, rng))
        far = rng.random(len(country)) < rates.moved_far
        town = np.where(far, draw_towns(world, country, rng), town)
    return addresses[0], addresses[1], addresses[2]
