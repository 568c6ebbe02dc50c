"""Accuracy without labels: every labelled set and universe through cleaning, scoring and the pure decision.

python -m benchmarks.accuracy FOLDER        the folder of the public labelled sets; without it universes only
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.labelled import SETS, Truth
from benchmarks.worlds import read_universe
from graph.identifiers import identifier_key
from graph.neighbourhood import HeldIdentifier, Neighbourhood, StoredRecord
from graph.vocabulary import IdentifierState
from resolution.configuration import Configuration
from resolution.engines import connect
from resolution.evaluate import Accuracy, Evaluation, evaluate
from resolution.features import RecordRow, feature_table
from resolution.model import default_model
from resolution.partition import partition
from resolution.scoring import score_all
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs

SALT = b"accuracy"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNIVERSES = (("households", 2000, 71), ("register", 1000, 72), ("registration", 1500, 73))
"""Profile, people and seed of universes that the default model was not trained on."""


def stored(row: RecordRow) -> StoredRecord:
    """A row as resolution reads it from the graph."""
    held = {
        identifier: HeldIdentifier(identifier_key(identifier, SALT), identifier, IdentifierState.LINKING)
        for identifier in row["identifiers"]
    }
    return StoredRecord(
        row["key"], row["source"], row["kind"], NOW, NOW, row["attributes"], tuple(held.values())
    )


def resolved(rows: list[RecordRow]) -> dict[str, str]:
    """The cluster of each record key, as one full resolve of an empty graph would find it."""
    settings = ResolutionSettings()
    records = {row["key"]: stored(row) for row in rows}
    table = feature_table(rows)
    with connect() as connection:
        connection.register("records", table)
        shared = identifier_pairs(connection, settings.limits.contact_holders)
    model = fit_to_data(table, default_model())
    weights = {(edge.left, edge.right): edge.weight for edge in score_all(table, model, shared)}
    configuration = Configuration(
        model.version,
        model.match,
        SALT,
        settings,
        contradiction=model.contradiction,
        same_number=model.same_number,
    )
    found = partition(Neighbourhood(records, weights), records, configuration)
    return {key: members[0] for members in found.clusters for key in members}


def measured(rows: list[RecordRow], truth: Truth) -> tuple[Evaluation, float]:
    """How well `rows` are resolved, and in how many seconds."""
    started = time.perf_counter()
    memberships = resolved(rows)
    return evaluate(truth, memberships), time.perf_counter() - started


def sets(folder: Path | None, names: list[str]) -> Iterator[tuple[str, list[RecordRow], Truth]]:
    """The chosen sets, or all."""
    for one in SETS if folder else ():
        if folder and (not names or one.name in names):
            yield one.name, *one.read(folder)
    for profile, people, seed in UNIVERSES:
        if not names or profile in names:
            yield f"{profile} universe", *read_universe(profile, people, seed)


def main() -> None:
    """Print one line per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--set", action="append", default=[], help="only this set or universe profile")
    options = parser.parse_args()
    print(
        f"{'set':<22}{'records':>8}{'pair P':>8}{'R':>7}{'F1':>7}{'B3 P':>8}{'R':>7}{'F1':>7}{'largest':>12}{'s':>7}"
    )
    for name, rows, truth in sets(options.folder, options.set):
        found, seconds = measured(rows, truth)
        figures = (*_figures(found.pairwise), *_figures(found.bcubed))
        sizes = f"{found.largest}/{found.largest_true}"
        print(f"{name:<22}{len(rows):>8}" + "{:8.3f}{:7.3f}{:7.3f}".format(*figures[:3])
              + "{:8.3f}{:7.3f}{:7.3f}".format(*figures[3:]) + f"{sizes:>12}{seconds:7.1f}", flush=True)  # fmt: skip


def _figures(accuracy: Accuracy) -> tuple[float, float, float]:
    return accuracy.precision, accuracy.recall, accuracy.f1


if __name__ == "__main__":
    main()
