"""Which rule keeps ids stable: the founder's id against "the largest overlap keeps the id", on real merges and splits.

python -m benchmarks.founders FOLDER [--set NAME …] [--orders 3]

Each labelled set arrives in five parts, in several orders, and is resolved after each; then the threshold is raised
by three bits and put back. Both rules name the same partitions. "moved" is the share of the records that had an id
and got another, "astray" of those that have another id than before once the threshold is back where it was;
"differs" the share of records whose id is another one when the same facts, with the same `accepted_at`, came in another
order.
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from benchmarks.accuracy import NOW, SALT, stored
from benchmarks.labelled import SETS
from graph.neighbourhood import Neighbourhood, StoredRecord
from resolution.configuration import Configuration
from resolution.features import RecordRow, feature_table
from resolution.founders import founder, mint, profile_id
from resolution.model import default_model
from resolution.partition import partition
from resolution.scoring import score_all
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs

PARTS = 5
STEPS = ("parts", "raised", "back", "astray")
BITS = 3.0

Records = Mapping[str, StoredRecord]
Clusters = Sequence[tuple[str, ...]]
Ids = Mapping[str, str]
Rule = Callable[[Records, Clusters, Ids], dict[str, str]]


@dataclass(frozen=True)
class World:
    """A set with all its edges, and what it is decided under."""

    records: Records
    weights: Mapping[tuple[str, str], float]
    configuration: Configuration

    @staticmethod
    def of(rows: list[RecordRow]) -> "World":
        """Score all rows under the default model fitted to them."""
        settings = ResolutionSettings()
        table = feature_table(rows)
        shared = identifier_pairs(table, settings.limits.contact_holders)
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
        return World({row["key"]: stored(row) for row in rows}, weights, configuration)

    def clusters(self, present: Collection[str], bits: float = 0.0) -> Clusters:
        """The partition of those records that are there, under a threshold raised by `bits`."""
        here = {key: self.records[key] for key in sorted(present)}
        weights = {pair: weight for pair, weight in self.weights.items() if here.keys() >= set(pair)}
        raised = replace(self.configuration, match_weight=self.configuration.match_weight + bits)
        return partition(Neighbourhood(here, weights), here, raised).clusters


def founders(records: Records, clusters: Clusters, _: Ids) -> dict[str, str]:
    """Every cluster has the id of its oldest member."""
    return {key: profile_id(records, members, SALT) for members in clusters for key in members}


def overlap(records: Records, clusters: Clusters, before: Ids) -> dict[str, str]:
    """The cluster that holds most of an id's records keeps it, the largest share first; others get a new id."""
    homes = ((key, number) for number, members in enumerate(clusters) for key in members)
    shared = Counter((before[key], number) for key, number in homes if key in before)
    kept: dict[int, str] = {}
    taken = set(before.values())
    given: set[str] = set()
    for (old, number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if old not in given and number not in kept:
            kept[number] = old
            given.add(old)
    for number, members in enumerate(clusters):
        if number not in kept:
            kept[number] = _unused(founder(records, members), taken)
            taken.add(kept[number])
    return {key: kept[number] for number, members in enumerate(clusters) for key in members}


def _unused(record: StoredRecord, taken: Collection[str]) -> str:
    """A new id for a cluster, minted from its founder as often as it takes."""
    attempts = (mint(f"{record.key}#{n}", record.accepted_at, SALT) for n in range(len(taken) + 1))
    return next(one for one in attempts if one not in taken)


RULES: Mapping[str, Rule] = {"founder": founders, "overlap": overlap}


@dataclass
class Course:
    """How one rule fared: moved and all records per step, and the ids at the end of the parts."""

    moved: dict[str, tuple[int, int]]
    ids: Ids


def course(rule: Rule, steps: Sequence[tuple[str, Clusters]], records: Records) -> Course:
    """Name the partitions of the steps one after the other."""
    moved: dict[str, tuple[int, int]] = {}
    ids: Ids = {}
    arrived: Ids = {}
    for name, clusters in steps:
        now = rule(records, clusters, ids)
        changed = sum(ids[key] != now[key] for key in ids)
        before, known = moved.get(name, (0, 0))
        moved[name] = (before + changed, known + len(ids))
        ids = now
        if name == "parts":
            arrived = now
    moved["astray"] = (sum(arrived[key] != ids[key] for key in ids), len(ids))
    return Course(moved, arrived)


def steps_of(world: World, order: Sequence[str]) -> Iterator[tuple[str, Clusters]]:
    """The partitions after each part, under the raised threshold, and under the first one again."""
    size = -(-len(order) // PARTS)
    for end in range(size, len(order) + size, size):
        yield "parts", world.clusters(order[:end])
    yield "raised", world.clusters(order, BITS)
    yield "back", world.clusters(order)


def compared(world: World, orders: int) -> Iterator[str]:
    """Lines of figures: real arrivals in `orders` random orders, then the same facts in other orders."""
    keys = sorted(world.records)
    fixed = {
        key: replace(one, accepted_at=NOW + timedelta(seconds=n))
        for n, (key, one) in enumerate(sorted(world.records.items(), key=lambda item: hash_of(item[0])))
    }
    totals: dict[str, Counter[str]] = {name: Counter() for name in RULES}
    finals: dict[str, list[Ids]] = {name: [] for name in RULES}
    for seed in range(orders):
        order = list(keys)
        random.Random(seed).shuffle(order)
        steps = list(steps_of(world, order))
        arriving = {
            key: replace(world.records[key], accepted_at=NOW + timedelta(seconds=n))
            for n, key in enumerate(order)
        }
        for name, rule in RULES.items():
            for step, (changed, known) in course(rule, steps, arriving).moved.items():
                totals[name][step] += changed
                totals[name][f"{step} of"] += known
            finals[name].append(course(rule, steps, fixed).ids)
    for name in RULES:
        shares = " ".join(f"{totals[name][step] / totals[name][f'{step} of']:>9.3%}" for step in STEPS)
        first, *others = finals[name]
        differs = sum(first[key] != one[key] for one in others for key in first) / max(
            1, len(others) * len(first)
        )
        yield f"{name:<9}{shares}{differs:>10.3%}"


def hash_of(key: str) -> int:
    """A place in an order that has nothing to do with the key's meaning."""
    return random.Random(key).getrandbits(64)


def main() -> None:
    """Print two lines per set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--orders", type=int, default=3)
    options = parser.parse_args()
    print(f"{'set':<18}{'rule':<9}{'parts':>9} {'raised':>9} {'back':>9} {'astray':>9}{'differs':>10}")
    for one in SETS:
        if one.name in (options.set or ("historical_50k", "cdp_sample")):
            for line in compared(World.of(one.read(options.folder)[0]), options.orders):
                print(f"{one.name:<18}{line}", flush=True)


if __name__ == "__main__":
    main()
