"""Compares memberships with a truth: precision, recall and F1 of pairs, records (B-cubed) and whole clusters."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from graph.errors import InputError


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
    largest cluster, `largest_true` that of the largest person. `splits` and then `merges` are the fewest that turn
    the clusters into the people.
    """

    pairwise: Accuracy
    bcubed: Accuracy
    exact: Accuracy
    records: int
    missing: int
    clusters: int
    largest: int
    people: int
    largest_true: int
    splits: int
    merges: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def evaluate(truth: Mapping[str, str], memberships: Mapping[str, str]) -> Evaluation:
    """Compare the profile of each record (`memberships`, by record key) with its person (`truth`).

    Pairwise: over pairs of records. B-cubed (Bagga and Baldwin 1998): per record the share of its cluster that is
    its person, and the share of its person that is in its cluster, averaged over records. Exact: the share of clusters
    that are a whole person and nobody else, and of people who are such a cluster. Splits and merges together are the
    generalised merge distance with costs of one (Menestrina, Whang and Garcia-Molina 2010). Raises InputError for
    an empty truth.
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
    whole = sum(n == clusters[cluster] == people[person] for (cluster, person), n in cells.items())
    return Evaluation(
        pairwise=pairwise,
        bcubed=Accuracy.of(precision, recall),
        exact=Accuracy.of(whole / len(clusters), whole / len(people)),
        records=len(truth),
        missing=sum(key not in memberships for key in truth),
        clusters=len(clusters),
        largest=max(clusters.values()),
        people=len(people),
        largest_true=max(people.values()),
        splits=len(cells) - len(clusters),
        merges=len(cells) - len(people),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _share(part: int, whole: int) -> float:
    """1 when there is nothing to get wrong."""
    return part / whole if whole else 1.0
