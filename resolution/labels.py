"""Judgements as labels: some are held back from training, to tell what the model has learnt from the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from graph.neighbourhood import Judgement
from graph.vocabulary import Verdict
from resolution.clustering import Pair, components
from resolution.features import RecordRow, features
from resolution.intervals import wilson
from resolution.model import Model
from resolution.realtime import Scorer

Labels = Mapping[Pair, bool]
"""Of pairs of record keys, smaller key first, whether they are one person."""

FEWEST_LABELS = 50
"""So many have to be held back before their precision and recall say anything; in all three times as many."""

_HELD_BACK = 3
"""One group of labels in so many is held back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole` with the 95 % interval of the share (Wilson 1927); without anything to share, 0 to 1."""

    part: int
    whole: int
    low: float
    high: float

    @classmethod
    def of(cls, part: int, whole: int) -> "Rate":
        """From counts."""
        return cls(part, whole, *(wilson(part / whole, whole) if whole else (0.0, 1.0)))

    @property
    def share(self) -> float | None:
        """The share, None of nothing."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        share = "none" if self.share is None else f"{self.share:.3f}"
        return f"{share} ({self.low:.2f}–{self.high:.2f})"


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """The model by itself against stewards' labels: of the pairs it takes for one person those that are (precision),
    of those that are the ones it takes for one (recall). Stewards look at what is doubtful: over all pairs both are
    higher."""

    labels: int
    precision: Rate
    recall: Rate

    @property
    def f1(self) -> float:
        """The harmonic mean of both; where there is nothing to get wrong, 1 counts."""
        shares = [1.0 if one.share is None else one.share for one in (self.precision, self.recall)]
        return 2 * shares[0] * shares[1] / sum(shares) if any(shares) else 0.0


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What labels did for a model: `labels` in all, `held_back` of them judged the model trained on the others
    (`after`) and the one in force (`before`). `enough` says whether these figures may be relied upon."""

    labels: int
    held_back: int
    before: LabelAgreement
    after: LabelAgreement

    @property
    def enough(self) -> bool:
        """Whether enough labels were held back."""
        return self.held_back >= FEWEST_LABELS

    def __str__(self) -> str:
        told = (
            f"{self.labels} labels; on {self.held_back} held back precision {self.before.precision} → "
            f"{self.after.precision}, recall {self.before.recall} → {self.after.recall}"
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


def agreement(model: Model, rows: Iterable[RecordRow], labels: Labels) -> LabelAgreement:
    """How far `model` by itself agrees with `labels` on records that are all in `rows`: pairs at or above its threshold
    are taken for one person."""
    found = opinion(model, rows, labels)
    hits = sum(found[pair] and same for pair, same in labels.items())
    return LabelAgreement(
        len(labels), Rate.of(hits, sum(found.values())), Rate.of(hits, sum(labels.values()))
    )


def opinion(model: Model, rows: Iterable[RecordRow], pairs: Iterable[Pair]) -> dict[Pair, bool]:
    """Whether `model` by itself takes each of some pairs of records that are all in `rows` for one person."""
    asked = list(pairs)
    wanted = {key for pair in asked for key in pair}
    known = {row["key"]: features(row) for row in rows if row["key"] in wanted}
    scorer = Scorer(model)
    return {pair: scorer.edge(known[pair[0]], known[pair[1]]).weight >= model.match for pair in asked}
