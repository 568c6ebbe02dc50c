"""The written forms of whole names and capitals in one source."""

import numpy as np

from benchmarks.universe import noise
from benchmarks.universe.draws import Column, each, present
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import Source

TEXTS = (
    "full_name", "given_name", "middle_name", "surname", "street_line", "street", "city", "occupation", "birth_place",
)  # fmt: skip
LISTED = {"parts": 0.0, "full": 0.0, "listed": 1.0, "any": 0.35}
"""Share of names written "Surname, Given"."""
CUT = 0.002
"""Share of long texts whose end is missing, at noise 1.0."""


def _whole(
    given: str | None, middle: str | None, surname: str | None, generation: str | None, listed: bool
) -> str | None:
    before = " ".join(part for part in (given, middle) if part)
    family = " ".join(part for part in (surname, generation) if part)
    if listed and family and before:
        return f"{family}, {before}"
    return " ".join(part for part in (before, family) if part) or None


def composed_name(
    values: dict[str, Column], source: Source, rates: Rates, rng: np.random.Generator
) -> Column:
    """The whole name in one field: "Given Middle Surname", or "Surname, Given" for a share of free text."""
    count = len(values["surname"])
    listed = rng.random(count) < LISTED[source.names]
    parts = (values[name] for name in ("given_name", "middle_name", "surname", "generation"))
    column = each(_whole, *parts, listed.astype(object))
    title = np.where(values["gender"] == "F", "Mrs", "Mr").astype(object)
    title[~present(values["gender"]) | (rng.random(count) < 0.2)] = "Dr."
    titled = present(column) & ~listed & (rng.random(count) < rates.titled)
    column[titled] = title[titled] + " " + column[titled]
    column[rng.random(count) >= source.fields["full_name"]] = None
    return column


def written_case(values: dict[str, Column], source: Source, rng: np.random.Generator) -> None:
    """Capitals as the source keeps them, and what does not fit its columns cut off, in place."""
    count = len(values["surname"])
    how = rng.random(count)
    upper = how < {"upper": 1.0, "mixed": 0.06}.get(source.case, 0.0)
    lower = how >= {"lower": 0.0, "mixed": 0.86}.get(source.case, 1.0)
    for name in TEXTS:
        column = values.get(name)
        if column is None:
            continue
        for at in np.flatnonzero((upper | lower) & present(column)).tolist():
            column[at] = column[at].upper() if upper[at] else column[at].lower()
        if source.width:
            for at in np.flatnonzero(present(column)).tolist():
                column[at] = column[at][: source.width]
        elif name in ("surname", "full_name", "street_line"):
            values[name] = noise.damage(column, CUT * source.noise, noise.cut, rng)
