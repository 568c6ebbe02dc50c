"""What a decision does to profiles, as entries of the ledger, each with what triggered it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.ledger import IdentityEvent
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentityChange
from resolution.sharing import Slices


@dataclass(frozen=True, slots=True)
class Trigger:
    """What set a decision off: a `cause` from outside (a steward, a model, settings) or none, and the identifiers
    whose state changed, by key, with what they became."""

    cause: str = ""
    states: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, profile: Iterable[str], records: Mapping[str, StoredRecord]) -> str:
        """Why a profile changed, `profile` being the keys it had or has: its own pending records, else the cause,
        else an identifier of its records, else the pending records around it."""
        keys = sorted(profile)
        own = [key for key in keys if records[key].pending]
        if own:
            return _records(own)
        if self.cause:
            return self.cause
        held = sorted({one.key for key in keys for one in records[key].identifiers} & self.states.keys())
        if held:
            return f"identifier {held[0]} {self.states[held[0]]}"
        around = sorted(key for key, record in records.items() if record.pending)
        return _records(around) if around else "resolve"


def _records(keys: list[str]) -> str:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"record {keys[0]}{more}"


@dataclass(frozen=True, slots=True)
class Homes:
    """Where records belong now: `belongs` has the profile of each, `slices` all those of a record whose history is
    divided."""

    belongs: Mapping[str, str]
    slices: Slices

    def of(self, key: str) -> set[str]:
        """The ids of all profiles that a record is of; none for one that was removed."""
        if key in self.slices:
            return {one.profile_id for one in self.slices[key]}
        return {self.belongs[key]} if key in self.belongs else set()


def former_homes(record: StoredRecord) -> set[str]:
    """The ids of all profiles that a record was of."""
    if record.slices:
        return {one.profile_id for one in record.slices}
    return {record.profile_id} if record.profile_id else set()


def changes(
    records: Mapping[str, StoredRecord], homes: Homes, trigger: Trigger, model: str
) -> list[IdentityEvent]:
    """One event per profile that changed, from old memberships (in `records`) to new ones (in `homes`)."""
    before, after = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for key, record in records.items():
        for home in former_homes(record):
            before[home].add(key)
        for home in homes.of(key):
            after[home].add(key)
    events: list[IdentityEvent] = []
    for home in sorted({*before, *after}):
        old, new = before.get(home, set()), after.get(home, set())
        if old == new:
            continue
        origins = set[str]().union(*(former_homes(records[key]) - homes.of(key) for key in new - old))
        heirs = set[str]().union(*(homes.of(key) - former_homes(records[key]) for key in old - new))
        change = _change(old, new, merged=bool(origins - after.keys()), split=bool(heirs))
        related = (
            origins if change is not IdentityChange.SPLIT and change is not IdentityChange.RETIRED else heirs
        )
        moved = tuple(sorted(old ^ new))
        cause = trigger.of(old | new, records)
        events.append(IdentityEvent(home, change, cause, tuple(sorted(related)), moved, model))
    return events


def _change(old: set[str], new: set[str], *, merged: bool, split: bool) -> IdentityChange:
    if not new:
        return IdentityChange.RETIRED
    if not old:
        return IdentityChange.CREATED
    if split:
        return IdentityChange.SPLIT
    if merged:
        return IdentityChange.MERGED
    return IdentityChange.GREW if new > old else IdentityChange.SHRANK
