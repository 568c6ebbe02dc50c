"""The ties inside a cluster: what holds two of its records together, by weight, identifier or judgement."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from graph.facts import Identifier
from graph.neighbourhood import Weights
from graph.vocabulary import IdentifierClass, RecordKind
from resolution.clustering import Pair
from resolution.explanation import signed
from resolution.identifiers import Holders, links

VISIT = 1.0
"""How firm a device ties a visitor: least of all, because the tie ends when somebody else is known on the device."""


@dataclass(frozen=True, slots=True)
class Link:
    """A shared identifier that joins two records with `weight` (log2 odds), None for a visitor's device."""

    key: str
    identifier: Identifier
    weight: float | None

    def __str__(self) -> str:
        kind = self.identifier.kind.replace("_", " ")
        return f"shared {kind}" + ("" if self.weight is None else f" ({signed(self.weight)})")


@dataclass(frozen=True, slots=True)
class Tie:
    """What holds two records together, `left` < `right`: the weight of their `edge` if they were scored (log2 odds),
    the identifiers that link them, and whether a steward `judged` them the same."""

    left: str
    right: str
    edge: float | None = None
    links: tuple[Link, ...] = ()
    judged: bool = False

    @property
    def weight(self) -> float | None:
        """The weight that the clustering counts: of edge and links the heaviest; None where nothing has a weight."""
        if not self.links:
            return self.edge
        known = [one for one in (self.edge, *(link.weight for link in self.links)) if one is not None]
        return max(known, default=None)

    @property
    def strength(self) -> float:
        """How firm the tie is: its weight, infinite when judged, `VISIT` where it has none."""
        if self.judged:
            return inf
        return VISIT if self.weight is None else self.weight

    def __str__(self) -> str:
        parts = ["judged the same"] if self.judged else []
        parts += [str(link) for link in self.links]
        if self.edge is not None:
            parts.append(f"attributes {'alike' if self.edge > 0 else 'differ'} ({signed(self.edge)})")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What may tie records: scored `weights`, `linking` identifiers with all their holders, sources whose contacts
    are only `claimed`, pairs judged to be `together`."""

    weights: Weights
    linking: Collection[Holders]
    claimed: frozenset[str]
    together: Collection[Pair] = ()


def ties(members: Collection[str], grounds: Grounds, floor: float) -> list[Tie]:
    """The ties between `members`, by keys: edges of at least `floor`, links, visitors' devices and judgements."""
    inside = frozenset(members)
    linked: defaultdict[Pair, list[Link]] = defaultdict(list)
    for holders in grounds.linking:
        for pair, weight in _joined(holders, grounds.claimed, inside):
            if inside.issuperset(pair):
                linked[pair].append(Link(holders.key, holders.identifier, weight))
    together = {(min(pair), max(pair)) for pair in grounds.together if inside.issuperset(pair)}
    heavy = {pair for pair, weight in grounds.weights.items() if weight >= floor and inside.issuperset(pair)}
    return [
        Tie(*pair, grounds.weights.get(pair), _strongest(linked.get(pair, ())), pair in together)
        for pair in sorted({*linked, *together, *heavy})
    ]


def _strongest(found: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(found, key=lambda link: (-(link.weight or VISIT), link.key)))


def _joined(
    holders: Holders, claimed: frozenset[str], inside: frozenset[str]
) -> Iterator[tuple[Pair, float | None]]:
    """The pairs that an identifier joins; a device joins a visitor to whoever else is in the cluster."""
    yield from links(holders, claimed)
    if holders.identifier_class is not IdentifierClass.DEVICE:
        return
    present = [record for record in holders.records if record.key in inside]
    for number, left in enumerate(present):
        for right in present[number + 1 :]:
            if RecordKind.VISITOR in (left.kind, right.kind):
                yield (left.key, right.key), None


def strongest_between(
    one: Iterable[str], other: Collection[str], among: Mapping[str, Collection[Tie]]
) -> Tie | None:
    """The firmest tie between two sides; `among` has the ties of each record."""
    across = frozenset(other)
    found = (tie for key in one for tie in among.get(key, ()) if tie.left in across or tie.right in across)
    return max(found, key=lambda tie: (tie.strength, tie.weight or 0.0, tie.left, tie.right), default=None)


def by_record(all_ties: Iterable[Tie]) -> dict[str, list[Tie]]:
    """The ties of each record."""
    found: defaultdict[str, list[Tie]] = defaultdict(list)
    for tie in all_ties:
        found[tie.left].append(tie)
        found[tie.right].append(tie)
    return dict(found)
