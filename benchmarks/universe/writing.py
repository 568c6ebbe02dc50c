"""The written forms of names, dates, phone numbers and capitals in one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.universe import noise
from benchmarks.universe.draws import Column, each, editor, strings
from benchmarks.universe.people import Days
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source

if TYPE_CHECKING:
    from benchmarks.universe.records import Universe

NAME_FIELDS = ("full_name", "given_name", "middle_name", "surname")
TEXT_FIELDS = (*NAME_FIELDS, "street_line", "street", "city", "occupation", "birth_place")


def composed_name(values: dict[str, Column], source: Source, rng: np.random.Generator) -> Column:
    """The whole name in one field: "Given Middle Surname", or "Surname, Given" for a share of free text."""
    count = len(values["surname"])
    share = {"full": 0.0, "listed": 1.0, "any": 0.35}[source.names]
    listed = rng.random(count) < share

    def whole(
        given: str | None, middle: str | None, surname: str | None, generation: str | None, first: bool
    ) -> str | None:
        before = " ".join(part for part in (given, middle) if part)
        family = " ".join(part for part in (surname, generation) if part)
        if first and family and before:
            return f"{family}, {before}"
        return " ".join(part for part in (before, family) if part) or None

    column = each(
        whole,
        values["given_name"],
        values["middle_name"],
        values["surname"],
        values["generation"],
        listed.astype(object),
    )
    column[rng.random(count) >= source.fields["full_name"]] = None
    return column


def dates(birth: Days, source: Source, rates: Rates, rng: np.random.Generator) -> Column:
    """Birth dates in the source's form, some with day and month swapped, only the year right, or a year beside."""
    count = len(birth)
    year = birth.astype("datetime64[Y]").astype(int) + 1970
    month = birth.astype("datetime64[M]").astype(int) % 12 + 1
    day = (birth - birth.astype("datetime64[M]")).astype(int) + 1
    beside = rng.random(count) < rates.date_year_off * source.noise
    year = year + beside * rng.choice([-10, -1, -1, 1, 1, 10], count)
    swapped = (rng.random(count) < rates.date_swapped * source.noise) & (day <= 12)
    month, day = np.where(swapped, day, month), np.where(swapped, month, day)
    only_year = rng.random(count) < rates.date_first_of_year * source.noise
    month, day = np.where(only_year, 1, month), np.where(only_year, 1, day)
    form = source.dates.replace("%Y", "{0:04d}").replace("%m", "{1:02d}").replace("%d", "{2:02d}")
    return strings(
        [form.format(*row) for row in zip(year.tolist(), month.tolist(), day.tolist(), strict=True)]
    )


def phones(
    column: Column, universe: Universe, person: NDArray[np.int64], style: str, rng: np.random.Generator
) -> Column:
    """National numbers as people write them: +44…, 0044…, with the trunk zero, with spaces or dashes."""
    facts = [place.facts for place in universe.world]
    country = universe.homes.country[universe.homes.of[person]]
    dial = strings([fact["dial"] for fact in facts])[country]
    trunk = strings([fact["trunk"] for fact in facts])[country]
    styles = {"e164": [0], "national": [1], "spaced": [2], "any": [0, 1, 1, 2, 3, 4]}[style]
    form = rng.choice(styles, len(column)).astype(object)

    def written(number: str | None, code: str, zero: str, how: int) -> str | None:
        if (
            not number
            or number.startswith("+")
            or not number.strip("0")
            or number in ("1234567890", "9999999999")
        ):
            return number
        if how == 1:
            return zero + number
        if how == 2:
            return f"+{code} {number[:3]} {number[3:6]} {number[6:]}"
        if how == 3:
            return f"{zero}{number[:3]}-{number[3:6]}-{number[6:]}"
        return f"00{code}{number}" if how == 4 and code != "1" else f"+{code}{number}"

    return each(written, column, dial, trunk, form)


def written_case(values: dict[str, Column], source: Source, rng: np.random.Generator) -> None:
    """Capitals as the source keeps them, and what does not fit its columns cut off, in place."""
    count = len(values["surname"])
    r = editor(rng)
    how = rng.random(count)
    upper = how < {"upper": 1.0, "mixed": 0.06}.get(source.case, 0.0)
    lower = how > {"lower": 0.0, "mixed": 0.86}.get(source.case, 1.0)
    for name in TEXT_FIELDS:
        column = values.get(name)
        if column is None:
            continue
        for at in np.flatnonzero((upper | lower) & (column != None)).tolist():  # noqa: E711
            column[at] = column[at].upper() if upper[at] else column[at].lower()
        if source.width:
            for at in np.flatnonzero(column != None).tolist():  # noqa: E711
                column[at] = column[at][: source.width]
        elif name in ("surname", "full_name", "street_line"):
            for at in np.flatnonzero(rng.random(count) < 0.002 * source.noise).tolist():
                column[at] = noise.cut(column[at], r) if column[at] else None
