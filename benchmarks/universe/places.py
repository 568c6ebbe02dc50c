"""Countries, towns, streets and addresses whose parts belong together."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, each, empty, mixed, pick, stream, strings, zipf
from benchmarks.universe.names import culture

VILLAGES = 260
"""Small places beside the listed towns of a country; their sizes follow Zipf's law."""
STREETS = 2_400
LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), dtype=object)
UNITS = {
    "US": ("Apt {0}", "#{0}", "Unit {0}"),
    "GB": ("Flat {0}", "Flat {0}", "Unit {0}"),
    "AU": ("Unit {0}",),
    "ES": ("{0}º B", "{0}º A", "{0}º Izq"),
    "FR": ("Apt {0}", "Bât {0}"),
}


@dataclass(frozen=True)
class Country:
    """One country as `countries.toml` describes it, with its villages and streets made up."""

    code: str
    facts: dict[str, Any]

    @cached_property
    def home_names(self) -> tuple[Column, Column]:
        """Surnames and given names that places are called after."""
        main = culture(max(self.facts["cultures"], key=self.facts["cultures"].get))
        return main.surnames.latin[np.argsort(-main.surnames.weights)[:1500]], main.men.latin

    def _filled(self, forms: list[str], count: int, purpose: str) -> Column:
        rng = stream(0, f"{purpose} {self.code}")
        surnames, given = self.home_names
        stems = self.facts["stems"]
        form = pick(rng, zipf(len(forms), 0.8), count)
        stem = pick(rng, zipf(len(stems), 0.7), count)
        after, first = rng.integers(0, len(surnames), count), rng.integers(0, len(given), count)
        values = [
            forms[f].format(stem=stems[s], surname=surnames[a], given=given[g])
            for f, s, a, g in zip(form, stem, after, first, strict=True)
        ]
        return strings(list(dict.fromkeys(values)))

    @cached_property
    def towns(self) -> dict[str, Column]:
        """Columns name, region, prefix of the towns, the villages after them."""
        listed = self.facts["towns"]
        villages = self._filled(self.facts["villages"], VILLAGES, "villages")
        near = pick(stream(0, f"near {self.code}"), np.sqrt([town[3] for town in listed]), len(villages))
        return {
            "name": strings([town[0] for town in listed] + villages.tolist()),
            "region": strings([town[1] for town in listed] + [listed[n][1] for n in near]),
            "prefix": strings([town[2] for town in listed] + [listed[n][2] for n in near]),
        }

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """Inhabitants of the towns in thousands."""
        listed = np.array([town[3] for town in self.facts["towns"]], dtype=float)
        count = len(self.towns["name"]) - len(listed)
        return np.concatenate([listed, zipf(count, 0.8) * listed.sum() * 0.9])

    @cached_property
    def streets(self) -> Column:
        """Street names of the country, the frequent ones first."""
        values = self._filled(self.facts["street_forms"], STREETS * 2, "streets")
        return values[:STREETS]


@dataclass(frozen=True)
class Addresses:
    """Columns of addresses, one row each; `town` is the position in the country's towns."""

    country: NDArray[np.int64]
    town: NDArray[np.int64]
    number: Column
    street: Column
    unit: Column
    city: Column
    postcode: Column
    region: Column


def countries(codes: tuple[str, ...] = ()) -> list[Country]:
    """All countries of the universe, or those asked for."""
    table = tomllib.loads(Path(__file__).with_name("countries.toml").read_text("utf-8"))
    return [Country(code, facts) for code, facts in table.items() if not codes or code in codes]


def _postcodes(
    prefix: Column, pattern: str, district: NDArray[np.uint64], street: NDArray[np.uint64]
) -> Column:
    """Fill the pattern: `#` from the district, `+` (digit) and `@` (letter) from the street."""
    value = prefix.copy()
    for place, char in enumerate(pattern):
        shift = np.uint64(5 * place)
        if char == "#":
            value = value + strings(((district >> shift) % np.uint64(10)).astype(str))
        elif char == "+":
            value = value + strings(((street >> shift) % np.uint64(10)).astype(str))
        elif char == "@":
            value = value + LETTERS[((street >> shift) % np.uint64(len(LETTERS))).astype(int)]
        else:
            value = value + char
    return value


def _at(country: Country, town: NDArray[np.int64], rng: np.random.Generator) -> dict[str, Column]:
    """Addresses in given towns of one country."""
    count = len(town)
    street = pick(rng, zipf(len(country.streets), 0.6, 10), count)
    districts = np.ceil(np.sqrt(country.sizes[town] / 4)).astype(np.int64)
    area = (mixed(town, street) % districts.astype(np.uint64)).astype(np.int64)
    number = np.ceil(rng.gamma(1.3, 30, count)).astype(np.int64)
    letter = np.where(rng.random(count) < 0.06, rng.choice(strings(["a", "b", "c"]), count), "").astype(
        object
    )
    forms = UNITS.get(country.code, ("{0}",))
    unit = empty(count)
    flats = rng.random(count) < 0.06 + 0.22 * (country.sizes[town] > 300)
    inside = rng.integers(1, 30, count)
    unit[flats] = [forms[n % len(forms)].format(n) for n in inside[flats]]
    names = country.towns
    return {
        "number": strings(number.astype(str)) + letter,
        "street": country.streets[street],
        "unit": unit,
        "city": names["name"][town],
        "postcode": _postcodes(
            names["prefix"][town],
            country.facts["postcode"],
            mixed(town, area),
            mixed(town, street, number // 25),
        ),
        "region": names["region"][town],
    }


def draw_towns(
    world: list[Country], country: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """A town for every row, by size."""
    town = np.zeros(len(country), dtype=np.int64)
    for position, place in enumerate(world):
        rows = np.flatnonzero(country == position)
        town[rows] = pick(rng, place.sizes, len(rows))
    return town


def draw_addresses(
    world: list[Country], country: NDArray[np.int64], town: NDArray[np.int64], rng: np.random.Generator
) -> Addresses:
    """An address in the given town for every row."""
    parts = {name: empty(len(country)) for name in ("number", "street", "unit", "city", "postcode", "region")}
    for position, place in enumerate(world):
        rows = np.flatnonzero(country == position)
        for name, values in _at(place, town[rows], rng).items():
            parts[name][rows] = values
    return Addresses(country, town, **parts)


def street_line(number: Column, street: Column, unit: Column, number_first: NDArray[np.bool_]) -> Column:
    """The street line as the country writes it."""

    def line(house: str | None, way: str | None, flat: str | None, first: bool) -> str | None:
        main = " ".join(part for part in ((house, way) if first else (way, house)) if part)
        return f"{main}, {flat}" if flat and main else main or None

    return each(line, number, street, unit, number_first.astype(object))
