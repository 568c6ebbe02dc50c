"""How people are reached: phone numbers, e-mail addresses, cards and numbers, by date."""

import re
from dataclasses import dataclass

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from benchmarks.universe.draws import (
    Column,
    digits,
    distinct_codes,
    each,
    editor,
    empty,
    pick,
    present,
    stream,
    strings,
    zipf,
)
from benchmarks.universe.era import NEVER, WINDOW, Days, within_window
from benchmarks.universe.homes import Homes
from benchmarks.universe.people import People
from benchmarks.universe.places import Country
from benchmarks.universe.rates import Rates
from benchmarks.universe.telephones import draw_numbers

DOMAINS = (
    "mail.example.org", "post.example.com", "inbox.example.net", "web.example.org", "letters.example.com",
    "online.example.net", "home.example.org", "fastmail.example.com", "cloud.example.net",
    "provider.example.org", "cable.example.com", "uni.example.org",
)  # fmt: skip
"""Reserved domains only: nobody real can be written to."""
HANDLES = (
    "blue", "star", "moon", "tiger", "rocket", "happy", "lucky", "shadow", "sunny", "wolf", "pixel",
    "coffee", "ocean", "ninja", "panda", "dragon", "cloud", "rose", "guitar", "bike",
)  # fmt: skip


@dataclass(frozen=True)
class Contacts:
    """National phone numbers and addresses per person (landline, family mail and card come from the home)."""

    mobile: Column
    later_mobile: Column
    renumbered: Days
    landline: Column
    email: Column
    second_email: Column
    family_email: Column
    home_card: Column
    own_card: Column
    national_id: Column
    recycled: NDArray[np.int64]
    """Pairs of positions: whose number it was, who got it."""

    def has(self, what: str | None) -> NDArray[np.bool_]:
        """Who has an e-mail address or a loyalty card; everybody has None."""
        if what is None:
            return np.ones(len(self.email), dtype=bool)
        given = {"email": (self.email, self.family_email), "loyalty_card": (self.own_card, self.home_card)}[
            what
        ]
        return present(given[0]) | present(given[1])

    def mobile_on(self, person: NDArray[np.int64], day: Days) -> Column:
        """The mobile number of each person on that day."""
        return np.where(day >= self.renumbered[person], self.later_mobile[person], self.mobile[person])


def _share(column: Column, share: float, rng: np.random.Generator) -> Column:
    """Only that share of the values."""
    column = column.copy()
    column[rng.random(len(column)) >= share] = None
    return column


def _plain(name: str) -> str:
    """A name as it stands in an address: plain letters and digits."""
    return re.sub(r"[^a-z0-9]", "", anyascii(name).lower()) or "x"


def _local_parts(people: People, surname: Column, rng: np.random.Generator) -> Column:
    """The part before the @: names, initials, years of birth or an invented handle."""
    r = editor(rng)

    def part(given: str, family: str, year: int, form: int) -> str:
        given, family = _plain(given), _plain(family)
        tail = str(year)[2:] if r.random() < 0.5 else str(r.randrange(1, 1000))
        handle = r.choice(HANDLES) + r.choice(HANDLES) + str(r.randrange(10_000))
        ways = ("{g}.{f}", "{g}{f}", "{i}{f}", "{i}.{f}{n}", "{g}{n}", "{f}.{g}", "{g}_{f}{n}", "{h}")
        return ways[form].format(g=given, f=family, i=given[:1], n=tail, h=handle)

    year = people.birth.astype("datetime64[Y]").astype(int) + 1970
    form = pick(rng, np.array([0.27, 0.10, 0.13, 0.10, 0.12, 0.08, 0.10, 0.10]), len(people))
    return each(part, people.given, surname, year.astype(object), form.astype(object))


def _mailboxes(people: People, rng: np.random.Generator) -> tuple[Column, Column, Column]:
    """E-mail addresses that no two people share: two per person, the third for families."""
    surnames = (people.surname, people.later_surname, people.surname)
    parts = np.concatenate([_local_parts(people, surname, rng) for surname in surnames])
    parts[2 * len(people) :] = "family." + parts[2 * len(people) :]
    domain = strings(DOMAINS)[pick(rng, zipf(len(DOMAINS), 1.2, 0), len(parts))]
    address = parts + "@" + domain
    inverse = np.unique(address.astype(str), return_inverse=True)[1]
    order = np.argsort(inverse, kind="stable")
    repeat = np.empty(len(parts), dtype=np.int64)
    repeat[order] = np.arange(len(parts)) - np.searchsorted(inverse[order], inverse[order])
    taken = each(
        lambda mail, n: mail.replace("@", f"{n + 1}@") if n else mail, address, repeat.astype(object)
    )
    first, second, family = np.split(taken, 3)
    return first, second, family


def _recycle(
    people: People, mobile: Column, later: Column, changed: Days, rates: Rates, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give numbers that people gave up to strangers of the same country, half a year later or more."""
    early = WINDOW[0] + (WINDOW[1] - WINDOW[0]) * 2 // 3
    freed = np.flatnonzero((changed < early) & present(mobile))
    freed = freed[rng.random(len(freed)) < rates.phone_recycled / rates.phone_changed]
    takers = rng.permutation(np.flatnonzero(changed == NEVER))[: len(freed)]
    freed = freed[: len(takers)]
    fits = people.country[freed] == people.country[takers]
    freed, takers = freed[fits], takers[fits]
    later[takers] = mobile[freed]
    changed[takers] = changed[freed] + rng.integers(180, 900, len(freed)).astype("timedelta64[D]")
    return np.stack([freed, takers], axis=1)


def build_contacts(
    people: People, homes: Homes, world: list[Country], rates: Rates, seed: int, fictional: bool = False
) -> Contacts:
    """Contacts of all people; `fictional` takes phone numbers set aside for drama."""
    rng = stream(seed, "contacts")
    count = len(people)
    numbers = draw_numbers(world, np.concatenate([people.country, people.country]), "mobile", rng, fictional)
    mobile, later = _share(numbers[:count], rates.has_mobile, rng), numbers[count:].copy()
    renumbered = np.where(
        rng.random(count) < rates.phone_changed, within_window(rng, count, margin=100), NEVER
    )
    recycled = _recycle(people, mobile, later, renumbered, rates, rng)
    landline = _share(draw_numbers(world, homes.country, "landline", rng, fictional), rates.landline, rng)
    email, second, family = _mailboxes(people, rng)
    anyone = np.unique(homes.of, return_index=True)[1]
    cards = "29" + digits(distinct_codes(rng, count + len(homes), 10**9), 9)
    return Contacts(
        mobile=mobile,
        later_mobile=later,
        renumbered=renumbered,
        landline=landline[homes.of],
        email=_share(email, rates.has_email, rng),
        second_email=_share(second, rates.second_email, rng),
        family_email=_share(family[anyone], rates.family_email, rng)[homes.of],
        home_card=_share(cards[count:], rates.household_card, rng)[homes.of],
        own_card=_share(cards[:count], rates.own_card, rng),
        national_id=_national_ids(people, world, rng),
        recycled=recycled,
    )


def _national_ids(people: People, world: list[Country], rng: np.random.Generator) -> Column:
    """A number of the length usual in the country."""
    ids = empty(len(people))
    for position, place in enumerate(world):
        rows = np.flatnonzero(people.country == position)
        width = place.facts["id_digits"]
        ids[rows] = digits(distinct_codes(rng, len(rows), 8 * 10 ** (width - 1)) + 10 ** (width - 1), width)
    return ids
