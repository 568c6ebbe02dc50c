"""Which devices several people use, and the settings that say whose the anonymous history of such a device is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from graph.logins import Devices
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass, IdentifierState, RecordKind
from resolution.identifiers import Holders, standing
from resolution.kinds import Kinds

_NO_GAP = 10**12
"""More seconds than there are between any two instants."""


class Policy(StrEnum):
    """Whose a shared device is while nobody is logged in: of whoever was logged in last, of whoever ever was first,
    or of nobody but around a login."""

    LAST_LOGIN = "last_login"
    FIRST_LOGIN = "first_login"
    SESSION = "session"


class SharedDevices(BaseModel):
    """The `[resolution.shared_devices]` table: how the anonymous history of a device of several people is divided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Policy = Field(default=Policy.LAST_LOGIN, description="last_login, first_login or session")
    session_minutes: int = Field(
        default=30, ge=1, le=1440, description="how far from a login a session reaches, before and after"
    )
    people: int = Field(
        default=5, ge=1, description="people on one device from which on it is public: only sessions count"
    )

    def of(self, people: int) -> Policy:
        """The policy for a device that so many people are known on."""
        return Policy.SESSION if people > self.people else self.policy

    @property
    def seconds(self) -> int:
        """How far a session reaches."""
        return self.session_minutes * 60


def shared_devices(linking: Iterable[Holders], settings: SharedDevices) -> Mapping[str, Devices]:
    """The devices of each visitor, by its key, on which at least two other records are known."""
    devices, known = defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
    for one in linking:
        if one.identifier_class is not IdentifierClass.DEVICE:
            continue
        visitors = [record.key for record in one.records if record.kind is RecordKind.VISITOR]
        others = [record.key for record in one.records if record.kind is not RecordKind.VISITOR]
        for key in visitors:
            devices[key].append(one.key)
            known[key].update(others)
    return {
        key: Devices(tuple(sorted(keys)), _gap(len(known[key]), settings))
        for key, keys in devices.items()
        if len(known[key]) > 1
    }


def _gap(records: int, settings: SharedDevices) -> int:
    """Sessions have to be told apart wherever they may count: of records there are at least as many as people."""
    return settings.seconds if settings.of(records) is Policy.SESSION else _NO_GAP


def devices_to_read(
    records: Mapping[str, StoredRecord], counts: Mapping[str, int], kinds: Kinds, settings: SharedDevices
) -> frozenset[Devices]:
    """The shared devices of all visitors among the live ones of `records`; `counts` has the numbers of holders of
    identifiers that more records hold."""
    live = [record for _, record in sorted(records.items()) if not record.removed]
    visited = {
        held.key
        for record in live
        if record.kind is RecordKind.VISITOR
        for held in record.identifiers
        if kinds[held.identifier.kind].identifier_class is IdentifierClass.DEVICE
    }
    holders = defaultdict[str, list[StoredRecord]](list)
    known = {}
    for record in live if visited else ():
        for held in record.identifiers:
            if held.key in visited:
                holders[held.key].append(record)
                known[held.key] = held.identifier
    found = (
        Holders(key, known[key], kinds[known[key].kind], one, counts.get(key, len(one)))
        for key, one in holders.items()
    )
    linking = (one for one in found if standing(one).state is IdentifierState.LINKING)
    return frozenset(shared_devices(linking, settings).values())
