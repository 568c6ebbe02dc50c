"""Families and the people in them: who was born when, is called what, and changed the name."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, each, empty, pick, stream
from benchmarks.universe.names import Culture, culture, draw_given
from benchmarks.universe.places import Country
from benchmarks.universe.rates import Rates

WINDOW = (np.datetime64("2014-01-01"), np.datetime64("2026-01-01"))
"""The years in which records are made."""
NEVER = np.datetime64("2100-01-01")
DOUBLE_SURNAMES = frozenset({"es_ES", "pt_BR"})

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Era:
    """When the heads of families were born, and from which day on records of people are made."""

    first_birth: int = 1934
    last_birth: int = 2004
    living: bool = True


@dataclass(frozen=True)
class People:
    """One row per person; `place` is the position in the family: 0 head, 1 partner, 2.. children or sharers."""

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


def _sizes(
    families: int, rates: Rates, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Adults and children per family; sharers are adults after the second place."""
    kind = pick(
        rng, np.array([rates.single, rates.couple, rates.family, rates.lone_parent, rates.sharers]), families
    )
    adults = np.array([1, 2, 2, 1, 2])[kind] + (kind == 4) * rng.poisson(0.8, families)
    children = np.isin(kind, (2, 3)) * (1 + rng.binomial(4, 0.22, families))
    return np.where(kind == 4, -adults, adults), children


def _births(
    place: NDArray[np.int64],
    child: NDArray[np.bool_],
    start: NDArray[np.int64],
    era: Era,
    rates: Rates,
    seed: int,
) -> tuple[Days, NDArray[np.bool_]]:
    """Birth dates: partners of similar age, children 29 years younger than the head, twins on one day."""
    rng = stream(seed, "births")
    count = len(place)
    year = rng.triangular(
        era.first_birth, era.first_birth + 0.65 * (era.last_birth - era.first_birth), era.last_birth, count
    )
    head = year[start]
    year = np.where(
        child,
        head + rng.normal(29, 5, count).clip(17, 48),
        np.where(place == 0, year, head + rng.normal(0, 4, count)),
    )
    birth = np.datetime64("1970-01-01") + ((year - 1970) * 365.2425).astype("timedelta64[D]")
    before = np.roll(child, 1)
    twin = child & before & (place >= 2) & (rng.random(count) < 2 * rates.twins)
    twin[0] = False
    twin &= ~np.roll(twin, 1)
    birth[twin] = birth[np.flatnonzero(twin) - 1]
    pair = twin | np.roll(twin, -1)
    return birth, pair


def _surnames(
    of: Culture, family: NDArray[np.int64], place: NDArray[np.int64], child: NDArray[np.bool_], seed: int
) -> NDArray[np.int64]:
    """Positions of birth surnames: children share the head's, everybody else has an own one."""
    rng = stream(seed, f"surnames {of.code}")
    own = pick(rng, of.surnames.weights, len(family))
    _, first = np.unique(family, return_index=True)
    heads = np.searchsorted(family[first], family)
    return np.where(child, own[first][heads], own)


def _named(people: dict, code: str, rows: NDArray[np.int64], seed: int) -> None:
    """Fill the name columns of the rows of one culture."""
    of = culture(code)
    female = people["female"][rows]
    decade = people["birth"][rows].astype("datetime64[Y]").astype(int) // 10 * 10 + 1970
    given = draw_given(of, female, decade, seed)
    middle = draw_given(of, female, decade, seed + 1)
    family = _surnames(of, people["family"][rows], people["place"][rows], people["child"][rows], seed)
    for name, form in (("given", "latin"), ("native_given", "native")):
        men, women = getattr(of.men, form), getattr(of.women, form)
        people[name][rows] = np.where(female, women[given % len(women)], men[given % len(men)])
    people["middle"][rows] = np.where(
        female, of.women.latin[middle % len(of.women.latin)], of.men.latin[middle % len(of.men.latin)]
    )
    for name, form in (("surname", "latin"), ("native_surname", "native")):
        men, women = getattr(of.surnames, form), getattr(of.feminine, form)
        people[name][rows] = np.where(female, women[family], men[family])
        people[f"{name}_man"][rows], people[f"{name}_woman"][rows] = men[family], women[family]


def _double(people: dict, rng: np.random.Generator) -> None:
    """Two surnames where that is the custom, and some double given names everywhere."""
    count = len(people["family"])
    both = np.isin(people["culture"], list(DOUBLE_SURNAMES)) & (people["place"] >= 0)
    start = people["start"]
    second = np.where(people["child"], np.minimum(start + 1, count - 1), rng.permutation(count))
    same = both & (people["culture"][second] == people["culture"])
    people["surname"][same] = people["surname"][same] + " " + people["surname_man"][second[same]]
    joined = rng.random(count) < 0.03
    hyphen = np.where(rng.random(count) < 0.6, "-", " ").astype(object)
    people["given"][joined] = people["given"][joined] + hyphen[joined] + people["middle"][joined]


def _juniors(people: dict, rates: Rates, rng: np.random.Generator) -> None:
    """Children who carry the given name of the parent of their sex."""
    head = people["start"]
    usual = np.where(np.isin(people["culture"], ["en_US", "en_GB"]), 1.6, 0.6)
    named = (
        people["child"]
        & (people["female"] == people["female"][head])
        & (rng.random(len(head)) < rates.junior * usual)
    )
    _, first = np.unique(np.where(named, people["family"], -1), return_index=True)
    rows = first[named[first]]
    for name in ("given", "native_given", "middle"):
        people[name][rows] = people[name][head[rows]]
    style = rng.choice(["Jr", "Jr", "Jr", "II"], len(rows))
    people["generation"][rows] = style
    people["generation"][head[rows]] = np.where(style == "Jr", "Sr", None)


