"""A small world of records for pure tests of the decision: facts go in, differences are applied, beliefs come out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.conflicts import Conflict
from graph.difference import Difference
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.logins import Devices, Login
from graph.neighbourhood import HeldIdentifier, Judgement, Neighbourhood, StoredRecord
from graph.pins import Pin
from graph.vocabulary import IdentityChange, RecordKind
from resolution.configuration import Configuration
from resolution.decide import decide
from resolution.shared_devices import devices_to_read

SALT = b"a test's salt"
DAWN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """Facts (records, edges, judgements) and what is believed of them, changed only through `decide`."""

    configuration: Configuration
    records: dict[str, StoredRecord] = field(default_factory=dict)
    edges: dict[tuple[str, str], float] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    touchpoints: list[tuple[str, str, datetime]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    states: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    changes: list[tuple[str, IdentityChange]] = field(default_factory=list)
    conflicts: dict[str, Conflict] = field(default_factory=dict)

    def add(self, *records: StoredRecord) -> None:
        for record in records:
            held = tuple(_restated(one, self.states.get(one.key)) for one in record.identifiers)
            self.records[record.key] = replace(record, identifiers=held, pending=True)

    def link(self, left: str, right: str, weight: float) -> None:
        pair = (min(left, right), max(left, right))
        self.edges[pair] = weight

    def log_in(self, key: str, device: str, at: datetime) -> None:
        """Let a known record have a touchpoint on a device."""
        self.touchpoints.append((identifier_key(Identifier("device", device), SALT), key, at))

    def _logins(self, devices: Devices) -> tuple[Login, ...]:
        found: list[Login] = []
        there = (one for one in self.touchpoints if one[0] in devices.keys)
        for _, key, at in sorted(there, key=lambda one: (one[2], one[1])):
            last = found[-1] if found else None
            if last and last.record_key == key and (at - last.last_at).total_seconds() <= devices.gap:
                found[-1] = replace(last, last_at=at)
            else:
                found.append(Login(key, at, at))
        return tuple(found)

    def remove(self, key: str) -> None:
        self.records[key] = replace(self.records[key], removed=True, pending=True, identifiers=())

    def resolve(self, keys: Collection[str] | None = None) -> Difference:
        """Decide about all records, or about those of `keys` (which must be closed), and believe the outcome."""
        inside = self.records if keys is None else {key: self.records[key] for key in keys}
        weights = {pair: weight for pair, weight in self.edges.items() if inside.keys() >= set(pair)}
        profiles = {one.profile_id for one in inside.values() if one.profile_id}
        settings = self.configuration.settings
        devices = devices_to_read(inside, {}, settings.kinds, settings.shared_devices)
        neighbourhood = Neighbourhood(
            records=inside,
            weights=weights,
            judgements=self.judgements,
            profiles={home: digest for home, digest in self.digests.items() if home in profiles},
            pins=self.pins,
            logins={one: self._logins(one) for one in devices},
            conflicts=[one for one in self.conflicts.values() if one.left in inside or one.right in inside],
        )
        difference = decide(neighbourhood, self.configuration, "test")
        self._believe(difference)
        return difference

    def _believe(self, difference: Difference) -> None:
        for key, home in difference.left:
            assert self.records[key].profile_id == home
            self.records[key] = replace(self.records[key], profile_id=None)
        for key, home in difference.joined:
            self.records[key] = replace(self.records[key], profile_id=home)
        self._divide(difference)
        for key, home in difference.handed_over:
            self.records[key] = replace(self.records[key], carried_id=home)
        for record in difference.settled:
            self.records[record.key] = replace(self.records[record.key], pending=False)
        self.states |= {key: (state, reason) for key, state, reason in difference.states}
        for key, record in self.records.items():
            held = tuple(_restated(one, self.states.get(one.key)) for one in record.identifiers)
            self.records[key] = replace(record, identifiers=held)
        self.digests |= {profile.id: profile.digest for profile in difference.profiles}
        for one in difference.dissolved:
            del self.conflicts[one.key]
        self.conflicts |= {one.key: one for one in difference.conflicts}
        for home in difference.retired:
            self.digests.pop(home, None)
        self.changes += [(event.profile_id, event.change) for event in difference.events]

    def _divide(self, difference: Difference) -> None:
        for key in {key for key, _ in (*difference.opened, *difference.closed)}:
            record = self.records[key]
            closed = [one for name, one in difference.closed if name == key]
            known = [one for one in record.slices if one not in closed]
            known += [one for name, one in difference.opened if name == key]
            slices = sorted(known, key=lambda one: one.valid_from or DAWN.min.replace(tzinfo=UTC))
            assert not slices or slices[0].profile_id == record.profile_id
            divided = [one for one in slices if one.valid_from or one.valid_until]
            self.records[key] = replace(record, slices=tuple(divided))

    def turns(self, key: str) -> list[str]:
        """Whose a visitor's history is by turns, by the smallest record key of each profile."""
        record = self.records[key]
        founders = {one.profile_id: name for name, one in sorted(self.records.items(), reverse=True)}
        return [founders[one.profile_id] for one in record.slices] or [founders[record.profile_id]]

    def partition(self) -> set[frozenset[str]]:
        homes: dict[str, set[str]] = {}
        for key, record in self.records.items():
            if record.profile_id:
                homes.setdefault(record.profile_id, set()).add(key)
        return {frozenset(keys) for keys in homes.values()}

    def believed(self) -> dict[str, str | None]:
        """The profile id of every record."""
        return {key: record.profile_id for key, record in sorted(self.records.items())}

    def state(self, kind: str, value: str) -> str:
        key = identifier_key(Identifier(kind, value), SALT)
        return next(one.state for r in self.records.values() for one in r.identifiers if one.key == key)


def _restated(held: HeldIdentifier, state: tuple[str, str | None] | None) -> HeldIdentifier:
    return replace(held, state=state[0], reason=state[1]) if state else held


class Worlds:
    """Makes empty worlds, all of the same installation."""

    dawn = DAWN

    def __call__(self) -> World:
        return World(Configuration(model="test", match_weight=0.0, salt=SALT))


@pytest.fixture(scope="session")
def world_of() -> Worlds:
    return Worlds()


@pytest.fixture
def world(world_of: Worlds) -> World:
    return world_of()


@pytest.fixture(scope="session")
def person() -> Callable[..., StoredRecord]:
    """Makes a person's record: `person("crm:1", day=3, given_name="Ada", ids={"email": "ada@example.org"})`."""

    def make(
        key: str,
        day: int = 0,
        ids: Mapping[str, str] | None = None,
        kind: RecordKind = RecordKind.PERSON,
        **attributes: Any,
    ) -> StoredRecord:
        at = DAWN + timedelta(days=day)
        found = [Identifier(name, value) for name, value in (ids or {}).items()]
        held = tuple(HeldIdentifier(identifier_key(one, SALT), one) for one in found)
        source = key.partition(":")[0]
        return StoredRecord(key, source, kind, at, at, attributes, held, pending=True)

    return make
