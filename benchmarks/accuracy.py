"""Accuracy without labels: every labelled set and universe through cleaning, scoring and the pure decision.

python -m benchmarks.accuracy FOLDER        the folder of the public labelled sets; without it universes only
    --halves         the same figures for each half of the people: parameters were chosen on the first half
    --strata         and for twins, juniors, people who moved … of the universes
    --reliability    how far the probabilities of the scored pairs can be believed

Of a half or stratum a wrong pair counts half for either end, so that their figures add up to those of all.
"""

import argparse
import time
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from benchmarks.labelled import SETS, Truth, in_first_half
from benchmarks.worlds import read_strata, read_universe
from graph.identifiers import identifier_key
from graph.neighbourhood import HeldIdentifier, Neighbourhood, StoredRecord, Weights
from graph.vocabulary import IdentifierState
from resolution.calibration import Calibration, calibrate
from resolution.configuration import Configuration
from resolution.estimates import Estimates, Sample
from resolution.evaluate import evaluate
from resolution.features import RecordRow, feature_table
from resolution.model import Model, default_model
from resolution.partition import partition
from resolution.scoring import score_all
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs
from resolution.truth import Truth as KnownTruth

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


def scored(rows: list[RecordRow], without: Set[str] = frozenset()) -> tuple[Model, Weights]:
    """The model that the first resolve of these rows would publish, and the weight of every candidate pair; `without`
    names block columns that are left empty."""
    table = feature_table(rows)
    for column in without:
        place = table.schema.get_field_index(column)
        table = table.set_column(place, column, pa.nulls(table.num_rows, pa.string()))
    shared = identifier_pairs(table, ResolutionSettings().limits.contact_holders)
    model = fit_to_data(table, default_model())
    return model, {(edge.left, edge.right): edge.weight for edge in score_all(table, model, shared)}


def clustered(rows: list[RecordRow], model: Model, weights: Weights) -> dict[str, str]:
    """The cluster of each record key, as one full resolve of an empty graph would find it."""
    records = {row["key"]: stored(row) for row in rows}
    configuration = Configuration(
        model.version,
        model.match,
        SALT,
        contradiction=model.contradiction,
        same_number=model.same_number,
    )
    found = partition(Neighbourhood(records, weights), records, configuration)
    return {key: members[0] for members in found.clusters for key in members}


def resolved(rows: list[RecordRow], without: Set[str] = frozenset()) -> dict[str, str]:
    """The cluster of each record key, from candidates of all blocks but those `without`."""
    return clustered(rows, *scored(rows, without))


def sets(folder: Path | None, names: list[str]) -> Iterator[tuple[str, list[RecordRow], Truth]]:
    """The chosen sets, or all."""
    for one in SETS if folder else ():
        if folder and (not names or one.name in names):
            yield one.name, *one.read(folder)
    for profile, people, seed in UNIVERSES:
        if not names or profile in names:
            yield f"{profile} universe", *read_universe(profile, people, seed)


def strata_of(name: str, truth: Truth, options: argparse.Namespace) -> dict[str, frozenset[str]]:
    """The groups of people of whom figures are asked for."""
    strata: dict[str, frozenset[str]] = {}
    if options.halves:
        first = frozenset(person for person in truth.values() if in_first_half(person))
        strata = {"first half": first, "second half": frozenset(truth.values()) - first}
    if options.strata:
        for profile, people, seed in UNIVERSES:
            if name == f"{profile} universe":
                known = frozenset(truth.values())
                strata |= {
                    name: people & known for name, people in read_strata(profile, people, seed).items()
                }
    return {name: people for name, people in strata.items() if people}


def measure(name: str, rows: list[RecordRow], truth: Truth, options: argparse.Namespace) -> None:
    """Print the lines of one set."""
    started = time.perf_counter()
    model, weights = scored(rows)
    memberships = clustered(rows, model, weights)
    seconds = time.perf_counter() - started
    found = evaluate(truth, memberships)
    sample = Sample(KnownTruth(truth, strata=strata_of(name, truth, options)), memberships)
    sizes = f"{found.largest}/{found.largest_true}"
    _line(name, sample.estimates(), f"{sizes:>12}{seconds:7.1f}")
    for stratum, estimates in sample.by_stratum().items():
        _line(f"  {stratum}", estimates)
    if options.reliability:
        _reliability(calibrate(KnownTruth(truth), weights))


def _line(name: str, found: Estimates, more: str = "") -> None:
    pairs, records = (
        f"{one.precision.value:8.3f}{one.recall.value:7.3f}{one.f1.value:7.3f}"
        for one in (found.pairwise, found.bcubed)
    )
    print(f"{name:<22}{found.records:>8}{pairs}{records}{more}", flush=True)


def _reliability(found: Calibration) -> None:
    print(f"  {found.pairs} scored pairs, expected calibration error {found.error:.3f}")
    print(f"  {'probability':<14}{'pairs':>9}{'predicted':>11}{'observed':>10}")
    for one in found.bins:
        span = f"{one.low:g}-{one.high:g}"
        print(f"  {span:<14}{one.pairs:>9}{one.predicted:>11.3f}{one.observed:>10.3f}", flush=True)


def main() -> None:
    """Print one line per set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--set", action="append", default=[], help="only this set or universe profile")
    for option in ("halves", "strata", "reliability"):
        parser.add_argument(f"--{option}", action="store_true")
    options = parser.parse_args()
    print(
        f"{'set':<22}{'records':>8}{'pair P':>8}{'R':>7}{'F1':>7}{'B3 P':>8}{'R':>7}{'F1':>7}{'largest':>12}{'s':>7}"
    )
    for name, rows, truth in sets(options.folder, options.set):
        measure(name, rows, truth, options)


if __name__ == "__main__":
    main()
