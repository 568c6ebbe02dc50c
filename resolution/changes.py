"""What a decision does to profiles, as entries of the ledger, each with what triggered it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.ledger import IdentityEvent
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentityChange


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


def changes(
    records: Mapping[str, StoredRecord], belongs: Mapping[str, str], trigger: Trigger, model: str
) -> list[IdentityEvent]:
    """One event per profile that changed, from old memberships (in `records`) to new ones (in `belongs`)."""
    before, after = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for key, record in records.items():
        if record.profile_id:
            before[record.profile_id].add(key)
    for key, home in belongs.items():
        after[home].add(key)
    events: list[IdentityEvent] = []
    for home in sorted({*before, *after}):
        old, new = before.get(home, set()), after.get(home, set())
        if old == new:
            continue
        origins = {origin for key in new - old if (origin := records[key].profile_id)}
        heirs = {belongs[key] for key in old - new if key in belongs}
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
