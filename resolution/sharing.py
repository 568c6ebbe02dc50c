"""Records that several profiles share by slices of time: where they belong, and what changes of that."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from graph.neighbourhood import Slice, StoredRecord
from resolution.visitors import Turns

Slices = Mapping[str, Sequence[Slice]]
"""By record key, all slices of a record whose history is divided."""


def sliced(turns: Turns, belongs: Mapping[str, str]) -> dict[str, list[Slice]]:
    """The turns with the profiles that take them; `belongs` has the profile of each record."""
    return {
        key: [Slice(belongs[turn.record_key], turn.valid_from, turn.valid_until) for turn in taken]
        for key, taken in turns.items()
    }


def guests(slices: Slices) -> dict[str, set[str]]:
    """The keys of the divided records that each profile has a slice of."""
    found = defaultdict[str, set[str]](set)
    for key, parts in slices.items():
        for part in parts:
            found[part.profile_id].add(key)
    return dict(found)


def opened(
    records: Mapping[str, StoredRecord], belongs: Mapping[str, str], slices: Slices
) -> list[tuple[str, Slice]]:
    """The memberships that begin, of records that are divided now or were so far."""
    return [
        (key, one)
        for key in _divided(records, slices)
        for one in _now(key, belongs, slices)
        if one not in _before(records[key])
    ]


def closed(
    records: Mapping[str, StoredRecord], belongs: Mapping[str, str], slices: Slices
) -> list[tuple[str, Slice]]:
    """The memberships that end, of records that are divided now or were so far."""
    return [
        (key, one)
        for key in _divided(records, slices)
        for one in _before(records[key])
        if one not in _now(key, belongs, slices)
    ]


def _divided(records: Mapping[str, StoredRecord], slices: Slices) -> list[str]:
    return [key for key, record in records.items() if record.slices or key in slices]


def _before(record: StoredRecord) -> Sequence[Slice]:
    return record.slices or ((Slice(record.profile_id),) if record.profile_id else ())


def _now(key: str, belongs: Mapping[str, str], slices: Slices) -> Sequence[Slice]:
    return slices.get(key) or ((Slice(belongs[key]),) if key in belongs else ())
