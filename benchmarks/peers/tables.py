"""The table that every peer gets: the values as Onefold cleans them, in lower case, one column each."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from graph.vocabulary import ATTRIBUTES
from resolution.features import RecordRow

NAMES: Mapping[str, str] = {"given_name": "first_name", "surname": "last_name"}
"""What other tools call our attributes, where that is something else."""

_DERIVED = frozenset({"native_name", "country"})


def flat(rows: Sequence[RecordRow]) -> list[dict[str, str]]:
    """One row per record: its id, its attributes and the first value of each identifier kind; columns that tell
    nobody apart are left out."""
    flattened: list[dict[str, str]] = []
    for row in rows:
        values = {NAMES.get(name, name): value for name, value in row["attributes"].items()}
        for identifier in row["identifiers"]:
            values.setdefault(identifier.kind, identifier.value)
        flattened.append({"id": row["key"]} | {name: value.lower() for name, value in values.items()})
    present = {name for row in flattened for name in row} - _DERIVED
    telling = [name for name in present if len({row.get(name) for row in flattened} - {None}) > 1]
    order = {NAMES.get(name, name): place for place, name in enumerate(ATTRIBUTES)}
    columns = sorted(telling, key=lambda name: (name != "id", order.get(name, len(order)), name))
    return [{name: row.get(name, "") for name in columns} for row in flattened]


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Rows as CSV; all have the same columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_clusters(path: Path) -> dict[str, str]:
    """The cluster of each id in a file of id and cluster."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["cluster"] for row in csv.DictReader(file)}
