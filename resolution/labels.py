"""Judgements as labels: some are held back from training, to tell what the model has learnt from the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from graph.neighbourhood import Judgement
from graph.vocabulary import Verdict
from resolution.clustering import Pair, components
from resolution.evaluate import Accuracy
from resolution.features import RecordRow, features
from resolution.model import Model
from resolution.realtime import Scorer

Labels = Mapping[Pair, bool]
"""Of pairs of record keys, smaller key first, whether they are one person."""

FEWEST_LABELS = 50
"""So many have to be held back before their precision and recall say anything; in all three times as many."""

_HELD_BACK = 3
"""One group of labels in so many is held back."""


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What labels did for a model: `labels` in all, `held_back` of them judged the model trained on the others
    (`after`) and the one in force (`before`). `enough` says whether these figures may be relied upon."""

    labels: int
    held_back: int
    before: Accuracy
    after: Accuracy

    @property
    def enough(self) -> bool:
        """Whether enough labels were held back."""
        return self.held_back >= FEWEST_LABELS

    def __str__(self) -> str:
        told = (
            f"{self.labels} labels; on {self.held_back} held back precision {self.before.precision:.3f} → "
            f"{self.after.precision:.3f}, recall {self.before.recall:.3f} → {self.after.recall:.3f}"
        )
        return told if self.enough else f"{told} (too few to rely upon: {FEWEST_LABELS} would do)"


def labels_of(judgements: Iterable[Judgement]) -> dict[Pair, bool]:
    """The labels that standing judgements give; UNSURE gives none, nor does a record with itself."""
    return {
        one.pair: one.verdict is Verdict.SAME
        for one in sorted(judgements, key=lambda one: one.pair)
        if one.verdict is not Verdict.UNSURE and one.left != one.right
    }


def held_back(labels: Labels) -> tuple[dict[Pair, bool], dict[Pair, bool]]:
    """Labels to train on, and labels held back. All that hang together by a record are on one side, so that nobody is
    on both; a hash chooses, so that the same labels are held back again."""
    keys = sorted({key for pair in labels for key in pair})
    aside: set[str] = set()
    for group in components(keys, labels):
        digest = blake2b(group[0].encode(), digest_size=8).digest()
        if int.from_bytes(digest) % _HELD_BACK == 0:
            aside.update(group)
    taught = {pair: same for pair, same in labels.items() if pair[0] not in aside}
    return taught, {pair: same for pair, same in labels.items() if pair[0] in aside}


def agreement(model: Model, rows: Iterable[RecordRow], labels: Labels) -> Accuracy:
    """How far `model` agrees with `labels` on records that are all in `rows`: pairs at or above its threshold are taken
    for one person."""
    found = opinion(model, rows, labels)
    hits = sum(found[pair] and same for pair, same in labels.items())
    return Accuracy.of(_share(hits, sum(found.values())), _share(hits, sum(labels.values())))


def opinion(model: Model, rows: Iterable[RecordRow], pairs: Iterable[Pair]) -> dict[Pair, bool]:
    """Whether `model` by itself takes each of some pairs of records that are all in `rows` for one person."""
    asked = list(pairs)
    wanted = {key for pair in asked for key in pair}
    known = {row["key"]: features(row) for row in rows if row["key"] in wanted}
    scorer = Scorer(model)
    return {pair: scorer.edge(known[pair[0]], known[pair[1]]).weight >= model.match for pair in asked}


def _share(part: int, whole: int) -> float:
    """1 when there is nothing to get wrong."""
    return part / whole if whole else 1.0
