"""Attaches visitors, browsers and devices that nobody is named on, to the people who are known on them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.logins import Logins
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass, RecordKind
from resolution.clustering import Refusal, components
from resolution.constraints import Constraints, Objection
from resolution.identifiers import Holders
from resolution.shared_devices import SharedDevices, shared_devices
from resolution.slices import Part, divided, with_own_first


@dataclass(frozen=True, slots=True)
class Turn:
    """A part of a visitor's history, which is of the person that `record_key` is a record of (the visitor itself
    where it is nobody's), from `valid_from` to before `valid_until`; None is without end."""

    record_key: str
    valid_from: datetime | None
    valid_until: datetime | None


Turns = Mapping[str, tuple[Turn, ...]]
"""By the visitor's key, in the order of time, where several profiles take turns."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The clusters with their visitors, sorted, the visitors that a person's limits refused, and the turns of those
    on shared devices: such a visitor is in the cluster that has its first turn."""

    clusters: tuple[tuple[str, ...], ...]
    refusals: tuple[Refusal, ...]
    turns: Turns


@dataclass(frozen=True, slots=True)
class Shared:
    """How devices of several people are divided: the settings, and who was logged in on them when."""

    settings: SharedDevices
    logins: Logins


def attach_visitors(
    clusters: Sequence[tuple[str, ...]],
    live: Mapping[str, StoredRecord],
    linking: Sequence[Holders],
    constraints: Constraints,
    shared: Shared,
) -> Attached:
    """Join each visitor to the one person who is known on its devices; a device of several people is divided."""
    attaching = _Attaching(clusters, live, linking, constraints, shared)
    for numbers, people in attaching.groups():
        if len(people) < 2:
            attaching.join(numbers, people)
            continue
        left = [number for number in numbers if not attaching.known[number]]
        for number in numbers:
            if attaching.known[number]:
                attaching.divide(number)
        if left:
            attaching.join(left, ())
    return attaching.attached()


class _Attaching:
    """Clusters by number while visitors are attached: `known` are the people on each visitor's own devices."""

    def __init__(
        self,
        clusters: Sequence[tuple[str, ...]],
        live: Mapping[str, StoredRecord],
        linking: Sequence[Holders],
        constraints: Constraints,
        shared: Shared,
    ) -> None:
        self._clusters = clusters
        self._constraints = constraints
        self._shared = shared
        self._devices = shared_devices(linking, shared.settings)
        self._home = {key: number for number, keys in enumerate(clusters) for key in keys}
        self._visiting = [all(live[key].kind is RecordKind.VISITOR for key in keys) for keys in clusters]
        self._closed = {n for n, keys in enumerate(clusters) if not constraints.locked.isdisjoint(keys)}
        self._whole = {n: keys for n, keys in enumerate(clusters) if not self._visiting[n]}
        self._guests = defaultdict[int, list[str]](list)
        self._refusals: list[Refusal] = []
        self._alone: list[tuple[str, ...]] = []
        self._turns: dict[str, tuple[Turn, ...]] = {}
        self.known = defaultdict[int, set[int]](set)
        self._holding = defaultdict[str, set[str]](set)
        self._together: list[tuple[str, str]] = []
        for one in linking:
            if one.identifier_class is IdentifierClass.DEVICE:
                self._take(one)

    def _take(self, device: Holders) -> None:
        """Note who is known on a device, and which visitors share it."""
        homes = {self._home[record.key] for record in device.records}
        visitors = sorted(number for number in homes if self._visiting[number])
        for number in visitors:
            self.known[number].update(number for number in homes if not self._visiting[number])
        self._holding[device.key].update(record.key for record in device.records)
        self._together.extend((str(visitors[0]), str(other)) for other in visitors[1:])

    def groups(self) -> Iterator[tuple[list[int], set[int]]]:
        """Groups of visitors that share a device, with the people known on any of their devices; both by number."""
        alone = map(str, (number for number, visits in enumerate(self._visiting) if visits))
        for group in components(alone, self._together):
            numbers = sorted(int(name) for name in group)
            yield numbers, set().union(*(self.known[number] for number in numbers))

    def join(self, numbers: Sequence[int], people: Iterable[int]) -> None:
        """Join visitors to the person, if there is one who may take them in."""
        visitors = tuple(sorted(key for number in numbers for key in self._clusters[number]))
        for host in people:
            if self._closed.isdisjoint((*numbers, host)) and self._takes(host, visitors):
                self._whole[host] = tuple(sorted((*self._whole[host], *visitors)))
                return
        self._alone.append(visitors)

    def _takes(self, host: int, visitors: Sequence[str]) -> bool:
        objection = self._objection(host, visitors)
        if objection is not None:
            sides = sorted((self._clusters[host][0], visitors[0]))
            self._refusals.append(Refusal(sides[0], sides[1], 0.0, objection.reason, objection.kind))
        return objection is None

    def _objection(self, host: int, visitors: Sequence[str]) -> Objection | None:
        mine = self._constraints.of((*self._whole[host], *self._guests[host]))
        theirs = self._constraints.of(visitors)
        if mine.apart & theirs.keys:
            return Objection("judged different")
        return self._constraints.broken_limit(mine, theirs)

    def divide(self, number: int) -> None:
        """Let the people known on a visitor's own devices take turns; one who may not take it in has none."""
        visitors, people = self._clusters[number], self.known[number]
        if len(people) == 1 or len(visitors) > 1 or number in self._closed:
            self.join([number], people if len(people) == 1 else ())
            return
        key = min(visitors)
        parts = self._parts(key)
        owners = {part.owner for part in parts if part.owner is not None}
        taking = {one for one in sorted(owners) if one not in self._closed and self._takes(one, visitors)}
        parts = with_own_first(part if part.owner in taking else replace(part, owner=None) for part in parts)
        first = parts[0].owner
        if first is None:
            self._alone.append(visitors)
        else:
            self._whole[first] = tuple(sorted((*self._whole[first], key)))
        for owner in taking - {first}:
            self._guests[owner].append(key)
        if len(parts) > 1:
            self._turns[key] = tuple(self._turn(key, part) for part in parts)

    def _parts(self, key: str) -> tuple[Part, ...]:
        devices, settings = self._devices.get(key), self._shared.settings
        if devices is None:
            return (Part(None),)
        holders = set[str]().union(*(self._holding[device] for device in devices.keys))
        owners = {one: home for one in holders if not self._visiting[home := self._home[one]]}
        policy = settings.of(len(set(owners.values())))
        return divided(self._shared.logins.get(devices, ()), owners, policy, settings.seconds)

    def _turn(self, key: str, part: Part) -> Turn:
        owner = key if part.owner is None else self._clusters[part.owner][0]
        return Turn(owner, part.valid_from, part.valid_until)

    def attached(self) -> Attached:
        clusters = tuple(sorted((*self._whole.values(), *self._alone)))
        return Attached(clusters, tuple(self._refusals), self._turns)
