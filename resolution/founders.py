"""Profile ids: the founder's, minted from when it was accepted and a keyed hash of its key."""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from graph.neighbourhood import StoredRecord

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def mint(key: str, accepted_at: datetime, salt: bytes) -> str:
    """A UUIDv7-shaped id: milliseconds of `accepted_at`, then 74 bits of a keyed hash of `key` (RFC 9562 § 5.7).

    It is a pure function, so that two processes mint the same id for the same founder.
    """
    milliseconds = int(accepted_at.timestamp() * 1000) & ((1 << 48) - 1)
    digest = int.from_bytes(blake2b(key.encode(), key=salt, digest_size=10).digest())
    high, low = digest >> 62 & 0xFFF, digest & ((1 << 62) - 1)
    return str(UUID(int=milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low))


def founder(records: Mapping[str, StoredRecord], members: Collection[str]) -> StoredRecord:
    """The member with the smallest (accepted_at, key)."""
    return min((records[key] for key in members), key=_age)


def _age(record: StoredRecord) -> tuple[datetime, str]:
    return (record.accepted_at, record.key)


def profile_id(records: Mapping[str, StoredRecord], members: Collection[str], salt: bytes) -> str:
    """The id of the profile that `members` form: one handed over to its founder, or the founder's own."""
    first = founder(records, members)
    return first.carried_id or mint(first.key, first.accepted_at, salt)


def handovers(records: Mapping[str, StoredRecord], salt: bytes) -> dict[str, str]:
    """Who takes over the ids of founders that are removed: the oldest live member of the same profile, by its key.

    A successor that already carries an id keeps that one.
    """
    found: dict[str, str] = {}
    for gone in sorted((one for one in records.values() if one.removed and one.profile_id), key=_age):
        if gone.profile_id != (gone.carried_id or mint(gone.key, gone.accepted_at, salt)):
            continue
        heirs = [one for one in records.values() if one.profile_id == gone.profile_id and not one.removed]
        if heirs and not min(heirs, key=_age).carried_id and gone.profile_id:
            found[min(heirs, key=_age).key] = gone.profile_id
    return found
