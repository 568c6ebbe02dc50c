"""Attaches visitors, browsers and devices that nobody is named on, to the one person who is known on them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass, RecordKind
from resolution.clustering import Refusal, components
from resolution.constraints import Constraints
from resolution.identifiers import Holders


@dataclass(frozen=True, slots=True)
class Attached:
    """The clusters with their visitors, sorted, and the visitors that a person's limits refused."""

    clusters: tuple[tuple[str, ...], ...]
    refusals: tuple[Refusal, ...]


def attach_visitors(
    clusters: Sequence[tuple[str, ...]],
    live: Mapping[str, StoredRecord],
    linking: Iterable[Holders],
    constraints: Constraints,
) -> Attached:
    """Join each visitor to the one person who is known on its devices; a device of several people joins nobody."""
    visiting = [all(live[key].kind is RecordKind.VISITOR for key in keys) for keys in clusters]
    hosts = _hosts(clusters, visiting, linking)
    closed = {number for number, keys in enumerate(clusters) if not constraints.locked.isdisjoint(keys)}
    whole = {number: keys for number, keys in enumerate(clusters) if not visiting[number]}
    refusals: list[Refusal] = []
    alone: list[tuple[str, ...]] = []
    for numbers, people in hosts:
        visitors = tuple(sorted(key for number in numbers for key in clusters[number]))
        host = min(people) if len(people) == 1 and closed.isdisjoint((*numbers, *people)) else None
        if host is not None:
            objection = constraints.broken_limit(constraints.of(whole[host]), constraints.of(visitors))
            if objection is None:
                whole[host] = tuple(sorted((*whole[host], *visitors)))
                continue
            sides = sorted((clusters[host][0], visitors[0]))
            refusals.append(Refusal(sides[0], sides[1], 0.0, objection.reason, objection.kind))
        alone.append(visitors)
    return Attached(tuple(sorted((*whole.values(), *alone))), tuple(refusals))


def _hosts(
    clusters: Sequence[tuple[str, ...]], visiting: Sequence[bool], linking: Iterable[Holders]
) -> Iterator[tuple[list[int], set[int]]]:
    """Groups of visitors that share a device, with the people known on any of their devices; both by number."""
    home = {key: number for number, keys in enumerate(clusters) for key in keys}
    known: defaultdict[int, set[int]] = defaultdict(set)
    shared: list[tuple[str, str]] = []
    for one in linking:
        if one.identifier_class is not IdentifierClass.DEVICE:
            continue
        homes = {home[record.key] for record in one.records}
        visitors = sorted(number for number in homes if visiting[number])
        for number in visitors:
            known[number].update(number for number in homes if not visiting[number])
        shared.extend((str(visitors[0]), str(other)) for other in visitors[1:])
    for group in components(map(str, (n for n, alone in enumerate(visiting) if alone)), shared):
        numbers = [int(name) for name in group]
        yield numbers, set().union(*(known[number] for number in numbers))
