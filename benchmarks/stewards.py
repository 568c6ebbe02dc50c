"""What a steward's decisions are worth: how many lift the pairwise F1, in the order of the queue or at random.

python -m benchmarks.stewards FOLDER [--set historical_50k] [--lift 0.01] [--seeds 3] [--most 3000] [--seconds 300]

A steward who is never wrong answers one review after the other; after each the profiles concerned are clustered again,
by themselves, and reviews are worked out again, by the code that serves the queue. Nothing hangs on these people, so
that a review costs its probability of error times 1 + the records that it moves. `--seconds` is for each order.
"""

import argparse
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import comb
from pathlib import Path

from benchmarks.accuracy import SALT, stored
from benchmarks.labelled import SETS, Truth
from graph.conflicts import Conflict
from graph.nearby import CrossEdge
from graph.neighbourhood import Judgement, Neighbourhood, StoredRecord
from graph.reviews import Review
from graph.vocabulary import RecordKind, Verdict
from resolution.alarms import excesses
from resolution.configuration import Configuration
from resolution.features import RecordRow, feature_table
from resolution.model import default_model
from resolution.partition import partition
from resolution.proposals import judgement
from resolution.reviewing import ReviewSettings, checked_cluster
from resolution.reviews import answers, asked, between, inside
from resolution.scoring import score_all
from resolution.ties import Grounds, ties
from resolution.train import fit_to_data, identifier_pairs

SETTINGS = ReviewSettings()


@dataclass(frozen=True)
class Facts:
    """What does not change: records, the scored neighbours of each, the truth, the configuration."""

    records: Mapping[str, StoredRecord]
    scored: Mapping[str, Mapping[str, float]]
    truth: Truth
    configuration: Configuration

    @classmethod
    def of(cls, rows: list[RecordRow], truth: Truth) -> "Facts":
        """The records scored by the default model, fitted to them."""
        table = feature_table(rows)
        model = fit_to_data(table, default_model())
        shared = identifier_pairs(table, SETTINGS.resolution.limits.contact_holders)
        scored: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for edge in score_all(table, model, shared):
            scored[edge.left][edge.right] = scored[edge.right][edge.left] = edge.weight
        configuration = Configuration(
            model.version, model.match, SALT, contradiction=model.contradiction, same_number=model.same_number
        )
        return cls({row["key"]: stored(row) for row in rows}, scored, truth, configuration)

    def inside(self, keys: Collection[str]) -> dict[tuple[str, str], float]:
        """The weights of the scored pairs among `keys`."""
        return {
            (key, other): weight
            for key in keys
            for other, weight in self.scored.get(key, {}).items()
            if key < other and other in keys
        }


