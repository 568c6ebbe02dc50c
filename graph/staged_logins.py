"""Who was logged in on a device, and when, by the touchpoints of a staging: as `graph.logins` reads it of the graph."""

from collections.abc import Collection, Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import duckdb

from graph.logins import Devices, Login, Logins, ReadLogins
from graph.staged_facts import StagedFacts

# In the order in which it is asked for, so that a question looks at few rows.
_TABLE = """
CREATE TABLE logins AS SELECT device_key, occurred_at, touchpoint_key, key AS record_key
FROM statements SEMI JOIN last_touchpoints USING (ordinal) WHERE device_key IS NOT NULL
ORDER BY device_key, occurred_at, touchpoint_key
"""
_OF = """
SELECT record_key, epoch_us(occurred_at) FROM logins
WHERE device_key BETWEEN $low AND $high AND list_contains($keys, device_key)
ORDER BY occurred_at, touchpoint_key
"""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def staged_logins(facts: StagedFacts) -> Generator[ReadLogins]:
    """What tells who was logged in on devices, as long as it is not left."""
    with facts.database() as database:
        database.execute(_TABLE).fetchall()

        def read(devices: Collection[Devices]) -> Logins:
            return {one: tuple(_logins(_touchpoints(database, one), one.gap)) for one in devices}

        yield read


def _touchpoints(database: duckdb.DuckDBPyConnection, devices: Devices) -> list[tuple[str, datetime]]:
    bounds = {"keys": list(devices.keys), "low": devices.keys[0], "high": devices.keys[-1]}
    rows = database.execute(_OF, bounds).fetchall()
    return [(record_key, _EPOCH + timedelta(microseconds=at)) for record_key, at in rows]


def _logins(touchpoints: Iterable[tuple[str, datetime]], gap: int) -> list[Login]:
    """Touchpoints in a row, all of one record, without a longer pause."""
    logins: list[Login] = []
    for record_key, at in touchpoints:
        last = logins[-1] if logins else None
        if last and last.record_key == record_key and _seconds(at) - _seconds(last.last_at) <= gap:
            logins[-1] = Login(record_key, last.first_at, at)
        else:
            logins.append(Login(record_key, at, at))
    return logins


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(seconds=1)
