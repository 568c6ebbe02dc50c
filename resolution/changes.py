"""What a decision does to profiles, as entries of the ledger."""

from collections import defaultdict
from collections.abc import Mapping

from graph.ledger import IdentityEvent
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentityChange


def changes(
    records: Mapping[str, StoredRecord], belongs: Mapping[str, str], cause: str, model: str
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
