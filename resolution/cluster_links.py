"""The links of a cluster's picture: match edges, identifiers held, judgements and refused merges."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.neighbourhood import Judgement, StoredRecord
from graph.vocabulary import IdentifierState, Verdict
from resolution.model import Model
from resolution.tie_graph import TieGraph
from resolution.tied_clusters import TiedCluster

MOST_LINKS = 5_000
"""So many match links a picture has at most."""


class LinkKind(StrEnum):
    """What a link of a picture is."""

    MATCH = "MATCH"
    HOLDS = "HOLDS"
    JUDGED = "JUDGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class ClusterLink:
    """A link between two records, or of a record (`left`) and an identifier it holds (`right`), by keys.

    It `counts` when it may hold records together; a `bridge` is part of the only tie between two sides of the
    cluster. `weight` (log2 odds) is that of a match, or with what a refused merge pulled.
    """

    left: str
    right: str
    kind: LinkKind
    counts: bool
    bridge: bool = False
    weight: float | None = None
    verdict: Verdict | None = None
    reason: str | None = None


def cluster_links(
    cluster: TiedCluster,
    shown: Mapping[str, StoredRecord],
    shape: TieGraph,
    judgements: Collection[Judgement],
    model: Model,
) -> list[ClusterLink]:
    """All links between the records `shown`, and of these to the identifiers that the cluster holds."""
    bridges = {(tie.left, tie.right): tie for tie in shape.bridges}
    spanning = {(key, link.key) for pair, tie in bridges.items() for link in tie.links for key in pair}
    return [
        *_matches(cluster, shown, bridges, model),
        *_holdings(cluster, shown, spanning),
        *_judged(cluster, shown, bridges, judgements),
        *(
            ClusterLink(one.left, one.right, LinkKind.REFUSED, False, weight=one.weight, reason=one.reason)
            for one in cluster.conflicts
            if one.left in shown and one.right in shown
        ),
    ]


def _matches(
    cluster: TiedCluster,
    shown: Mapping[str, StoredRecord],
    bridges: Collection[tuple[str, str]],
    model: Model,
) -> Iterator[ClusterLink]:
    """Match edges: all within the cluster, to neighbours those that are possible."""
    for (left, right), weight in sorted(cluster.weights.items()):
        within = left in cluster.records and right in cluster.records
        if left in shown and right in shown and (within or weight >= model.possible):
            counts = within and weight >= model.match
            bridge = counts and (left, right) in bridges
            yield ClusterLink(left, right, LinkKind.MATCH, counts, bridge, weight)


def _holdings(
    cluster: TiedCluster, shown: Mapping[str, StoredRecord], spanning: Collection[tuple[str, str]]
) -> Iterator[ClusterLink]:
    held = {one.key for record in cluster.records.values() for one in record.identifiers}
    for key, record in sorted(shown.items()):
        for one in sorted(record.identifiers, key=lambda one: one.identifier):
            if one.key in held:
                counts = one.state == IdentifierState.LINKING and key in cluster.records
                yield ClusterLink(key, one.key, LinkKind.HOLDS, counts, (key, one.key) in spanning)


def _judged(
    cluster: TiedCluster,
    shown: Mapping[str, StoredRecord],
    bridges: Collection[tuple[str, str]],
    judgements: Collection[Judgement],
) -> Iterator[ClusterLink]:
    """What was said of two records, and what follows from it: judged the same as a third."""
    said = {one.pair: one.verdict for one in judgements if one.left in shown and one.right in shown}
    said = {(tie.left, tie.right): Verdict.SAME for tie in cluster.ties if tie.judged} | said
    for pair, verdict in sorted(said.items()):
        counts = verdict is Verdict.SAME
        yield ClusterLink(*pair, LinkKind.JUDGED, counts, counts and pair in bridges, verdict=verdict)


def lightest_left_out(links: Sequence[ClusterLink], shape: TieGraph) -> tuple[list[ClusterLink], int]:
    """The links without the lightest matches beyond `MOST_LINKS`, and how many were left out: those along which the
    cluster hangs together firmest stay."""
    matches = [one for one in links if one.kind is LinkKind.MATCH]
    if len(matches) <= MOST_LINKS:
        return list(links), 0
    firmest = {(tie.left, tie.right) for tie in shape.backbone}
    ranked = sorted(
        matches,
        key=lambda one: ((one.left, one.right) not in firmest, -(one.weight or 0.0), one.left, one.right),
    )
    kept = set(ranked[:MOST_LINKS])
    return [one for one in links if one.kind is not LinkKind.MATCH or one in kept], len(ranked) - MOST_LINKS