def _marriages(people: dict, rates: Rates, rng: np.random.Generator) -> None:
    """Partners who took, or joined, the head's name: before the window (maiden name unseen) or inside it."""
    count = len(people["family"])
    partner = (people["place"] == 1) & ~people["child"] & ~people["sharer"]
    head = people["start"]
    draw = rng.random(count)
    takes = np.where(people["female"], rates.bride_changes, rates.groom_changes)
    joins = takes + np.where(people["female"], rates.bride_hyphenates, 0.01)
    custom = np.isin(
        people["culture"], [*DOUBLE_SURNAMES, "zh_CN", "ko_KR", "vi_VN"]
    )  # women keep their names there
    new = np.where(people["female"], people["surname_woman"][head], people["surname_man"][head])
    later = np.where(draw < takes, new, people["surname"] + "-" + new)
    changes = partner & (draw < joins) & ~custom
    inside = changes & (rng.random(count) < rates.married * 2)
    days = (WINDOW[1] - WINDOW[0]).astype(int)
    people["later_surname"][changes] = later[changes]
    people["renamed"][changes] = np.datetime64("1900-01-01")
    native = np.where(
        people["female"], people["native_surname_woman"][head], people["native_surname_man"][head]
    )
    before = changes & ~inside & (draw < takes)
    people["native_surname"][before] = native[before]
    people["renamed"][inside] = WINDOW[0] + rng.integers(200, days - 200, inside.sum()).astype(
        "timedelta64[D]"
    )


def build_people(count: int, world: list[Country], rates: Rates, era: Era, seed: int) -> People:
    """`count` people in families, each family of one country and one culture."""
    rng = stream(seed, "families")
    adults, children = _sizes(count, rates, rng)
    sizes = np.abs(adults) + children
    families = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    family = np.repeat(np.arange(families), sizes[:families])[:count]
    start = np.searchsorted(family, family)
    place = np.arange(count) - start
    child = place >= np.abs(adults[family])
    shares = np.array([country.facts["share"] for country in world])
    home = pick(rng, shares, families)
    people: dict = {
        "family": family,
        "start": start,
        "child": child,
        "sharer": adults[family] < 0,
        "country": home[family],
    }
    people["culture"] = _cultures(world, home, rng)[family]
    people["place"] = np.where(child, np.maximum(place, 2), place)
    people["female"] = np.where(
        child | people["sharer"] | (place > 1),
        rng.random(count) < 0.5,
        np.where(
            place == 0,
            rng.random(count) < np.where(np.abs(adults[family]) == 1, 0.55, 0.08),
            rng.random(count) < 0.92,
        ),
    )
    people["birth"], people["twin"] = _births(place, child, start, era, rates, seed)
    for name in ("given", "middle", "surname", "native_given", "native_surname", "generation"):
        people[name] = empty(count)
    for name in ("surname_man", "surname_woman", "native_surname_man", "native_surname_woman"):
        people[name] = empty(count)
    for code in sorted(set(people["culture"])):
        _named(people, code, np.flatnonzero(people["culture"] == code), seed)
    _double(people, rng)
    _juniors(people, rates, rng)
    people["middle"][rng.random(count) >= rates.middle_name] = None
    people["later_surname"], people["renamed"] = people["surname"].copy(), np.full(count, NEVER)
    _marriages(people, rates, rng)
    people["namesake_of"] = np.full(count, -1)
    fields = People.__dataclass_fields__
    return _namesakes(People(**{name: people[name] for name in fields}), rates, rng)


def _cultures(world: list[Country], home: NDArray[np.int64], rng: np.random.Generator) -> Column:
    """A culture for every family, by the shares of its country."""
    chosen = empty(len(home))
    for position, country in enumerate(world):
        rows = np.flatnonzero(home == position)
        codes = np.array(list(country.facts["cultures"]), dtype=object)
        chosen[rows] = codes[pick(rng, np.array(list(country.facts["cultures"].values())), len(rows))]
    return chosen


def _namesakes(people: People, rates: Rates, rng: np.random.Generator) -> People:
    """Strangers of one name: heads who are given the names of another family's head of the same culture and sex."""
    count = int(len(people) * rates.namesake)
    heads = rng.permutation(np.flatnonzero((people.place == 0) & (np.roll(people.place, -1) == 0)))
    _, kind = np.unique(people.culture[heads].astype(str), return_inverse=True)
    alike = np.lexsort((people.female[heads], people.country[heads], kind))
    a, b = heads[alike[0:-1:2]], heads[alike[1::2]]  # neighbours of one kind, each person in one pair
    same = (people.culture[a] == people.culture[b]) & (people.female[a] == people.female[b])
    chosen = rng.permutation(np.flatnonzero(same & (people.country[a] == people.country[b])))[:count]
    a, b = a[chosen], b[chosen]
    namesake_of = people.namesake_of.copy()
    namesake_of[b] = a
    changed = {}
    for name in ("given", "surname", "later_surname", "native_given", "native_surname"):
        column = getattr(people, name).copy()
        column[b] = column[a]
        changed[name] = column
    return replace(people, namesake_of=namesake_of, **changed)


def full_native(people: People) -> Column:
    """The whole name in its own script, surname first where that is the custom."""
    first = np.isin(people.culture, ["zh_CN", "ja_JP", "ko_KR"])
    return each(
        lambda given, surname, east: surname + given if east else f"{given} {surname}",
        people.native_given,
        people.native_surname,
        first.astype(object),
    )
