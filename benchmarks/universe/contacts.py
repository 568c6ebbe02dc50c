"""How people are reached: phone numbers, e-mail addresses, cards and numbers, by date."""

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
from benchmarks.universe.homes import Homes
from benchmarks.universe.people import NEVER, WINDOW, Days, People
from benchmarks.universe.places import Country
from benchmarks.universe.rates import Rates
from benchmarks.universe.telephones import draw_numbers

DOMAINS = ("mail.example.org", "post.example.com", "inbox.example.net", "web.example.org", "letters.example.com", "online.example.net", "home.example.org", "fastmail.example.com", "cloud.example.net", "provider.example.org", "cable.example.com", "uni.example.org")  # fmt: skip
"""Reserved domains only: nobody real can be written to."""
HANDLES = ("blue", "star", "moon", "tiger", "rocket", "happy", "lucky", "shadow", "sunny", "wolf", "pixel", "coffee", "ocean", "ninja", "panda", "dragon", "cloud", "rose", "guitar", "bike")  # fmt: skip


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

    def mobile_on(self, person: NDArray[np.int64], day: Days) -> Column:
        """The mobile number of each person on that day."""
        return np.where(day >= self.renumbered[person], self.later_mobile[person], self.mobile[person])


def _share(column: Column, share: float, rng: np.random.Generator) -> Column:
    """Only that share of the values."""
    column = column.copy()
    column[rng.random(len(column)) >= share] = None
    return column


def _local_parts(people: People, surname: Column, rng: np.random.Generator) -> Column:
    """The part before the @: names, initials, years of birth or an invented handle."""
    r = editor(rng)

    def part(given: str, family: str, year: int, form: int) -> str:
        given, family = (anyascii(name).lower().replace(" ", "").replace("'", "") for name in (given, family))
        tail = str(year)[2:] if r.random() < 0.5 else str(r.randrange(1, 1000))
        handle = r.choice(HANDLES) + r.choice(HANDLES) + str(r.randrange(10_000))
        forms = (f"{given}.{family}", f"{given}{family}", f"{given[:1]}{family}", f"{given[:1]}.{family}{tail}", f"{given}{tail}", f"{family}.{given}", f"{given}_{family}{tail}", handle)  # fmt: skip
        return forms[form]

    year = people.birth.astype("datetime64[Y]").astype(int) + 1970
    form = pick(rng, np.array([0.27, 0.10, 0.13, 0.10, 0.12, 0.08, 0.10, 0.10]), len(people))
    return each(part, people.given, surname, year.astype(object), form.astype(object))


def _mailboxes(people: People, surname: Column, rng: np.random.Generator) -> Column:
    """An e-mail address of its own for every person."""
    domain = strings(list(DOMAINS))[pick(rng, zipf(len(DOMAINS), 1.2, 0), len(people))]
    address = each(lambda part, at: f"{part}@{at}", _local_parts(people, surname, rng), domain)
    _, inverse = np.unique(address.astype(str), return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    ranked = inverse[order]
    repeat = np.empty(len(people), dtype=np.int64)
    repeat[order] = np.arange(len(people)) - np.searchsorted(ranked, ranked)
    return each(lambda a, n: a.replace("@", f"{n + 1}@") if n else a, address, repeat.astype(object))


def _recycle(
    people: People, mobile: Column, later: Column, changed: Days, rates: Rates, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give numbers that people gave up to strangers of the same country, half a year later or more."""
    span = (WINDOW[1] - WINDOW[0]).astype(int)
    freed = np.flatnonzero((changed < WINDOW[0] + np.timedelta64(span * 2 // 3, "D")) & present(mobile))
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
    """Contacts of all people."""
    rng = stream(seed, "contacts")
    count = len(people)
    numbers = draw_numbers(world, np.concatenate([people.country, people.country]), "mobile", rng, fictional)
    mobile, later = _share(numbers[:count], rates.has_mobile, rng), numbers[count:].copy()
    changed = np.full(count, NEVER)
    renumbered = rng.random(count) < rates.phone_changed
    span = (WINDOW[1] - WINDOW[0]).astype(int)
    changed[renumbered] = WINDOW[0] + rng.integers(100, span - 100, renumbered.sum()).astype("timedelta64[D]")
    recycled = _recycle(people, mobile, later, changed, rates, rng)
    landline = _share(draw_numbers(world, homes.country, "landline", rng, fictional), rates.landline, rng)
    first = np.unique(homes.of, return_index=True)[1]
    family = each(lambda mail: "family." + mail, _mailboxes(people, people.surname, rng)[first])
    card = digits(distinct_codes(rng, count + len(homes), 10**9), 9)
    cards = each(lambda code: "29" + code, card)
    return Contacts(
        mobile=mobile,
        later_mobile=later,
        renumbered=changed,
        landline=landline[homes.of],
        email=_share(_mailboxes(people, people.surname, rng), rates.has_email, rng),
        second_email=_share(
            each(lambda mail: mail.replace("@", ".2@"), _mailboxes(people, people.later_surname, rng)),
            rates.second_email,
            rng,
        ),
        family_email=_share(family, rates.family_email, rng)[homes.of],
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
