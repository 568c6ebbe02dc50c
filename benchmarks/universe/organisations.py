"""Companies beside the people: records of them, their name variants, their staff and shared mailboxes."""

import re
from dataclasses import dataclass

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from benchmarks.universe import noise
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
from benchmarks.universe.era import within_window
from benchmarks.universe.places import Addresses, Country, draw_addresses, draw_towns, street_line
from benchmarks.universe.sources import Source
from benchmarks.universe.telephones import draw_numbers, written_numbers

FORMS = {
    "US": (
        ("Inc", "Inc.", "Incorporated"),
        ("LLC", "L.L.C."),
        ("Corp", "Corporation", "Corp."),
        ("Co", "Company", "& Co"),
    ),
    "GB": (("Ltd", "Limited", "Ltd."), ("PLC", "plc"), ("LLP", "L.L.P.")),
    "AU": (("Pty Ltd", "Pty Limited", "Pty. Ltd."),),
    "DE": (
        ("GmbH", "Gesellschaft mbH", "G.m.b.H."),
        ("AG", "Aktiengesellschaft"),
        ("KG", "GmbH & Co. KG"),
        ("e.K.", "eK"),
    ),
    "FR": (("SARL", "S.A.R.L."), ("SAS", "S.A.S."), ("SA", "S.A.")),
    "ES": (("SL", "S.L."), ("SA", "S.A.")),
    "IT": (("Srl", "S.r.l."), ("SpA", "S.p.A.")),
    "NL": (("BV", "B.V."), ("NV", "N.V.")),
    "PL": (("sp. z o.o.", "Sp. z o.o.", "spółka z o.o."), ("S.A.", "SA")),
    "CZ": (("s.r.o.", "spol. s r.o."), ("a.s.", "akciová společnost")),
    "SE": (("AB", "Aktiebolag"),),
    "BR": (("Ltda", "Ltda.", "Limitada"), ("S.A.", "SA")),
    "TR": (("A.Ş.", "AS", "Anonim Şirketi"), ("Ltd. Şti.", "Limited Şirketi")),
}
"""Legal forms by country, each with the ways it is written."""
TRADES = (
    "Logistics", "Consulting", "Foods", "Bakery", "Motors", "Design", "Systems", "Software",
    "Garden Centre", "Dental Practice", "Pharmacy", "Hotel", "Plumbing", "Builders", "Electric", "Media",
    "Partners", "Travel", "Textiles", "Energy", "Property", "Print", "Catering", "Security",
)  # fmt: skip
MAILBOXES = ("info", "office", "sales", "contact", "accounts", "hello", "admin")


@dataclass(frozen=True)
class Organisations:
    """One row per organisation; `form` is the position of its legal form in its country's list."""

    country: NDArray[np.int64]
    stem: Column
    form: NDArray[np.int64]
    addresses: Addresses
    phone: Column
    email: Column
    tax_id: Column

    def __len__(self) -> int:
        return len(self.country)


def _stems(
    world: list[Country], country: NDArray[np.int64], city: Column, rng: np.random.Generator
) -> Column:
    """Names without the legal form: founder or town with a trade, or two founders."""
    count = len(country)
    stem = empty(count)
    trade = strings(TRADES)[pick(rng, zipf(len(TRADES), 0.5), count)]
    both, town = rng.random(count) < 0.2, rng.random(count) < 0.15
    for position, place in enumerate(world):
        rows = np.flatnonzero(country == position)
        surnames = place.home_names[0]
        founder = surnames[pick(rng, zipf(len(surnames), 0.7), len(rows))]
        pair = founder + " & " + rng.choice(surnames, len(rows))
        single = np.where(town[rows], city[rows], founder) + " " + trade[rows]
        stem[rows] = np.where(both[rows], pair, single)
    return stem


