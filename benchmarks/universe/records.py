"""One source's records of the people it knows: the truth of a day, written down its way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe import noise
from benchmarks.universe.contacts import Contacts
from benchmarks.universe.draws import (
    Column,
    digits,
    distinct_codes,
    each,
    editor,
    empty,
    mixed,
    stream,
    strings,
)
from benchmarks.universe.homes import Homes
from benchmarks.universe.people import NEVER, WINDOW, Days, Era, People, full_native
from benchmarks.universe.places import Country, street_line
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source
from benchmarks.universe.spelling import Habits, name_forms
from benchmarks.universe.writing import composed_name, dates, phones, written_case

COLUMNS = (
    "source", "record_id", "kind", "created", "updated", "full_name", "given_name", "middle_name", "surname", "generation",
    "native_name", "gender", "birth_date", "date_order", "birth_place", "occupation", "organisation_name", "street_line", "house_number",
    "street", "unit", "city", "postcode", "region", "country", "phone", "mobile", "email", "loyalty_card", "customer_number",
    "user_id", "national_id", "tax_id",
)  # fmt: skip
ADDRESS = ("house_number", "street", "unit", "city", "postcode", "region", "country")
MISSPELT = {
    "given_name": ("misspelt_given", noise.misspell),
    "middle_name": ("misspelt_given", noise.misspell),
    "surname": ("misspelt_surname", noise.misspell),
    "street": ("misspelt_street", noise.misspell),
    "city": ("misspelt_city", noise.misspell),
    "birth_place": ("misspelt_city", noise.misspell),
    "occupation": ("misspelt_occupation", noise.misspell),
    "postcode": ("misspelt_postcode", noise.digit),
    "house_number": ("misspelt_postcode", noise.digit),
    "phone": ("misspelt_phone", noise.digit),
    "mobile": ("misspelt_phone", noise.digit),
    "email": ("misspelt_email", noise.misspell_mail),
    "loyalty_card": ("misspelt_number", noise.digit),
    "customer_number": ("misspelt_number", noise.digit),
    "national_id": ("misspelt_number", noise.digit),
}
PLACEHOLDERS = {
    "given_name": ("Unknown", "N/A", "x", "Test", "-"),
    "surname": ("Unknown", "N/A", "xxx", "Test", "-", "none"),
    "phone": ("0000000000", "1234567890", "+0", "9999999999"),
    "email": ("test@test.com", "none@none.com", "noemail@example.com", "n/a"),
    "postcode": ("00000", "99999", "n/a"),
    "city": ("unknown", "N/A", "-"),
    "national_id": ("000000000", "999999999", "123456789"),
}
PLACEHOLDER_DATES = np.array(["1900-01-01", "1970-01-01", "1901-01-01", "1900-01-01"], dtype="datetime64[D]")


@dataclass(frozen=True)
class Universe:
    """Everything true of the population."""

    world: list[Country]
    people: People
    homes: Homes
    contacts: Contacts
    occupation: Column
    birth_place: Column
    habits: Habits
    rates: Rates
    seed: int
    era: Era


def _known(universe: Universe, source: Source, rng: np.random.Generator) -> tuple[NDArray[np.int64], Days]:
    """Whom the source knows, once per record, and the day each record was true."""
    people = universe.people
    known = rng.random(len(people)) < source.coverage
    copies = (
        known * np.minimum(rng.geometric(1 - source.again, len(people)), source.most)
        if source.again
        else known
    )
    person = np.repeat(np.arange(len(people)), copies)
    span = (WINDOW[1] - WINDOW[0]).astype(int)
    day = WINDOW[0] + rng.integers(0, span, len(person)).astype("timedelta64[D]")
    old_enough = day >= people.birth[person] + np.timedelta64(int(source.minimum_age * 365.25), "D")
    person, day = person[old_enough], day[old_enough]
    mixed = rng.permutation(len(person))
    return person[mixed], day[mixed]


def _clean(
    universe: Universe, person: NDArray[np.int64], day: Days, rng: np.random.Generator
) -> dict[str, Column]:
    """The true values of that day, some of them already out of date."""
    people, contacts, homes, rates = universe.people, universe.contacts, universe.homes, universe.rates
    count = len(person)
    late = day - np.where(rng.random(count) < rates.stale, 1500, 0).astype("timedelta64[D]")
    version = homes.version(person, late)
    country = homes.country[homes.of[person]]
    renamed = day >= people.renamed[person]
    second = (rng.random(count) < 0.4) & (contacts.second_email[person] != None)  # noqa: E711
    shared = (rng.random(count) < 0.4) & (contacts.family_email[person] != None)  # noqa: E711
    email = np.where(
        shared,
        contacts.family_email[person],
        np.where(second, contacts.second_email[person], contacts.email[person]),
    )
    mobile, landline = contacts.mobile_on(person, late), contacts.landline[person]
    at_home = (rng.random(count) < 0.6) & (landline != None) | (mobile == None)  # noqa: E711
    own = (rng.random(count) < 0.6) & (contacts.own_card[person] != None)  # noqa: E711
    values = {
        "given_name": people.given[person],
        "middle_name": people.middle[person],
        "surname": np.where(renamed, people.later_surname[person], people.surname[person]),
        "generation": people.generation[person],
        "gender": np.where(people.female[person], "F", "M").astype(object),
        "birth_place": universe.birth_place[person],
        "occupation": universe.occupation[person],
        "phone": np.where(at_home, landline, mobile),
        "mobile": mobile,
        "email": email,
        "loyalty_card": np.where(own, contacts.own_card[person], contacts.home_card[person]),
        "national_id": contacts.national_id[person],
        "country": strings([place.code for place in universe.world])[country],
    }
    for name, part in (
        ("house_number", "number"),
        *((name, name) for name in ("street", "unit", "city", "postcode", "region")),
    ):
        values[name] = homes.column(part, person, version)
    return values


def _accounts(person: NDArray[np.int64], letter: str, anew: float, rng: np.random.Generator) -> Column:
    """Account numbers: one per person, but a share of the repeated records were opened as new accounts."""
    repeated = np.ones(len(person), dtype=bool)
    repeated[np.unique(person, return_index=True)[1]] = False
    other = np.where(repeated & (rng.random(len(person)) < anew), 1 + rng.integers(0, 9, len(person)), 0)
    return each(lambda code: letter + code, digits(mixed(person, other) % np.uint64(10**12), 12))


def _incomplete(values: dict[str, Column], source: Source, rng: np.random.Generator) -> None:
    """Fields the source does not have, or that nobody filled in; names are judged as they are written."""
    count = len(values["surname"])
    address = rng.random(count) < source.fields.get("address", 0.0)
    for name, column in values.items():
        if (
            name in ("given_name", "middle_name", "surname")
            and "full_name" in source.fields
            and name not in source.fields
        ):
            continue
        share = source.fields.get(name, 0.0)
        present = rng.random(count) < share
        if name in ADDRESS and "address" in source.fields:
            present = address & (rng.random(count) < (0.5 if name in ("region", "country") else 0.97))
        column[~present] = None


def _placeholders(values: dict[str, Column], rate: float, rng: np.random.Generator) -> None:
    r = editor(rng)
    for name, choices in PLACEHOLDERS.items():
        if name in values:
            for at in np.flatnonzero(rng.random(len(values[name])) < rate * 0.4).tolist():
                values[name][at] = r.choice(choices) if values[name][at] else None


def _birth(universe: Universe, person: NDArray[np.int64], source: Source, rng: np.random.Generator) -> Column:
    """The birth date as written: damaged as a date first, then formatted, then mistyped."""
    rates = universe.rates
    written = dates(universe.people.birth[person], source, rates, rng)
    stands_in = rng.random(len(person)) < rates.placeholder * 0.5
    choice = PLACEHOLDER_DATES[rng.integers(0, len(PLACEHOLDER_DATES), len(person))]
    written[stands_in] = strings([day.strftime(source.dates) for day in choice[stands_in].tolist()])
    written = noise.damage(written, rates.date_digit * source.noise, noise.digit, rng)
    written[rng.random(len(person)) >= source.fields.get("birth_date", 0.0)] = None
    return written


def build_records(universe: Universe, source: Source) -> tuple[dict[str, Column], NDArray[np.int64]]:
    """Columns of the source's records, and the person behind each."""
    rates, rng = universe.rates, stream(universe.seed, f"records {source.name}")
    person, day = _known(universe, source, rng)
    count = len(person)
    values = {name: column.copy() for name, column in _clean(universe, person, day, rng).items()}
    for name, letter, again in (("customer_number", "C", 0.25), ("user_id", "u", 0.5)):
        values[name] = _accounts(person, letter, again if source.again else 0.0, rng)
    swaps = rng.random(count) < rates.gender_wrong * source.noise
    values["gender"] = np.where(swaps, np.where(values["gender"] == "F", "M", "F"), values["gender"]).astype(
        object
    )
    name_forms(values, universe.habits, person, source, rates, rng)
    native = (rng.random(count) < source.native) & (universe.habits.has_native[person])
    for name, column in values.items():
        if name in MISSPELT:
            rate, edit = MISSPELT[name]
            values[name] = noise.damage(
                column, getattr(rates, rate) * source.noise, edit, rng, rates.misspelt_twice
            )
    values["street"] = noise.damage(values["street"], 0.25, noise.abbreviate, rng)
    values["city"] = noise.damage(
        values["city"], rates.accents_dropped * source.noise * 0.5, noise.plain, rng
    )
    _placeholders(values, rates.placeholder * source.noise, rng)
    _incomplete(values, source, rng)
    values["generation"][rng.random(count) >= rates.generation_written] = None
    values["birth_date"] = _birth(universe, person, source, rng)
    _written(universe, values, person, native, source, rng)
    values |= {name: empty(count) for name in COLUMNS if name not in values}
    values["source"][:], values["kind"][:], values["date_order"][:] = source.name, "PERSON", source.date_order
    values["record_id"] = each(
        lambda code: source.name[0] + code, digits(distinct_codes(rng, count, 10**9), 9)
    )
    values["created"] = day.astype("datetime64[ms]")
    later = rng.exponential(90, count).astype("timedelta64[D]") * (rng.random(count) < 0.3)
    values["updated"] = np.minimum(day + later, WINDOW[1]).astype("datetime64[ms]")
    return {name: values[name] for name in COLUMNS}, person


def _written(
    universe: Universe,
    values: dict[str, Column],
    person: NDArray[np.int64],
    native: NDArray[np.bool_],
    source: Source,
    rng: np.random.Generator,
) -> None:
    """The forms in which the source writes names, streets, phones and capitals."""
    if "full_name" in source.fields:
        values["full_name"] = composed_name(values, source, rng)
        for name in ("given_name", "middle_name", "surname"):
            if name not in source.fields:
                values[name] = empty(len(person))
    if source.native:
        script = full_native(universe.people)[person]
        values["native_name"] = np.where(native, script, None)
    if source.street == "line":
        first = np.array([place.facts["number_first"] for place in universe.world])[
            universe.homes.country[universe.homes.of[person]]
        ]
        values["street_line"] = street_line(values["house_number"], values["street"], values["unit"], first)
        for name in ("house_number", "street", "unit"):
            values[name] = empty(len(person))
    for name in ("phone", "mobile"):
        values[name] = phones(values[name], universe, person, source.phones, rng)
    written_case(values, source, rng)


__all__ = ["COLUMNS", "NEVER", "Universe", "build_records"]
