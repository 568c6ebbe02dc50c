"""Contested identifiers: those that pull two clusters together which a stronger kind keeps apart, and give way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.vocabulary import IdentifierState
from resolution.clustering import Clustering, Refusal
from resolution.identifiers import Holders, Standing, links
from resolution.kinds import Kinds


def contested(
    found: Clustering, linking: Iterable[Holders], claimed: frozenset[str], kinds: Kinds
) -> dict[str, Standing]:
    """The linking identifiers, by key, that hold together what was refused because of a kind of higher priority.

    Each is demoted for all its holders, since it is on two people by the word of a better identifier; the reason
    names the refusal. It comes back when its facts no longer lead to the refusal.
    """
    home = _homes(found.clusters)
    refused: dict[tuple[int, int], Refusal] = {}
    for one in _strongest_first(found.refusals, kinds):
        refused.setdefault(_between(home, one.left, one.right), one)
    if not refused:
        return {}
    demoted: dict[str, Standing] = {}
    for holders in linking:
        pairs = (_between(home, *pair) for pair, _ in _crossing(holders, claimed, home))
        for refusal in (refused[pair] for pair in pairs if pair in refused):
            if refusal.kind and holders.kind.priority < kinds[refusal.kind].priority:
                demoted[holders.key] = Standing(IdentifierState.DEMOTED, f"conflict: {refusal.reason}")
                break
    return demoted


def standing_refusals(refusals: Iterable[Refusal], clusters: Sequence[Sequence[str]]) -> tuple[Refusal, ...]:
    """One refusal, the heaviest, per pair of clusters that stayed apart, named by the clusters' smallest keys."""
    home = _homes(clusters)
    heaviest: dict[tuple[int, int], Refusal] = {}
    for one in sorted(refusals, key=lambda one: (-one.weight, one.left, one.right, one.reason)):
        apart = _between(home, one.left, one.right)
        if apart[0] != apart[1]:
            heaviest.setdefault(apart, one)
    return tuple(
        Refusal(clusters[low][0], clusters[high][0], one.weight, one.reason, one.kind)
        for (low, high), one in sorted(heaviest.items())
    )


def _strongest_first(refusals: Iterable[Refusal], kinds: Kinds) -> list[Refusal]:
    by_kind = [(kinds[one.kind].priority, one) for one in refusals if one.kind]
    return [
        one for _, one in sorted(by_kind, key=lambda it: (-it[0], -it[1].weight, it[1].left, it[1].right))
    ]


def _crossing(
    holders: Holders, claimed: frozenset[str], home: Mapping[str, int]
) -> Iterator[tuple[tuple[str, str], float]]:
    """The links by this identifier from one cluster to another."""
    if len({home[record.key] for record in holders.records}) > 1:
        yield from (link for link in links(holders, claimed) if home[link[0][0]] != home[link[0][1]])


def _homes(clusters: Sequence[Sequence[str]]) -> dict[str, int]:
    return {key: number for number, keys in enumerate(clusters) for key in keys}


def _between(home: Mapping[str, int], left: str, right: str) -> tuple[int, int]:
    low, high = sorted((home[left], home[right]))
    return low, high
