"""How people and clerks write names: nicknames, initials, other spellings, the wrong order."""

from dataclasses import dataclass

import numpy as np
from nicknames import NickNamer
from numpy.typing import NDArray

from benchmarks.universe import noise
from benchmarks.universe.draws import Column, editor, empty, present
from benchmarks.universe.names import NATIVE
from benchmarks.universe.people import People
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source


@dataclass(frozen=True)
class Habits:
    """Per person: the nickname used among friends, and the spelling some clerks know (None where there is none)."""

    nickname: Column
    variant: Column
    has_native: NDArray[np.bool_]
    romanised: NDArray[np.bool_]


def _nicknames(given: Column, rng: np.random.Generator) -> Column:
    """A short form for every given name that has one."""
    namer, r, known = NickNamer(), editor(rng), {}
    chosen = empty(len(given))
    for at, name in enumerate(given.tolist()):
        if name not in known:
            known[name] = sorted(short for short in namer.nicknames_of(name.lower()) if len(short) > 1)
        if known[name]:
            chosen[at] = r.choice(known[name]).capitalize()
    return chosen


def build_habits(people: People, rates: Rates, rng: np.random.Generator) -> Habits:
    """Habits of all people."""
    count = len(people)
    variant = noise.damage(people.surname, rates.variant_spelling, noise.sound, rng)
    native = np.isin(people.culture, list(NATIVE))
    variant = np.where(native, noise.damage(people.surname, 0.4, noise.romanise, rng), variant)
    variant[variant == people.surname] = None
    return Habits(_nicknames(people.given, rng), variant, native, native & (rng.random(count) < 0.5))


def name_forms(
    values: dict[str, Column],
    habits: Habits,
    person: NDArray[np.int64],
    source: Source,
    rates: Rates,
    rng: np.random.Generator,
) -> None:
    """Replace some names by another form of them, in place."""
    count = len(person)
    given, middle, surname = values["given_name"], values["middle_name"], values["surname"]
    friendly = rng.random(len(habits.nickname)) < rates.goes_by_nickname
    familiar = friendly[person] & (rng.random(count) < source.informal)
    short = (familiar | (rng.random(count) < rates.nickname_used * (0.3 + source.informal))) & (
        present(habits.nickname[person])
    )
    given = np.where(short, habits.nickname[person], given)
    other = (rng.random(count) < 0.4) & present(habits.variant[person])
    surname = np.where(other, habits.variant[person], surname)
    given = noise.damage(
        given, habits.romanised[person] * rates.transliterated_otherwise * 2, noise.romanise, rng
    )
    given = noise.damage(given, rates.initial_only * source.noise, noise.initial, rng)
    given = noise.damage(given, rates.double_name_shortened, noise.half, rng)
    surname = noise.damage(surname, rates.double_name_shortened * source.noise * 0.6, noise.half, rng)
    middle[rng.random(count) < rates.middle_dropped] = None
    middle = noise.damage(middle, rates.middle_initial, noise.initial, rng)
    bare = rng.random(count) < min(
        rates.accents_dropped * (0.5 + source.noise / 2), 0.9
    )  # a keyboard without accents
    given, surname = (
        noise.damage(given, bare, noise.plain, rng),
        noise.damage(surname, bare, noise.plain, rng),
    )
    instead = (rng.random(count) < rates.other_given * source.noise) & present(middle)
    given, middle = np.where(instead, middle, given), np.where(instead, None, middle)
    swapped = rng.random(count) < rates.names_swapped * source.noise
    values["given_name"] = np.where(swapped, surname, given)
    values["surname"] = np.where(swapped, given, surname)
    values["middle_name"] = middle
