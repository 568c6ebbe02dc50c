"""Families and the people in them: who belongs together, who was born when, who only seems to be somebody."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, each, empty, pick, stream
from benchmarks.universe.era import Days, Era
from benchmarks.universe.names import SURNAME_FIRST
from benchmarks.universe.naming import Draft, name_people
from benchmarks.universe.places import Country
from benchmarks.universe.rates import Rates

SHARERS = 4
"""Position of flat-sharing adults among the kinds of families."""


@dataclass(frozen=True)
class People:
    """One row per person; `place` is the position in the family: 0 head, 1 partner, 2.. children or sharers.

    From the day `renamed` on the surname is `later_surname`; `namesake_of` is the row of a stranger of the same
    name, or -1.
    """

    family: NDArray[np.int64]
    place: NDArray[np.int64]
    child: NDArray[np.bool_]
    country: NDArray[np.int64]
    culture: Column
    female: NDArray[np.bool_]
    birth: Days
    given: Column
    middle: Column
    surname: Column
    later_surname: Column
    renamed: Days
    native_given: Column
    native_surname: Column
    generation: Column
    twin: NDArray[np.bool_]
    namesake_of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.family)

    @property
    def native_name(self) -> Column:
        """The whole name in its own script, surname first and without a space where that is the custom."""
        together = np.isin(self.culture, list(SURNAME_FIRST - {"vi_VN"})).astype(object)
        return each(
            lambda given, surname, east: surname + given if east else f"{given} {surname}",
            self.native_given, self.native_surname, together,
        )  # fmt: skip


def _cultures(world: list[Country], home: NDArray[np.int64], rng: np.random.Generator) -> Column:
    """A culture for every family, by the shares of its country."""
    chosen = empty(len(home))
    for position, country in enumerate(world):
        rows = np.flatnonzero(home == position)
        codes = np.array(list(country.facts["cultures"]), dtype=object)
        chosen[rows] = codes[pick(rng, np.array(list(country.facts["cultures"].values())), len(rows))]
    return chosen


def _families(count: int, world: list[Country], rates: Rates, rng: np.random.Generator) -> Draft:
    """Rows of people, family by family: adults first, then children."""
    shares = np.array([rates.single, rates.couple, rates.family, rates.lone_parent, rates.sharers])
    kind = pick(rng, shares, count)
    adults = np.array([1, 2, 2, 1, 2])[kind] + (kind == SHARERS) * rng.poisson(0.8, count)
    sizes = adults + np.isin(kind, (2, 3)) * (1 + rng.binomial(4, 0.22, count))
    families = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    family = np.repeat(np.arange(families), sizes[:families])[:count]
    start = np.searchsorted(family, family)
    place = np.arange(count) - start
    child = place >= adults[family]
    country = pick(rng, np.array([place.facts["share"] for place in world]), families)
    return {
        "family": family,
        "start": start,
        "place": np.where(child, np.maximum(place, 2), place),
        "child": child,
        "sharer": kind[family] == SHARERS,
        "alone": adults[family] == 1,
        "country": country[family],
        "culture": _cultures(world, country, rng)[family],
    }


def _sexes(people: Draft, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Who is female: heads of couples mostly are not and partners mostly are, otherwise half and half."""
    place = people["place"]
    share = np.where(place == 0, np.where(people["alone"], 0.55, 0.08), np.where(place == 1, 0.92, 0.5))
    share[people["child"] | people["sharer"]] = 0.5
    return rng.random(len(place)) < share


def _births(
    people: Draft, era: Era, rates: Rates, rng: np.random.Generator
) -> tuple[Days, NDArray[np.bool_]]:
    """Birth dates (partners of similar age, children 29 years younger than the head), and who is a twin."""
    place, child, count = people["place"], people["child"], len(people["place"])
    most = era.first_birth + 0.65 * (era.last_birth - era.first_birth)
    own = rng.triangular(era.first_birth, most, era.last_birth, count)
    head = own[people["start"]]
    partner = head + rng.normal(0, 4, count)
    year = np.where(child, head + rng.normal(29, 5, count).clip(17, 48), np.where(place == 0, own, partner))
    birth = np.datetime64("1970-01-01") + ((year - 1970) * 365.2425).astype("timedelta64[D]")
    sibling = child & np.roll(child, 1) & (people["family"] == np.roll(people["family"], 1))
    second = sibling & (rng.random(count) < 2 * rates.twins)
    second &= ~np.roll(second, 1)
    birth[second] = birth[np.flatnonzero(second) - 1]
    return birth, second | np.roll(second, -1)


def build_people(count: int, world: list[Country], rates: Rates, era: Era, seed: int) -> People:
    """`count` people in families, each family of one country and one culture."""
    rng = stream(seed, "families")
    draft = _families(count, world, rates, rng)
    draft["female"] = _sexes(draft, rng)
    draft["birth"], draft["twin"] = _births(draft, era, rates, rng)
    draft["namesake_of"] = np.full(count, -1)
    name_people(draft, rates, seed)
    people = People(**{field.name: draft[field.name] for field in fields(People)})
    return _namesakes(people, rates, rng)


def _namesakes(people: People, rates: Rates, rng: np.random.Generator) -> People:
    """Strangers of one name: people who live alone get the names of another one of their culture and sex."""
    alone = rng.permutation(np.flatnonzero((people.place == 0) & (np.roll(people.place, -1) == 0)))
    kind = np.unique(people.culture[alone].astype(str), return_inverse=True)[1]
    alike = alone[np.lexsort((people.female[alone], people.country[alone], kind))]
    one, other = alike[0 : len(alike) // 2 * 2 : 2], alike[1::2]
    same = (people.culture[one] == people.culture[other]) & (people.female[one] == people.female[other])
    same &= people.country[one] == people.country[other]
    chosen = rng.permutation(np.flatnonzero(same))[: int(len(people) * rates.namesake)]
    one, other = one[chosen], other[chosen]
    changed = {"namesake_of": people.namesake_of.copy()}
    changed["namesake_of"][other] = one
    for name in ("given", "surname", "later_surname", "native_given", "native_surname"):
        changed[name] = getattr(people, name).copy()
        changed[name][other] = changed[name][one]
    return replace(people, **changed)
