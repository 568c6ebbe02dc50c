"""Who is who in truth, for all records or those of some people: how these were drawn, what is hard about them."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graph.errors import InputError
from graph.facts import record_key

_COLUMNS = {"source", "record_id", "person_id"}


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known to be true.

    `people` gives the person of each record key, `weights` how many people each drawn person stands for (1 where it
    says nothing), `strata` the people of each named group; one person may be in several. Of the `sources` named, all
    records of these people are.
    """

    people: Mapping[str, str]
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    strata: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    sources: frozenset[str] = frozenset()


def read_truth(path: Path) -> Truth:
    """The truth of a CSV file with the columns source, record_id and person_id, and perhaps stratum and weight.

    A person is in every stratum that one of their rows names (several are separated by `;`), and has the weight that
    their rows give. Raises InputError when the file cannot be read as such.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise InputError(f"{path.name} needs the columns source, record_id and person_id.")
            return _truth(list(reader), path.name)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} cannot be read as a UTF-8 CSV file: {type(error).__name__}."
        ) from error


def _truth(rows: list[dict[str, str]], name: str) -> Truth:
    strata: dict[str, set[str]] = {}
    weights: dict[str, float] = {}
    for line, row in enumerate(rows, start=2):
        for stratum in filter(None, map(str.strip, (row.get("stratum") or "").split(";"))):
            strata.setdefault(stratum, set()).add(row["person_id"])
        if given := (row.get("weight") or "").strip():
            weight = _weight(given, f"Line {line} of {name}")
            if weights.setdefault(row["person_id"], weight) != weight:
                raise InputError(f"Line {line} of {name} gives a person a second weight.")
    people = {record_key(row["source"], row["record_id"]): row["person_id"] for row in rows}
    named = {one: frozenset(strata[one]) for one in sorted(strata)}
    return Truth(people, weights, named, frozenset(row["source"] for row in rows))


def _weight(text: str, place: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not (weight > 0 and math.isfinite(weight)):
        raise InputError(f"{place} has a weight that is no positive number.")
    return weight
