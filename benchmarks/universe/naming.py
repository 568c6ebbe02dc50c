"""What people are called: names of their culture, double names, juniors, and names changed by marriage."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe.draws import empty, pick, stream
from benchmarks.universe.era import NEVER, within_window
from benchmarks.universe.names import Culture, culture, draw_given
from benchmarks.universe.rates import Rates

Draft = dict[str, NDArray]
"""Columns of people in the making: those of `People`, with start (row of the head) and sharer beside them."""
NAMES = ("given", "middle", "surname", "native_given", "native_surname", "generation")
BOTH_FORMS = ("surname_man", "surname_woman", "native_surname_man", "native_surname_woman")
DOUBLE_SURNAMES = ("es_ES", "pt_BR")
KEEPS_NAME = (*DOUBLE_SURNAMES, "zh_CN", "ko_KR", "vi_VN")
"""Cultures in which a wife keeps her name."""
LONG_AGO = np.datetime64("1900-01-01")


def name_people(people: Draft, rates: Rates, seed: int) -> None:
    """Add all name columns to the draft."""
    rng = stream(seed, "naming")
    count = len(people["family"])
    people |= {name: empty(count) for name in (*NAMES, *BOTH_FORMS)}
    for code in sorted(set(people["culture"])):
        _draw(people, culture(code), np.flatnonzero(people["culture"] == code), seed)
    _double(people, rng)
    _juniors(people, rates, rng)
    none = (rng.random(count) >= rates.middle_name) | (people["middle"] == people["given"])
    people["middle"][none] = None
    _marry(people, rates, rng)


def _family_names(people: Draft, of: Culture, rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Positions of birth surnames: children share the head's, everybody else has an own one."""
    own = pick(stream(seed, f"surnames {of.code}"), of.surnames.weights, len(rows))
    head = np.searchsorted(rows, people["start"][rows])
    return np.where(people["child"][rows], own[head], own)


def _draw(people: Draft, of: Culture, rows: NDArray[np.int64], seed: int) -> None:
    """Fill the name columns of the rows of one culture."""
    female = people["female"][rows]
    decade = people["birth"][rows].astype("datetime64[Y]").astype(int) // 10 * 10 + 1970
    for offset, names in enumerate(({"given": "latin", "native_given": "native"}, {"middle": "latin"})):
        chosen = draw_given(of, female, decade, seed + offset)
        for name, form in names.items():
            men, women = getattr(of.men, form), getattr(of.women, form)
            people[name][rows] = np.where(female, women[chosen % len(women)], men[chosen % len(men)])
    family = _family_names(people, of, rows, seed)
    for name, form in (("surname", "latin"), ("native_surname", "native")):
        men, women = getattr(of.surnames, form)[family], getattr(of.feminine, form)[family]
        people[name][rows] = np.where(female, women, men)
        people[f"{name}_man"][rows], people[f"{name}_woman"][rows] = men, women


def _double(people: Draft, rng: np.random.Generator) -> None:
    """Two surnames where that is the custom, and a few double given names everywhere."""
    count = len(people["family"])
    mother = np.where(people["child"], np.minimum(people["start"] + 1, count - 1), rng.permutation(count))
    both = np.isin(people["culture"], DOUBLE_SURNAMES) & (people["culture"][mother] == people["culture"])
    people["surname"][both] = people["surname"][both] + " " + people["surname_man"][mother[both]]
    joined = rng.random(count) < 0.03
    hyphen = np.where(rng.random(count) < 0.6, "-", " ").astype(object)
    people["given"][joined] = people["given"][joined] + hyphen[joined] + people["middle"][joined]


def _juniors(people: Draft, rates: Rates, rng: np.random.Generator) -> None:
    """One child of some families carries the given name of the parent of its sex."""
    head = people["start"]
    usual = np.where(np.isin(people["culture"], ["en_US", "en_GB"]), 1.6, 0.6) * rates.junior
    of_head = people["child"] & (people["female"] == people["female"][head])
    named = np.flatnonzero(of_head & (rng.random(len(head)) < usual))
    rows = named[np.unique(people["family"][named], return_index=True)[1]]
    for name in ("given", "native_given", "middle"):
        people[name][rows] = people[name][head[rows]]
    style = rng.choice(["Jr", "Jr", "Jr", "II"], len(rows))
    people["generation"][rows] = style
    people["generation"][head[rows]] = np.where(style == "Jr", "Sr", None)


def _marry(people: Draft, rates: Rates, rng: np.random.Generator) -> None:
    """Partners take, or join, the head's name: most long ago, some within the window of records."""
    count = len(people["family"])
    head, female = people["start"], people["female"]
    partner = (people["place"] == 1) & ~people["sharer"] & ~np.isin(people["culture"], KEEPS_NAME)
    draw = rng.random(count)
    takes = draw < np.where(female, rates.bride_changes, rates.groom_changes)
    joins = ~takes & (
        draw < np.where(female, rates.bride_changes + rates.bride_hyphenates, rates.groom_changes + 0.01)
    )
    shared = np.where(female, people["surname_woman"][head], people["surname_man"][head])
    native = np.where(female, people["native_surname_woman"][head], people["native_surname_man"][head])
    later = people["surname"].copy()
    later[partner & takes] = shared[partner & takes]
    later[partner & joins] = later[partner & joins] + "-" + shared[partner & joins]
    changed = later != people["surname"]
    recently = changed & (rng.random(count) < rates.married_recently)
    people["later_surname"] = later
    people["renamed"] = np.where(changed, LONG_AGO, NEVER)
    people["renamed"][recently] = within_window(rng, int(recently.sum()), margin=200)
    settled = partner & takes & changed & ~recently
    people["native_surname"][settled] = native[settled]
