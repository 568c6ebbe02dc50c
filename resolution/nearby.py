"""The records that a cluster nearly joined: possible matches, refused merges, identifiers held in common."""

from collections.abc import Collection, Iterator, Mapping

from graph.cluster_graphs import Crowd
from graph.neighbourhood import Judgement
from graph.vocabulary import IdentifierState, Verdict
from resolution.tied_clusters import TiedCluster

_SHARED = -100.0
_SET_ASIDE = -200.0
"""Behind every match come the holders of a linking identifier, behind them those of one that is demoted or blocked."""
_JUDGED = 1_000.0


def nearest(
    cluster: TiedCluster,
    crowds: Mapping[str, Crowd],
    judgements: Collection[Judgement],
    possible: float,
    most: int,
) -> tuple[list[str], int]:
    """The keys of at most `most` records outside the cluster, nearest first, and how many more there are.

    What a steward judged comes first, then matches from the weight `possible` and refused merges by weight, then who
    holds an identifier in common.
    """
    ranks: dict[str, float] = {}
    for inside, outside, rank in (
        *_weighed(cluster, possible),
        *_judged(judgements),
        *_holding(cluster, crowds),
    ):
        if inside in cluster.records and outside not in cluster.records:
            ranks[outside] = max(rank, ranks.get(outside, rank))
    ordered = sorted(ranks, key=lambda key: (-ranks[key], key))
    return ordered[:most], max(0, len(ordered) - most)


def _weighed(cluster: TiedCluster, possible: float) -> Iterator[tuple[str, str, float]]:
    for (left, right), weight in cluster.weights.items():
        if weight >= possible:
            yield from ((left, right, weight), (right, left, weight))
    for one in cluster.conflicts:
        yield from ((one.left, one.right, one.weight), (one.right, one.left, one.weight))


def _judged(judgements: Collection[Judgement]) -> Iterator[tuple[str, str, float]]:
    for one in judgements:
        rank = _JUDGED if one.verdict is not Verdict.UNSURE else 0.0
        yield from ((one.left, one.right, rank), (one.right, one.left, rank))


def _holding(cluster: TiedCluster, crowds: Mapping[str, Crowd]) -> Iterator[tuple[str, str, float]]:
    for key, record in cluster.records.items():
        for held in record.identifiers:
            rank = _SHARED if held.state == IdentifierState.LINKING else _SET_ASIDE
            for other in crowds.get(held.key, ()):
                yield key, other, rank
