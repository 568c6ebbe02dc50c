"""The whole universe from one seed: population, records of every source, truth and traps."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.universe.contacts import build_contacts
from benchmarks.universe.draws import Column, each, empty, pick, stream, strings, zipf
from benchmarks.universe.homes import build_homes
from benchmarks.universe.occupations import OCCUPATIONS
from benchmarks.universe.people import NEVER, People, build_people
from benchmarks.universe.places import countries
from benchmarks.universe.rates import Rates
from benchmarks.universe.records import COLUMNS, Universe, build_records
from benchmarks.universe.sources import Profile
from benchmarks.universe.spelling import build_habits


@dataclass(frozen=True)
class Tables:
    """What is written: records and what is true of them."""

    records: pa.Table
    truth_records: pa.Table
    truth_traps: pa.Table


def build_universe(
    count: int,
    profile: Profile,
    seed: int,
    rates: Rates | None = None,
    codes: tuple[str, ...] = (),
    fictional: bool = False,
) -> Universe:
    """Everything true of `count` people; `codes` limits the countries, `fictional` the phone numbers."""
    rates = rates or Rates()
    world = countries(codes)
    people = build_people(count, world, rates, profile.era, seed)
    homes = build_homes(people, world, rates, seed, profile.era.living)
    rng = stream(seed, "lives")
    towns = [place.towns["name"] for place in world]
    at_home = homes.addresses[0].city[homes.of]
    elsewhere = rng.random(count) < 0.45
    birth_place = at_home.copy()
    for position, names in enumerate(towns):
        rows = np.flatnonzero(elsewhere & (people.country == position))
        birth_place[rows] = names[pick(rng, world[position].sizes, len(rows))]
    jobs = strings(list(OCCUPATIONS))
    return Universe(
        world, people, homes, build_contacts(people, homes, world, rates, seed, fictional),
        jobs[pick(rng, zipf(len(jobs), 0.7), count)], birth_place, build_habits(people, rates, rng), rates, seed, profile.era,
    )  # fmt: skip


def _truth(source: Column, record_id: Column, person: Column, household: Column) -> pa.Table:
    return pa.table(
        {"source": pa.array(source, pa.string()), "record_id": pa.array(record_id, pa.string()),
         "person_id": pa.array(person, pa.string()), "household_id": pa.array(household, pa.string())}
    )  # fmt: skip


def _table(columns: dict[str, np.ndarray]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(columns[name])
            if columns[name].dtype != object
            else pa.array(columns[name], pa.string())
            for name in COLUMNS
        }
    )


def traps(universe: Universe) -> pa.Table:
    """What was planted: kind of trap and the two people (or homes) it is about."""
    people, pairs = universe.people, []
    twins = np.flatnonzero(
        people.twin & np.roll(people.twin, -1) & (people.family == np.roll(people.family, -1))
    )
    pairs += [("twins", at, at + 1) for at in twins.tolist() if people.birth[at] == people.birth[at + 1]]
    juniors = np.flatnonzero(people.child & (people.generation != None))  # noqa: E711
    pairs += [
        ("junior", int(np.searchsorted(people.family, people.family[at])), at) for at in juniors.tolist()
    ]
    pairs += [
        ("namesake", int(people.namesake_of[at]), at)
        for at in np.flatnonzero(people.namesake_of >= 0).tolist()
    ]
    pairs += [("recycled phone", a, b) for a, b in universe.contacts.recycled.tolist()]
    renamed = np.flatnonzero((people.renamed > np.datetime64("2000-01-01")) & (people.renamed < NEVER))
    pairs += [("renamed", at, at) for at in renamed.tolist()]
    moved = np.flatnonzero(universe.homes.moved[0][universe.homes.of] < NEVER)
    pairs += [("moved", at, at) for at in moved.tolist()]
    return pa.table(
        {"trap": pa.array([trap for trap, _, _ in pairs], pa.string()),
         "person_id": pa.array([f"p{a}" for _, a, _ in pairs], pa.string()),
         "other_id": pa.array([f"p{b}" for _, _, b in pairs], pa.string())}
    )  # fmt: skip


def build_tables(universe: Universe, profile: Profile) -> Tables:
    """Records of all sources in one table, their truth, and the traps."""
    records, truths = [], []
    for source in profile.sources:
        columns, person = build_records(universe, source)
        records.append(_table(columns))
        truths.append(
            _truth(
                columns["source"],
                columns["record_id"],
                _ids("p", person),
                _ids("h", universe.homes.of[person]),
            )
        )
    return Tables(pa.concat_tables(records), pa.concat_tables(truths), traps(universe))


def _ids(letter: str, positions: NDArray[np.int64]) -> Column:
    return each(lambda position: f"{letter}{position}", positions.astype(object))


__all__ = ["People", "Tables", "build_tables", "build_universe", "empty"]
