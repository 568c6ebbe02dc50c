"""Works out which pairs of records are questions for a steward, and what a wrong present answer may cost.

A question stands between two profiles or inside one, at most one of each: answered, it says the same of all their
records. The probability that the present answer is wrong is, with p the probability by a weight,
- POSSIBLE: p of the heaviest of the n pairs between the two, its odds divided by n: the heaviest of many is heavy by
  chance (as Bonferroni's correction has it);
- CONFLICT, LOCKED: p of the mean weight that pulled;
- AMBIGUOUS: p of the heaviest pair, halved, since of two profiles that claim a record one at most is right;
- WEAK: 1 − p of the tie; OVERSIZED: the same of the weakest link, but at least one in twenty.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log2, prod

from graph.conflicts import Conflict
from graph.exposures import Exposure
from graph.nearby import CrossEdge
from graph.neighbourhood import Judgement
from graph.reviews import Review
from graph.vocabulary import RecordKind, ReviewKind, Verdict
from resolution.clustering import AMBIGUOUS
from resolution.explanation import probability
from resolution.quality_settings import Check
from resolution.stewardship import StewardshipSettings
from resolution.tie_graph import TieGraph
from resolution.ties import Tie
from resolution.verdicts import verdicts

_LOCKED = "locked"
_SUSPECT_ERROR = 0.05
"""A profile that looks like several people is wrong at its weakest link at least so often."""

_TOO_MANY = {
    Check.OVERSIZED: "records",
    Check.GIVEN_NAMES: "given names",
    Check.BIRTH_DATES: "birth dates",
    Check.POSTCODES: "postcodes",
    Check.UNIQUES: "numbers of a kind of which a person has one",
}

Sizes = Mapping[str, tuple[RecordKind, int]]
"""The kind and number of records of each profile."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What stewards said already: profiles that are judged `apart`, and pairs of records or of profiles of which
    somebody was `unsure`."""

    apart: frozenset[frozenset[str]]
    unsure: frozenset[frozenset[str]]


def answers(judgements: Sequence[Judgement], homes: Mapping[str, str]) -> Answers:
    """What standing judgements say of profiles; `homes` has the profile of each record."""
    apart = {
        frozenset((homes[key], homes[other]))
        for key, others in verdicts(judgements, homes).apart.items()
        for other in others
    }
    unsure: set[frozenset[str]] = set()
    for one in judgements:
        if one.verdict is Verdict.UNSURE and one.left in homes and one.right in homes:
            unsure |= {frozenset(one.pair), frozenset((homes[one.left], homes[one.right]))}
    return Answers(frozenset(apart), frozenset(unsure))


def between(
    edges: Iterable[CrossEdge], conflicts: Iterable[Conflict], homes: Mapping[str, str], sizes: Sizes
) -> Iterator[Review]:
    """The questions between profiles, without what hangs on them: are these two, which stand apart, one person?"""
    refused = {frozenset((homes[one.left], homes[one.right])): one for one in conflicts}
    found = {frozenset((one.left_profile, one.right_profile)): one for one in edges}
    for profiles in refused.keys() | found.keys():
        kinds = {sizes[one][0] for one in profiles if one in sizes} - {RecordKind.VISITOR}
        if len(profiles) < 2 or not sizes.keys() >= profiles or len(kinds) > 1:
            continue
        conflict, edge = refused.get(profiles), found.get(profiles)
        pair, weight = ((edge.left, edge.right), edge.weight) if edge else _named(conflict)
        kind = _kind(conflict)
        counts = [sizes[one][1] for one in profiles]
        pulled = conflict.weight if conflict else weight
        yield Review(
            left=pair[0],
            right=pair[1],
            kind=kind,
            reason=conflict.reason if conflict else None,
            weight=weight,
            error=_apart_error(kind, weight, pulled, prod(counts)),
            profile_ids=tuple(sorted(profiles)),
            exposure=Exposure(),
            exposure_cost=0.0,
            record_count=min(counts),
        )


def _apart_error(kind: ReviewKind, heaviest: float, pulled: float, pairs: int) -> float:
    """The probability that two profiles, between which there are so many `pairs`, are one person after all."""
    if kind is ReviewKind.AMBIGUOUS:
        return probability(heaviest) / 2
    return probability(heaviest - log2(max(1, pairs)) if kind is ReviewKind.POSSIBLE else pulled)


def _named(conflict: Conflict | None) -> tuple[tuple[str, str], float]:
    """The records that a conflict names; only asked where there is no edge, and so a conflict."""
    return ((conflict.left, conflict.right), conflict.weight) if conflict else (("", ""), -inf)


def _kind(conflict: Conflict | None) -> ReviewKind:
    if conflict is None:
        return ReviewKind.POSSIBLE
    special = {AMBIGUOUS: ReviewKind.AMBIGUOUS, _LOCKED: ReviewKind.LOCKED}
    return special.get(conflict.reason, ReviewKind.CONFLICT)


def inside(
    profile_id: str, records: Collection[str], ties: Collection[Tie], excess: Mapping[Check, int]
) -> Iterator[Review]:
    """The questions about one profile, without what hangs on it: are these two, which stand together, one person?

    `excess` is what it has too much of."""
    graph = TieGraph(records, ties)
    suspicion = ", ".join(f"{figure} {_TOO_MANY[check]}" for check, figure in excess.items()) or None
    weakest = graph.weakest_link if suspicion else None
    asked = [weakest] if weakest else graph.bridges
    for tie in asked:
        if (
            tie.judged or tie.weight is None
        ):  # a steward's word, or the device of a visitor, who may leave any time
            continue
        error = 1 - probability(tie.weight)
        yield Review(
            left=tie.left,
            right=tie.right,
            kind=ReviewKind.OVERSIZED if suspicion else ReviewKind.WEAK,
            reason=suspicion,
            weight=tie.weight,
            error=max(error, _SUSPECT_ERROR) if suspicion else error,
            profile_ids=(profile_id,),
            exposure=Exposure(),
            exposure_cost=0.0,
            record_count=graph.smaller_side(tie),
        )


def asked(
    found: Iterable[Review],
    said: Answers,
    exposures: Mapping[str, Exposure],
    settings: StewardshipSettings,
) -> list[Review]:
    """What is not answered yet, with the `exposures` of its profiles: of each two profiles, or one, the question that
    comes first."""
    best: dict[tuple[str, ...], Review] = {}
    for one in found:
        profiles = frozenset(one.profile_ids)
        if profiles in said.apart:
            continue
        hangs = sum((exposures.get(name, Exposure()) for name in one.profile_ids), Exposure())
        pair = profiles if len(profiles) > 1 else frozenset((one.left, one.right))
        review = replace(
            one, exposure=hangs, exposure_cost=hangs.cost(settings.costs), unsure=pair in said.unsure
        )
        present = best.get(one.profile_ids)
        if present is None or (-review.rank, review.key) < (-present.rank, present.key):
            best[one.profile_ids] = review
    return [best[profiles] for profiles in sorted(best)]
