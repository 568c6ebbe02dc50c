"""Compares memberships with a truth: pairwise and B-cubed precision, recall and F1."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graph.errors import InputError
from graph.facts import record_key

_COLUMNS = {"source", "record_id", "person_id"}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Precision, recall and their harmonic mean, each 0–1."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> "Accuracy":
        """From precision and recall; F1 is 0 when both are."""
        both = precision + recall
        return cls(precision, recall, 2 * precision * recall / both if both else 0.0)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well the clusters of the `records` that the truth names agree with it.

    `missing` records of the truth are in no profile and count as clusters of one. `largest` is the size of the
    largest cluster, `largest_true` that of the largest person.
    """

    pairwise: Accuracy
    bcubed: Accuracy
    records: int
    missing: int
    clusters: int
    largest: int
    people: int
    largest_true: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def read_truth(path: Path) -> dict[str, str]:
    """The person of each record key, from a CSV with columns source, record_id and person_id.

    Raises InputError when the file cannot be read as such.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise InputError(f"{path.name} needs the columns source, record_id and person_id.")
            return {record_key(row["source"], row["record_id"]): row["person_id"] for row in reader}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} cannot be read as a UTF-8 CSV file: {type(error).__name__}."
        ) from error


def evaluate(truth: Mapping[str, str], memberships: Mapping[str, str]) -> Evaluation:
    """Compare the profile of each record (`memberships`, by record key) with its person (`truth`).

    Pairwise: over pairs of records. B-cubed (Bagga and Baldwin 1998): per record the share of its cluster that is
    its person, and the share of its person that is in its cluster, averaged over records. Raises InputError
    for an empty truth.
    """
    if not truth:
        raise InputError("The truth names no record.")
    found = {key: memberships.get(key, f"\0{key}") for key in truth}
    clusters, people = Counter(found.values()), Counter(truth.values())
    cells = Counter((found[key], person) for key, person in truth.items())
    hits = _pairs(cells.values())
    pairwise = Accuracy.of(_share(hits, _pairs(clusters.values())), _share(hits, _pairs(people.values())))
    precision = sum(n * n / clusters[cluster] for (cluster, _), n in cells.items()) / len(truth)
    recall = sum(n * n / people[person] for (_, person), n in cells.items()) / len(truth)
    return Evaluation(
        pairwise=pairwise,
        bcubed=Accuracy.of(precision, recall),
        records=len(truth),
        missing=sum(key not in memberships for key in truth),
        clusters=len(clusters),
        largest=max(clusters.values()),
        people=len(people),
        largest_true=max(people.values()),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _share(part: int, whole: int) -> float:
    """1 when there is nothing to get wrong."""
    return part / whole if whole else 1.0
