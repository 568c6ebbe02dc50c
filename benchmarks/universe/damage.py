"""What goes wrong in a record's fields: misspellings, stand-ins, gaps, wrong dates."""

import numpy as np

from benchmarks.universe import noise
from benchmarks.universe.draws import Column, editor, strings
from benchmarks.universe.era import Days
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source

ADDRESS = ("house_number", "street", "unit", "city", "postcode", "region", "country")
NAMES = ("given_name", "middle_name", "surname")
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
"""Field → its rate in `Rates`, and the edit."""
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
YEARS_BESIDE = np.array([-10, -1, -1, 1, 1, 10])


def misspelt(values: dict[str, Column], source: Source, rates: Rates, rng: np.random.Generator) -> None:
    """Misspell a share of the fields, in place; street words are written short, accents of towns get lost."""
    for name, (rate, edit) in MISSPELT.items():
        share = getattr(rates, rate) * source.noise
        values[name] = noise.damage(values[name], share, edit, rng, rates.misspelt_twice)
    values["street"] = noise.damage(values["street"], rates.street_abbreviated, noise.abbreviate, rng)
    values["city"] = noise.damage(
        values["city"], rates.accents_dropped * source.noise * 0.5, noise.plain, rng
    )


def placeholders(values: dict[str, Column], source: Source, rates: Rates, rng: np.random.Generator) -> None:
    """Put what gets past a form in the place of some present values, in place."""
    r = editor(rng)
    for name, choices in PLACEHOLDERS.items():
        hit = rng.random(len(values[name])) < rates.placeholder * source.noise
        for at in np.flatnonzero(hit).tolist():
            values[name][at] = r.choice(choices) if values[name][at] else None


def incomplete(values: dict[str, Column], source: Source, rates: Rates, rng: np.random.Generator) -> None:
    """Empty the fields that the source does not have or that nobody filled in, in place.

    Parts of a name that is only written in one field stay until it is composed; an address is given or not.
    """
    count = len(values["surname"])
    address = rng.random(count) < source.fields.get("address", 0.0)
    for name, column in values.items():
        if name in NAMES and name not in source.fields:
            continue
        filled = rng.random(count) < source.fields.get(name, 0.0)
        if name in ADDRESS and "address" in source.fields:
            usual = 0.5 if name in ("region", "country") else 0.97
            filled = address & (rng.random(count) < source.fields.get(name, usual))
        column[~filled] = None
    values["generation"][rng.random(count) >= rates.generation_written] = None


def birth_dates(birth: Days, source: Source, rates: Rates, rng: np.random.Generator) -> Column:
    """Birth dates in the source's form: damaged as dates, written, then mistyped or left out."""
    count = len(birth)
    year = birth.astype("datetime64[Y]").astype(int) + 1970
    month = birth.astype("datetime64[M]").astype(int) % 12 + 1
    day = (birth - birth.astype("datetime64[M]")).astype(int) + 1
    beside = rng.random(count) < rates.date_year_off * source.noise
    year = year + beside * rng.choice(YEARS_BESIDE, count)
    swapped = (rng.random(count) < rates.date_swapped * source.noise) & (day <= 12)
    month, day = np.where(swapped, day, month), np.where(swapped, month, day)
    vague = rng.random(count) < source.vague
    only_year = vague | (rng.random(count) < rates.date_first_of_year * source.noise)
    month, day = np.where(only_year, 1, month), np.where(only_year, 1, day)
    form = source.dates.replace("%Y", "{0:04d}").replace("%m", "{1:02d}").replace("%d", "{2:02d}")
    rows = zip(year.tolist(), month.tolist(), day.tolist(), strict=True)
    written = strings([form.format(*row) for row in rows])
    written = np.where(vague & (rng.random(count) < 0.5), strings(year.astype(str)), written)
    written = noise.damage(written, rates.date_digit * source.noise, noise.digit, rng)
    stands_in = rng.random(count) < rates.placeholder * source.noise * 0.5
    choice = PLACEHOLDER_DATES[rng.integers(0, len(PLACEHOLDER_DATES), stands_in.sum())]
    written[stands_in] = strings([date.strftime(source.dates) for date in choice.tolist()])
    written[rng.random(count) >= source.fields.get("birth_date", 0.0)] = None
    return written