@dataclass
class Desk:
    """What is believed, what was answered, and what is asked: profiles are named by their smallest key."""

    facts: Facts
    homes: dict[str, str] = field(default_factory=dict[str, str])
    members: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    conflicts: dict[str, Conflict] = field(default_factory=dict[str, Conflict])
    said: defaultdict[str, list[Judgement]] = field(default_factory=lambda: defaultdict(list))
    queue: dict[tuple[str, ...], Review] = field(default_factory=dict[tuple[str, ...], Review])
    predicted: int = 0
    right: int = 0

    def copy(self) -> "Desk":
        """The same desk for another steward."""
        return Desk(
            self.facts,
            dict(self.homes),
            dict(self.members),
            dict(self.conflicts),
            defaultdict(list, {key: list(found) for key, found in self.said.items()}),
            dict(self.queue),
            self.predicted,
            self.right,
        )

    def f1(self, true_pairs: int) -> float:
        """The pairwise F1 of what is believed."""
        return 2 * self.right / (self.predicted + true_pairs)

    def answer(self, review: Review) -> None:
        """Answer by the truth, and let everything follow."""
        truth = self.facts.truth
        same = truth[review.left] == truth[review.right]
        one = judgement(review.left, review.right, Verdict.SAME if same else Verdict.DIFFERENT)
        self.said[one.left].append(one)
        self.said[one.right].append(one)
        self.ask(self.cluster({key for end in one.pair for key in self.members[self.homes[end]]}))

    def cluster(self, keys: Collection[str]) -> set[str]:
        """Cluster records anew; answers the names of the profiles that they were and are in."""
        records = {key: self.facts.records[key] for key in keys}
        words = list({one.pair: one for key in keys for one in self.said.get(key, ())}.values())
        there = Neighbourhood(records, self.facts.inside(keys), words)
        found = partition(there, records, self.facts.configuration)
        before = {self.homes[key] for key in keys if key in self.homes}
        for name in before:
            self._count(self.members.pop(name), -1)
        for cluster in found.clusters:
            self._count(cluster, 1)
            self.members[cluster[0]] = cluster
            self.homes.update(dict.fromkeys(cluster, cluster[0]))
        for gone in [name for name, one in self.conflicts.items() if one.left in keys or one.right in keys]:
            del self.conflicts[gone]
        conflicts = (Conflict(one.left, one.right, one.weight, one.reason) for one in found.refusals)
        self.conflicts |= {one.key: one for one in conflicts}
        return before | {cluster[0] for cluster in found.clusters}

    def _count(self, cluster: Collection[str], sign: int) -> None:
        people = Counter(self.facts.truth[key] for key in cluster)
        self.predicted += sign * comb(len(cluster), 2)
        self.right += sign * sum(comb(count, 2) for count in people.values())

    def ask(self, names: set[str]) -> None:
        """Work out the reviews about some profiles again."""
        for profiles in [one for one in self.queue if not names.isdisjoint(one)]:
            del self.queue[profiles]
        current = [name for name in names if name in self.members]
        found = [review for name in current for review in self._inside(name)]
        edges = list(self._cross(current))
        met = [
            one for one in self.conflicts.values() if names & {self.homes[one.left], self.homes[one.right]}
        ]
        near = {*current, *(name for one in edges for name in (one.left_profile, one.right_profile))}
        near |= {self.homes[key] for one in met for key in (one.left, one.right)}
        sizes = {name: (RecordKind.PERSON, len(self.members[name])) for name in near}
        found += between(edges, met, self.homes, sizes)
        homes = {key: name for name in near for key in self.members[name]}
        words = [one for key in homes for one in self.said.get(key, ()) if one.left == key]
        worth = [one for one in found if one.error >= SETTINGS.stewardship.least_error]
        for review in asked(worth, answers(words, homes), {}, SETTINGS.stewardship):
            self.queue[review.profile_ids] = review

    def _inside(self, name: str) -> Iterable[Review]:
        keys = self.members[name]
        if len(keys) < 2:
            return ()
        together = [one.pair for key in keys for one in self.said.get(key, ()) if one.verdict is Verdict.SAME]
        grounds = Grounds(self.facts.inside(frozenset(keys)), (), frozenset(), together)
        tied = ties(keys, grounds, self.facts.configuration.match_weight)
        whole = checked_cluster(name, RecordKind.PERSON, [self.facts.records[key] for key in keys])
        return inside(name, keys, tied, excesses(whole, SETTINGS.quality, ()))

    def _cross(self, names: Iterable[str]) -> Iterable[CrossEdge]:
        """The heaviest edge from each of some profiles to each other profile."""
        best: dict[frozenset[str], CrossEdge] = {}
        for name in names:
            for key in self.members[name]:
                for other, weight in self.facts.scored.get(key, {}).items():
                    there = self.homes[other]
                    if there == name or weight < SETTINGS.stewardship.floor:
                        continue
                    left, right = sorted((key, other))
                    one = CrossEdge(left, right, self.homes[left], self.homes[right], weight)
                    known = best.get(frozenset((name, there)))
                    if known is None or (-weight, left, right) < (-known.weight, known.left, known.right):
                        best[frozenset((name, there))] = one
        return best.values()


Choose = Callable[[Desk], Review]


def first(desk: Desk) -> Review:
    """The review at the front of the queue."""
    return max(desk.queue.values(), key=lambda one: (one.rank, one.key))


def at_random(seed: int) -> Choose:
    """Any review."""
    draw = random.Random(seed)
    return lambda desk: desk.queue[draw.choice(sorted(desk.queue))]


@dataclass(frozen=True)
class Work:
    """How long a steward works at most: for what lift of F1, how many decisions, how many seconds."""

    lift: float
    most: int
    seconds: float


def work(name: str, desk: Desk, choose: Choose, true_pairs: int, limit: Work) -> None:
    """Let a steward answer until F1 is lifted; prints F1 on the way, and how many decisions it took."""
    before, lift, number, right, told = desk.f1(true_pairs), 0.0, 0, 0, ""
    until = time.monotonic() + limit.seconds
    for number in range(1, limit.most + 1):
        if not desk.queue or time.monotonic() > until:
            break
        review = choose(desk)
        present = len(review.profile_ids) == 1
        truth = desk.facts.truth
        right += (truth[review.left] == truth[review.right]) != present
        desk.answer(review)
        lift = desk.f1(true_pairs) - before
        if number in (50, 100, 200, 500, 1000, 2000):
            told += f"  {number}: {lift:+.4f}"
        if lift >= limit.lift:
            print(
                f"{name:<16}{number:>7} decisions for {limit.lift:+.3f}, {right} mended something{told}",
                flush=True,
            )
            return
    print(f"{name:<16}{number:>7} decisions gave {lift:+.4f}, {right} mended something{told}", flush=True)


def main() -> None:
    """Print what the queue's order and random orders need."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", default="historical_50k", choices=[one.name for one in SETS])
    parser.add_argument("--lift", type=float, default=0.01)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--most", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    rows, truth = next(one for one in SETS if one.name == options.set).read(options.folder)
    facts = Facts.of(rows, truth)
    desk = Desk(facts)
    desk.ask(desk.cluster(facts.records.keys()))
    true_pairs = sum(comb(count, 2) for count in Counter(truth.values()).values())
    kinds = Counter(one.kind.value for one in desk.queue.values())
    print(
        f"{options.set}: {len(rows)} records, F1 {desk.f1(true_pairs):.4f}, {len(desk.queue)} reviews {dict(kinds)}",
        flush=True,
    )
    orders = {"queue order": first} | {f"random, seed {one}": at_random(one) for one in range(options.seeds)}
    limit = Work(options.lift, options.most, options.seconds)
    for name, choose in orders.items():
        work(name, desk.copy(), choose, true_pairs, limit)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
