"""The decision: from a neighbourhood of records to the difference that makes their profiles right.

`decide` is a pure function of facts, published configuration and the current memberships; the latter only shape
the difference, never the partition. Batch, real time and a steward's verdict all end here.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from graph.conflicts import Conflict
from graph.difference import Difference, ProfileState
from graph.neighbourhood import Neighbourhood, StoredRecord
from graph.pins import Pin
from graph.vocabulary import RecordKind
from resolution.changes import Homes, Trigger, changes
from resolution.configuration import Configuration
from resolution.founders import handovers, profile_id
from resolution.golden import Candidate, GoldenValue, Survivorship
from resolution.partition import Partition, partition
from resolution.sharing import Slices, closed, guests, opened, sliced


def decide(neighbourhood: Neighbourhood, configuration: Configuration, cause: str = "") -> Difference:
    """What has to change so that the profiles of `neighbourhood` are what its facts say.

    The ledger names the pending records that set a change off, or else the `cause`: a steward, a model, settings.
    """
    handed_over = handovers(neighbourhood.records, configuration.salt)
    records = {
        key: replace(record, carried_id=handed_over[key]) if key in handed_over else record
        for key, record in sorted(neighbourhood.records.items())
    }
    live = {key: record for key, record in records.items() if not record.removed}
    found = partition(neighbourhood, live, configuration)
    homes = {profile_id(live, members, configuration.salt): members for members in found.clusters}
    belongs = {key: home for home, members in homes.items() for key in members}
    slices = sliced(found.turns, belongs)
    moved = [key for key, record in records.items() if record.profile_id != belongs.get(key)]
    before = {record.profile_id for record in records.values() if record.profile_id}
    pins = _pinned(neighbourhood.pins, live, belongs)
    profiles = _profiles(homes, slices, live, pins, configuration)
    states = _changed_states(live, found)
    trigger = Trigger(cause, {key: state if why is None else f"{state}: {why}" for key, state, why in states})
    conflicts = [Conflict(one.left, one.right, one.weight, one.reason) for one in found.refusals]
    refused = {one.key: one for one in conflicts}
    known = {one.key: one for one in neighbourhood.conflicts}
    return Difference(
        settled=[record for record in records.values() if record.pending],
        joined=[(key, belongs[key]) for key in moved if key in belongs],
        left=[(key, old) for key in moved if (old := records[key].profile_id)],
        opened=opened(records, belongs, slices),
        closed=closed(records, belongs, slices),
        profiles=[one for one in profiles if neighbourhood.profiles.get(one.id) != one.digest],
        retired=sorted(before - homes.keys()),
        handed_over=sorted(handed_over.items()),
        states=states,
        conflicts=[one for key, one in refused.items() if known.get(key) != one],
        dissolved=[one for key, one in known.items() if key not in refused],
        events=changes(records, Homes(belongs, slices), trigger, configuration.model),
    )


def _pinned(
    pins: Sequence[Pin], live: Mapping[str, StoredRecord], belongs: Mapping[str, str]
) -> Mapping[str, Sequence[Pin]]:
    """The pins of each profile: those on its records, and those of an id that one of them carries on."""
    carrier = {record.carried_id: key for key, record in live.items() if record.carried_id}
    found: defaultdict[str, list[Pin]] = defaultdict(list)
    for pin in pins:
        key = carrier.get(pin.profile_id) if pin.orphaned else pin.record_key
        if key and key in belongs:
            found[belongs[key]].append(pin)
    return found


def _profiles(
    homes: Mapping[str, Sequence[str]],
    slices: Slices,
    live: Mapping[str, StoredRecord],
    pins: Mapping[str, Sequence[Pin]],
    configuration: Configuration,
) -> list[ProfileState]:
    survivorship = Survivorship(configuration.priorities, configuration.settings.survivorship)
    visits = guests(slices)
    states = []
    for home, members in sorted(homes.items()):
        records = _speaking([live[key] for key in members], slices)
        golden = survivorship.golden(records, pins.get(home, ()))
        values = {name: value.chosen.value for name, value in golden.items()}
        provenance = json.dumps(
            {name: _provenance(value) for name, value in golden.items()}, ensure_ascii=False
        )
        kind, count = _kind(records), len({*members, *visits.get(home, ())})
        digest = blake2b(f"{kind}\n{count}\n{provenance}".encode(), digest_size=16).hexdigest()
        states.append(ProfileState(home, kind, count, values, provenance, digest))
    return states


def _speaking(members: list[StoredRecord], slices: Slices) -> list[StoredRecord]:
    """The members that say who somebody is: a device of several people does not, unless it is alone."""
    return [record for record in members if record.key not in slices] or members


def _kind(records: Sequence[StoredRecord]) -> RecordKind:
    """A profile is what its records are; visitors among them do not count."""
    kinds = {record.kind for record in records} - {RecordKind.VISITOR}
    return min(kinds, default=RecordKind.VISITOR)


def _provenance(value: GoldenValue) -> dict[str, Any]:
    return {
        **_candidate(value.chosen),
        "rule": value.rule,
        "alternatives": [_candidate(one) for one in value.alternatives],
    }


def _candidate(one: Candidate) -> dict[str, str]:
    return {
        "value": one.value,
        "record_key": one.record_key,
        "source": one.source,
        "observed_at": one.at.isoformat(),
    }


def _changed_states(live: Mapping[str, StoredRecord], found: Partition) -> list[tuple[str, str, str | None]]:
    stored = {held.key: (held.state, held.reason) for record in live.values() for held in record.identifiers}
    return sorted(
        (key, standing.state.value, standing.reason)
        for key, standing in found.standings.items()
        if stored[key] != (standing.state, standing.reason)
    )
