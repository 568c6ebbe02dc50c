"""Who was logged in on a device, and when: read from the (device_key, occurred_at) index of touchpoints."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from graph.batches import batches
from graph.facts import SourceRecord
from graph.identifiers import identifier_key, kind_of
from graph.transactions import Graph
from graph.vocabulary import IdentifierClass, RecordKind

_BATCH = 500


def login_device(record: SourceRecord, salt: bytes) -> str | None:
    """The `device_key` of a touchpoint whose row or message gives `record`: the identifier key of the device that
    somebody used who was logged in, of several the one of the highest priority; None for an anonymous visitor."""
    if record.kind is RecordKind.VISITOR:
        return None
    devices = [
        (-kind.priority, one.value, one)
        for one in record.identifiers
        if (kind := kind_of(one.kind)).identifier_class is IdentifierClass.DEVICE
    ]
    return identifier_key(min(devices)[2], salt) if devices else None


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices (identifier keys, sorted) that one visitor is on; `gap` is after how many seconds without a
    touchpoint of a logged-in person a new login is told, even of the same record."""

    keys: tuple[str, ...]
    gap: int


@dataclass(frozen=True, slots=True)
class Login:
    """Touchpoints in a row on one device, all of the same logged-in record: from the first to the last (UTC)."""

    record_key: str
    first_at: datetime
    last_at: datetime


Logins = Mapping[Devices, tuple[Login, ...]]
"""By devices, in the order of time, who was logged in there."""

ReadLogins = Callable[[Collection[Devices]], Logins]
"""What `read_logins` tells of a graph, of touchpoints that are elsewhere."""


# Where somebody else logs in, and where a pause is long, a login begins: only these travel.
_LOGINS: LiteralString = """
UNWIND $rows AS row
CALL (row) {
  UNWIND row.keys AS device_key
  MATCH (t:Touchpoint) WHERE t.device_key = device_key AND t.occurred_at IS NOT NULL
  WITH t.record_key AS who, t.occurred_at AS at, t.key AS key ORDER BY at, key
  RETURN collect(who) AS who, collect(at) AS at
}
WITH row, who, at, [i IN range(0, size(who) - 1)
  WHERE i = 0 OR who[i] <> who[i - 1] OR at[i].epochSeconds - at[i - 1].epochSeconds > row.gap] AS begun
RETURN row.number AS number, [i IN range(0, size(begun) - 1) | [who[begun[i]], toString(at[begun[i]]),
  toString(at[coalesce(begun[i + 1], size(who)) - 1])]] AS logins
"""


async def read_logins(graph: Graph, devices: Collection[Devices]) -> Logins:
    """Who was logged in on each of the devices; where nobody ever was, nothing."""
    found: dict[Devices, tuple[Login, ...]] = {}
    for batch in batches(sorted(devices, key=lambda one: (one.keys, one.gap)), _BATCH):
        rows = [{"number": n, "keys": list(one.keys), "gap": one.gap} for n, one in enumerate(batch)]
        for row in await graph.read(_LOGINS, rows=rows):
            found[batch[row["number"]]] = tuple(
                Login(who, datetime.fromisoformat(first), datetime.fromisoformat(last))
                for who, first, last in row["logins"]
            )
    return found
