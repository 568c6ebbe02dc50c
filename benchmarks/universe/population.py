"""Everything true of the population, from one seed."""

from dataclasses import dataclass

import numpy as np

from benchmarks.universe.contacts import Contacts, build_contacts
from benchmarks.universe.draws import Column, pick, stream, strings, zipf
from benchmarks.universe.homes import Homes, build_homes
from benchmarks.universe.occupations import OCCUPATIONS
from benchmarks.universe.organisations import Organisations, build_organisations
from benchmarks.universe.people import People, build_people
from benchmarks.universe.places import Country, countries
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Profile
from benchmarks.universe.spelling import Habits, build_habits


@dataclass(frozen=True)
class Universe:
    """The people, where they live, how they are reached, and the organisations beside them."""

    world: list[Country]
    people: People
    homes: Homes
    contacts: Contacts
    organisations: Organisations | None
    occupation: Column
    birth_place: Column
    habits: Habits
    rates: Rates
    seed: int


def _birth_places(people: People, homes: Homes, world: list[Country], rng: np.random.Generator) -> Column:
    """The first home's town for half of the people, any town of the country for the others."""
    elsewhere = rng.random(len(people)) < 0.45
    places = homes.addresses[0].city[homes.of].copy()
    for position, country in enumerate(world):
        rows = np.flatnonzero(elsewhere & (people.country == position))
        places[rows] = country.towns["name"][pick(rng, country.sizes, len(rows))]
    return places


def build_universe(
    count: int,
    profile: Profile,
    seed: int,
    rates: Rates | None = None,
    codes: tuple[str, ...] = (),
    fictional: bool = False,
) -> Universe:
    """A universe of `count` people; `codes` limits the countries, `fictional` the phone numbers."""
    rates = rates or Rates()
    world = countries(codes)
    people = build_people(count, world, rates, profile.era, seed)
    homes = build_homes(people, world, rates, seed, profile.era.living)
    rng = stream(seed, "lives")
    companies = int(count * rates.organisations)
    jobs = strings(OCCUPATIONS)
    return Universe(
        world=world,
        people=people,
        homes=homes,
        contacts=build_contacts(people, homes, world, rates, seed, fictional),
        organisations=build_organisations(companies, world, seed, fictional)
        if profile.organisations
        else None,
        occupation=jobs[pick(rng, zipf(len(jobs), 0.7), count)],
        birth_place=_birth_places(people, homes, world, rng),
        habits=build_habits(people, rates, rng),
        rates=rates,
        seed=seed,
    )
