"""One source's records of the people it knows: the truth of a day, written down its way."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.damage import ADDRESS, NAMES, birth_dates, incomplete, misspelt, placeholders
from benchmarks.universe.draws import Column, digits, each, empty, mixed, present, stream, strings
from benchmarks.universe.era import WINDOW, Days, within_window
from benchmarks.universe.places import street_line
from benchmarks.universe.population import Universe
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source
from benchmarks.universe.spelling import name_forms
from benchmarks.universe.telephones import written_numbers
from benchmarks.universe.writing import composed_name, written_case

COLUMNS = (
    "source", "record_id", "kind", "created", "updated", "date_order",
    "full_name", "given_name", "middle_name", "surname", "generation", "native_name", "gender", "birth_date",
    "birth_place", "occupation", "organisation_name",
    "street_line", "house_number", "street", "unit", "city", "postcode", "region", "country",
    "phone", "mobile", "email", "loyalty_card", "customer_number", "user_id", "national_id", "tax_id",
)  # fmt: skip
"""Columns of the records table: attributes and identifiers under the graph's own names."""
STALE_DAYS = np.timedelta64(1500, "D")


def _known(universe: Universe, source: Source, rng: np.random.Generator) -> tuple[NDArray[np.int64], Days]:
    """Whom the source knows, once per record, and the day on which each record was true."""
    people = universe.people
    known = (rng.random(len(people)) < source.coverage) & universe.contacts.has(source.needs)
    copies = np.minimum(rng.geometric(1 - source.again, len(people)), source.most)
    person = np.repeat(np.arange(len(people)), known * copies)
    day = within_window(rng, len(person))
    old_enough = day >= people.birth[person] + np.timedelta64(int(source.minimum_age * 365.25), "D")
    return person[old_enough], day[old_enough]


def _either(first: Column, second: Column, share: float, rng: np.random.Generator) -> Column:
    """The first value in that share of rows and wherever there is no second one, if there is a first."""
    chosen = present(first) & ((rng.random(len(first)) < share) | ~present(second))
    return np.where(chosen, first, second)


def _contacts(
    universe: Universe, person: NDArray[np.int64], day: Days, rng: np.random.Generator
) -> dict[str, Column]:
    """The number, address and card that the person gave on that day."""
    contacts = universe.contacts
    mobile = contacts.mobile_on(person, day)
    email = _either(contacts.second_email[person], contacts.email[person], 0.4, rng)
    return {
        "phone": _either(contacts.landline[person], mobile, 0.6, rng),
        "mobile": mobile,
        "email": _either(contacts.family_email[person], email, 0.4, rng),
        "loyalty_card": _either(contacts.own_card[person], contacts.home_card[person], 0.6, rng),
        "national_id": contacts.national_id[person].copy(),
    }


def _accounts(person: NDArray[np.int64], letter: str, anew: float, rng: np.random.Generator) -> Column:
    """Account numbers: one per person, but a share of the repeated records were opened as new accounts."""
    repeated = np.ones(len(person), dtype=bool)
    repeated[np.unique(person, return_index=True)[1]] = False
    other = np.where(repeated & (rng.random(len(person)) < anew), 1 + rng.integers(0, 9, len(person)), 0)
    numbers = (mixed(person, other) % np.uint64(10**12)).astype(np.int64)
    return each(lambda code: letter + code, digits(numbers, 12))


def _true(
    universe: Universe, person: NDArray[np.int64], day: Days, rng: np.random.Generator
) -> dict[str, Column]:
    """What is true on that day, some of it already out of date."""
    people, homes = universe.people, universe.homes
    late = day - np.where(rng.random(len(person)) < universe.rates.stale, STALE_DAYS, np.timedelta64(0, "D"))
    version = homes.version(person, late)
    parts = {"house_number": "number"} | {
        name: name for name in ("street", "unit", "city", "postcode", "region")
    }
    return {
        "given_name": people.given[person],
        "middle_name": people.middle[person],
        "surname": np.where(
            day >= people.renamed[person], people.later_surname[person], people.surname[person]
        ),
        "generation": people.generation[person],
        "gender": np.where(people.female[person], "F", "M").astype(object),
        "birth_place": universe.birth_place[person],
        "occupation": universe.occupation[person],
        "customer_number": _accounts(person, "C", 0.25, rng),
        "user_id": _accounts(person, "u", 0.5, rng),
        **{name: homes.column(part, person, version) for name, part in parts.items()},
        "country": strings([place.code for place in universe.world])[homes.country[homes.of[person]]],
        **_contacts(universe, person, late, rng),
    }


def build_records(universe: Universe, source: Source) -> tuple[dict[str, Column], NDArray[np.int64]]:
    """Columns of the source's records of people (all but its own name and ids), and the person behind each."""
    rates, rng = universe.rates, stream(universe.seed, f"records {source.name}")
    person, day = _known(universe, source, rng)
    count = len(person)
    values = _true(universe, person, day, rng)
    mistaken = rng.random(count) < rates.gender_wrong * source.noise
    values["gender"][mistaken] = np.where(values["gender"][mistaken] == "F", "M", "F")
    name_forms(values, universe.habits, person, source, rates, rng)
    misspelt(values, source, rates, rng)
    country = universe.homes.country[universe.homes.of[person]]
    for name in ("phone", "mobile"):
        values[name] = written_numbers(values[name], universe.world, country, source.phones, rng)
    placeholders(values, source, rates, rng)
    incomplete(values, source, rates, rng)
    values["birth_date"] = birth_dates(universe.people.birth[person], source, rates, rng)
    values["native_name"] = np.where(
        universe.habits.has_native[person] & (rng.random(count) < source.native),
        universe.people.native_name[person],
        None,
    )
    number_first = np.array([place.facts["number_first"] for place in universe.world])
    _written(values, source, rates, number_first[country], rng)
    later = rng.exponential(90, count).astype("timedelta64[D]") * (rng.random(count) < 0.3)
    values["created"] = day.astype("datetime64[ms]")
    values["updated"] = np.minimum(day + later, WINDOW[1]).astype("datetime64[ms]")
    values["kind"] = np.full(count, "PERSON", dtype=object)
    return {name: values.get(name, empty(count)) for name in COLUMNS}, person


def _written(
    values: dict[str, Column],
    source: Source,
    rates: Rates,
    number_first: NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:
    """The forms in which the source keeps names, streets and capitals, in place."""
    count = len(number_first)
    if "full_name" in source.fields:
        values["full_name"] = composed_name(values, source, rates, rng)
    values |= {name: empty(count) for name in NAMES if name not in source.fields}
    if source.street == "line":
        parts = (values[name] for name in ADDRESS[:3])
        values["street_line"] = street_line(*parts, number_first)
        values |= {name: empty(count) for name in ADDRESS[:3]}
    written_case(values, source, rng)
