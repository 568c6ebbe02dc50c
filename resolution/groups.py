"""Cuts a neighbourhood into groups of whole components, the unit of one decision."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from graph.neighbourhood import Neighbourhood
from resolution.clustering import Pair, components
from resolution.configuration import Configuration

T = TypeVar("T")

_RECORDS = 1000
"""A group has at least so many records, if there are as many."""


def groups(neighbourhood: Neighbourhood, configuration: Configuration) -> Iterator[Neighbourhood]:
    """The neighbourhood in groups; together they are all of it."""
    number = _numbered(neighbourhood, configuration)
    counts = _crowded(neighbourhood, configuration.settings.kinds.most_holders)
    count = max(number.values(), default=-1) + 1
    records = _split(count, ((number[key], (key, one)) for key, one in neighbourhood.records.items()))
    weights = _split(
        count, ((number[pair[0]], (pair, weight)) for pair, weight in neighbourhood.weights.items())
    )
    judgements = _split(
        count, ((number[one.left], one) for one in neighbourhood.judgements if one.left in number)
    )
    conflicts = _split(
        count,
        (
            (number[key], one)
            for one in neighbourhood.conflicts
            if (key := one.left if one.left in number else one.right) in number
        ),
    )
    for position in range(count):
        yield replace(
            neighbourhood,
            records=dict(records[position]),
            weights=dict(weights[position]),
            judgements=judgements[position],
            conflicts=conflicts[position],
            holder_counts=counts,
        )


def _crowded(neighbourhood: Neighbourhood, most: int) -> Mapping[str, int]:
    """How many hold each identifier that is on too many records to tie them together: a group sees a few of them."""
    live = (record for record in neighbourhood.records.values() if not record.removed)
    counts = Counter(held.key for record in live for held in record.identifiers)
    return {**{key: count for key, count in counts.items() if count > most}, **neighbourhood.holder_counts}


def _numbered(neighbourhood: Neighbourhood, configuration: Configuration) -> dict[str, int]:
    """The number of the group that each record belongs to."""
    number: dict[str, int] = {}
    current, size = 0, 0
    for component in components(neighbourhood.records, _ties(neighbourhood, configuration)):
        number.update(dict.fromkeys(component, current))
        size += len(component)
        if size >= _RECORDS:
            current, size = current + 1, 0
    return number


def _ties(neighbourhood: Neighbourhood, configuration: Configuration) -> Iterator[Pair]:
    """Whatever may put two records into one decision: links, shared identifiers, profiles, judgements."""
    for pair, weight in neighbourhood.weights.items():
        if weight >= configuration.match_weight:
            yield pair
    for one in neighbourhood.judgements:
        if one.left in neighbourhood.records and one.right in neighbourhood.records:
            yield one.left, one.right
    holders, profiles = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for key, record in neighbourhood.records.items():
        for held in record.identifiers:
            holders[held.key].append(key)
        if record.profile_id:
            profiles[record.profile_id].append(key)
    most = configuration.settings.kinds.most_holders
    for keys in (*profiles.values(), *(keys for keys in holders.values() if len(keys) <= most)):
        for other in keys[1:]:
            yield keys[0], other


def _split(count: int, numbered: Iterator[tuple[int, T]]) -> Sequence[list[T]]:
    parts: list[list[T]] = [[] for _ in range(count)]
    for position, one in numbered:
        parts[position].append(one)
    return parts
