"""What a steward's labels are worth: half of the people may be asked about, the other half is judged.

python -m benchmarks.labels FOLDER [--set historical_50k] [--labels 200]

All records are in the graph. Labels are candidate pairs of the one half, answered by the truth: the most uncertain
first, as a queue would show them, or candidates at random. Figures are of the other half, none of whose pairs is ever
asked about.
"""

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from benchmarks.accuracy import SALT, stored
from benchmarks.labelled import SETS, Truth, in_first_half
from graph.neighbourhood import Neighbourhood, Weights
from resolution.configuration import Configuration
from resolution.evaluate import Evaluation, evaluate
from resolution.features import RecordRow, feature_table
from resolution.model import Model, default_model
from resolution.partition import partition
from resolution.scoring import score_all
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs, train

Pair = tuple[str, str]


@dataclass(frozen=True)
class Stage:
    """A labelled set: its rows, the truth of the half that may be asked about and of the half that is judged."""

    rows: list[RecordRow]
    table: pa.Table
    asked: Truth
    judged: Truth

    @classmethod
    def of(cls, rows: list[RecordRow], truth: Truth) -> "Stage":
        """People are halved by a hash, so that nobody is in both halves."""
        asked = {key: person for key, person in truth.items() if in_first_half(person)}
        judged = {key: person for key, person in truth.items() if key not in asked}
        return cls(rows, feature_table(rows), asked, judged)

    def weights(self, model: Model) -> Weights:
        """The weight of every candidate pair."""
        shared = identifier_pairs(self.table, ResolutionSettings().limits.contact_holders)
        return {(edge.left, edge.right): edge.weight for edge in score_all(self.table, model, shared)}

    def evaluation(self, model: Model, weights: Weights) -> Evaluation:
        """How well the judged half is resolved."""
        records = {row["key"]: stored(row) for row in self.rows}
        configuration = Configuration(
            model.version, model.match, SALT, contradiction=model.contradiction, same_number=model.same_number
        )
        found = partition(Neighbourhood(records, weights), records, configuration)
        members = {key: cluster[0] for cluster in found.clusters for key in cluster}
        return evaluate(self.judged, members)

    def queue(self, model: Model, weights: Weights) -> list[Pair]:
        """The candidate pairs that may be asked about, most uncertain first; each record is asked about once."""
        allowed = [pair for pair in weights if pair[0] in self.asked and pair[1] in self.asked]
        seen: set[str] = set()
        chosen: list[Pair] = []
        for pair in sorted(allowed, key=lambda pair: (abs(weights[pair] - model.match), pair)):
            if seen.isdisjoint(pair):
                seen.update(pair)
                chosen.append(pair)
        return chosen

    def answered(self, pairs: list[Pair]) -> dict[Pair, bool]:
        """What a steward who is never wrong says."""
        return {pair: self.asked[pair[0]] == self.asked[pair[1]] for pair in pairs}


def _show(name: str, found: Evaluation, labels: Mapping[Pair, bool]) -> None:
    one = found.pairwise
    same = sum(labels.values())
    print(f"{name:<28}{len(labels):>7}{same:>6}{one.precision:>9.3f}{one.recall:>7.3f}{one.f1:>7.3f}"
          f"{found.bcubed.f1:>8.3f}{found.largest:>9}", flush=True)  # fmt: skip


def main() -> None:
    """Print one line for each way to train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", default="historical_50k", choices=[one.name for one in SETS])
    parser.add_argument("--labels", type=int, default=200)
    options = parser.parse_args()
    stage = Stage.of(*next(one for one in SETS if one.name == options.set).read(options.folder))
    print(f"{options.set}: {len(stage.rows)} records, {len(stage.judged)} of them judged")
    print(f"{'':<28}{'labels':>7}{'same':>6}{'pair P':>9}{'R':>7}{'F1':>7}{'B3 F1':>8}{'largest':>9}")
    model = fit_to_data(stage.table, default_model())
    weights = stage.weights(model)
    _show("default, fitted", stage.evaluation(model, weights), {})
    queue = stage.queue(model, weights)
    ways = {
        "trained, no labels": [],
        "trained, uncertain first": queue[: options.labels],
        "trained, at random": random.Random(7).sample(sorted(queue), min(options.labels, len(queue))),
    }
    for name, pairs in ways.items():
        labels = stage.answered(pairs)
        taught = train(stage.table, default_model(), labels)
        _show(name, stage.evaluation(taught, stage.weights(taught)), labels)


if __name__ == "__main__":
    main()