def _domain(name: str, number: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-") + str(number)


def build_organisations(
    count: int, world: list[Country], seed: int, fictional: bool = False
) -> Organisations:
    """`count` organisations, each with an address, a switchboard and a shared mailbox."""
    rng = stream(seed, "organisations")
    country = pick(rng, np.array([place.facts["share"] for place in world]), count)
    addresses = draw_addresses(world, country, draw_towns(world, country, rng), rng)
    stem = _stems(world, country, addresses.city, rng)
    form = rng.integers(0, 4, count) % np.array([len(FORMS[place.code]) for place in world])[country]
    domain = each(_domain, stem, np.arange(count).astype(object))
    mailbox = strings(MAILBOXES)[pick(rng, zipf(len(MAILBOXES), 1.2, 0), count)]
    email = each(lambda box, name: f"{box}@{name}.example.com", mailbox, domain)
    phone = written_numbers(
        draw_numbers(world, country, "landline", rng, fictional), world, country, "e164", rng
    )
    return Organisations(
        country, stem, form, addresses, phone, email, digits(distinct_codes(rng, count, 10**9), 9)
    )


def _written(
    of: Organisations, at: NDArray[np.int64], world: list[Country], source: Source, rng: np.random.Generator
) -> Column:
    """Names with a legal form written one way or another, or left out; misspelt as other names are."""
    r = editor(rng)

    def name(stem: str, country: int, form: int) -> str:
        ways = FORMS[world[country].code][form]
        chance = r.random()
        suffix = "" if chance < 0.12 else ways[0] if chance < 0.6 else r.choice(ways)
        stem = stem.replace(" & ", r.choice((" & ", " and ", " + "))) if r.random() < 0.3 else stem
        joint = ", " if suffix and r.random() < 0.15 else " "
        whole = f"{stem}{joint}{suffix}".strip()
        return whole.upper() if r.random() < 0.08 else whole

    column = each(name, of.stem[at], of.country[at].astype(object), of.form[at].astype(object))
    return noise.damage(column, 0.04 * source.noise, noise.misspell, rng)


def organisation_records(
    of: Organisations, world: list[Country], source: Source, seed: int
) -> tuple[dict[str, Column], NDArray[np.int64]]:
    """Columns of the organisations one source knows, and the organisation behind each record."""
    rng = stream(seed, f"organisation records {source.name}")
    known = (rng.random(len(of)) < source.coverage) * np.minimum(
        rng.geometric(1 - max(source.again, 0.1), len(of)), source.most
    )
    at = np.repeat(np.arange(len(of)), known)
    count = len(at)
    place = of.addresses
    first = np.array([country.facts["number_first"] for country in world])[of.country[at]]
    columns = {
        "organisation_name": _written(of, at, world, source, rng),
        "street_line": noise.damage(
            street_line(place.number[at], place.street[at], empty(count), first), 0.25, noise.abbreviate, rng
        ),
        "city": noise.damage(place.city[at], 0.03 * source.noise, noise.misspell, rng),
        "postcode": noise.damage(place.postcode[at], 0.02 * source.noise, noise.digit, rng),
        "country": strings([country.code for country in world])[of.country[at]],
        "phone": of.phone[at],
        "email": of.email[at],
        "tax_id": of.tax_id[at],
    }
    shares = {
        "street_line": 0.85,
        "city": 0.9,
        "postcode": 0.85,
        "country": 0.6,
        "phone": 0.6,
        "email": 0.55,
        "tax_id": 0.35,
    }
    for name, share in shares.items():
        columns[name][rng.random(count) >= share * (1.05 - 0.1 * source.noise)] = None
    day = within_window(rng, count)
    columns["created"] = columns["updated"] = day.astype("datetime64[ms]")
    return columns, at


def employ(
    of: Organisations,
    columns: dict[str, Column],
    person: NDArray[np.int64],
    role_mailbox: float,
    rng: np.random.Generator,
) -> None:
    """Contact persons: a share of records names the employer, and some of those give its shared mailbox, in place."""
    employer = pick(rng, zipf(len(of), 0.7, 5), int(person.max()) + 1)[person]
    contact = rng.random(len(person)) < 0.06
    columns["organisation_name"] = np.where(contact, of.stem[employer], columns["organisation_name"])
    shared = contact & present(columns["email"]) & (rng.random(len(person)) < role_mailbox)
    columns["email"] = np.where(shared, of.email[employer], columns["email"])
