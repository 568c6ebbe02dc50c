"""Cuts a difference into portions, written one after the other, none of which leaves a move half done."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from graph.difference import Difference
from resolution.clustering import Pair, components

_ITEMS = 2000
"""A portion has at least so many records and profiles, if there are as many."""


def portions(difference: Difference) -> Iterator[Difference]:
    """The difference in portions; profiles that exchange records, merge or split stay together."""
    number = _numbered(difference)
    parts: defaultdict[int, dict[str, list[Any]]] = defaultdict(
        lambda: {f.name: [] for f in fields(Difference)}
    )
    for name, owner, item in _items(difference):
        parts[number[owner]][name].append(item)
    for position in sorted(parts):
        yield Difference(**parts[position])


def _items(difference: Difference) -> Iterator[tuple[str, str, Any]]:
    """Every item with the field it is of and the record or profile that it goes with."""
    for name in ("joined", "left", "handed_over", "opened", "closed"):
        for pair in getattr(difference, name):
            yield name, _record(pair[0]), pair
    for record in difference.settled:
        yield "settled", _record(record.key), record
    for profile in difference.profiles:
        yield "profiles", _profile(profile.id), profile
    for home in difference.retired:
        yield "retired", _profile(home), home
    for event in difference.events:
        yield "events", _profile(event.profile_id), event
    for state in difference.states:
        yield "states", _STATES, state
    for name in ("conflicts", "dissolved"):
        for conflict in getattr(difference, name):
            yield name, _record(conflict.left), conflict


def _numbered(difference: Difference) -> dict[str, int]:
    """The number of the portion that each record and profile is in."""
    owners = dict.fromkeys(owner for _, owner, _ in _items(difference))
    ties = list(_ties(difference))
    owners |= dict.fromkeys(name for pair in ties for name in pair)
    number: dict[str, int] = {}
    current, size = 0, 0
    for component in components(owners, ties):
        number |= dict.fromkeys(component, current)
        size += len(component)
        if size >= _ITEMS:
            current, size = current + 1, 0
    return number


def _ties(difference: Difference) -> Iterator[Pair]:
    for key, home in (*difference.joined, *difference.left, *difference.handed_over):
        yield _record(key), _profile(home)
    for key, one in (*difference.opened, *difference.closed):
        yield _record(key), _profile(one.profile_id)
    for event in difference.events:
        for other in event.related:
            yield _profile(event.profile_id), _profile(other)


_STATES = "states"


def _record(key: str) -> str:
    return f"record {key}"


def _profile(home: str) -> str:
    return f"profile {home}"
