"""Answers for the journal's file: SQLite tables of what waits, which message ids were ever taken, and the counts."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path

from graph.errors import JournalError

_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS source (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, accepted INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0,
  applied INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS taken (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
  position INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL REFERENCES source (id),
  message_id TEXT NOT NULL, body BLOB NOT NULL, received_at TEXT NOT NULL, sent_at TEXT, code TEXT, reason TEXT
);
"""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an SDK: `body` is its JSON as it came, `sent_at` what the client's clock said, as it said it.

    `message_id` is unique in its source for ever. A `rejection` (code, reason) goes to quarantine, not to the graph;
    `received_at` is an instant of this machine.
    """

    source: str
    message_id: str
    body: bytes
    received_at: datetime
    sent_at: str | None = None
    rejection: tuple[str, str] | None = None


class Receipt(StrEnum):
    """What the journal did with a message; both mean that it is kept."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message with its position in the journal: they are applied in this order."""

    position: int
    message: Message


@dataclass(frozen=True, slots=True)
class JournalCounts:
    """What became of the messages of a source: accepted = applied + pending + failed at any moment.

    accepted + duplicate + rejected: all that came. failed: accepted, then refused by the graph, now in quarantine.
    """

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    applied: int = 0
    failed: int = 0

    @property
    def pending(self) -> int:
        """Accepted, on disk, not yet in the graph."""
        return self.accepted - self.applied - self.failed


STATES = ("accepted", "duplicate", "rejected", "applied", "pending", "failed")
"""The figures of JournalCounts."""


def connect(path: Path) -> sqlite3.Connection:
    """A writing connection to the journal's file, made if it is not there; a commit is on disk when it returns.

    Raises JournalError when the file is of a newer Onefold.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "fullfsync=ON",
        "secure_delete=ON",
        "cache_size=-64000",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if connection.execute("PRAGMA user_version").fetchone()[0] > _VERSION:
        connection.close()
        raise JournalError("The journal was written by a newer Onefold: upgrade this one.")
    connection.executescript(_SCHEMA)
    connection.execute(f"PRAGMA user_version={_VERSION}")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that sees what is committed and writes nothing; safe beside the process that writes."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )


def take(connection: sqlite3.Connection, messages: Sequence[Message]) -> list[Receipt]:
    """Insert the messages that were never taken before and count all; inside a transaction of the caller."""
    receipts: list[Receipt] = []
    tally: dict[str, list[int]] = {}
    for message in messages:
        counted = tally.setdefault(message.source, [0, 0, 0])
        new = connection.execute("INSERT OR IGNORE INTO taken VALUES (?)", (_digest(message),)).rowcount
        if new:
            connection.execute(_INSERT, _row(_source_id(connection, message.source), message))
        counted[1 if not new else 2 if message.rejection else 0] += 1
        receipts.append(Receipt.ACCEPTED if new else Receipt.DUPLICATE)
    for source, counted in tally.items():
        connection.execute(_COUNT_TAKEN, (*counted, _source_id(connection, source)))
    return receipts


_INSERT = "INSERT INTO waiting VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)"
_COUNT_TAKEN = """
UPDATE source SET accepted = accepted + ?, duplicate = duplicate + ?, rejected = rejected + ? WHERE id = ?
"""


def _digest(message: Message) -> bytes:
    """A rejected message takes its id only together with its body: once mended it may come again under the same."""
    name = f"{message.source}\0{message.message_id}".encode(errors="surrogatepass")
    return blake2b(name + (b"\0" + message.body if message.rejection else b""), digest_size=16).digest()


def _row(source: int, message: Message) -> tuple[object, ...]:
    code, reason = message.rejection or (None, None)
    message_id = message.message_id.encode(errors="replace").decode()
    at = message.received_at.astimezone(UTC).isoformat()
    return (source, message_id, message.body, at, message.sent_at, code, reason)


def _source_id(connection: sqlite3.Connection, name: str) -> int:
    found = connection.execute("SELECT id FROM source WHERE name = ?", (name,)).fetchone()
    if found:
        return int(found[0])
    return int(connection.execute("INSERT INTO source (name) VALUES (?)", (name,)).lastrowid or 0)


_OLDEST = """
SELECT position, name, message_id, body, received_at, sent_at, code, reason
FROM waiting JOIN source ON source.id = waiting.source ORDER BY position LIMIT ?
"""


def oldest(connection: sqlite3.Connection, size: int) -> list[Waiting]:
    """The `size` messages that have waited longest, in the order in which they came."""
    return [
        Waiting(
            position,
            Message(
                name, message_id, body, datetime.fromisoformat(at), sent_at, (code, reason) if code else None
            ),
        )
        for position, name, message_id, body, at, sent_at, code, reason in connection.execute(
            _OLDEST, (size,)
        )
    ]


def settle(connection: sqlite3.Connection, through: int, failed: Mapping[str, int]) -> None:
    """Let go of all messages up to a position: the graph has them, but for `failed` (by source) in quarantine."""
    done = connection.execute(_SETTLED, (through,)).fetchall()
    for source, name, count in done:
        lost = failed.get(name, 0)
        connection.execute(_COUNT_SETTLED, (count - lost, lost, source))
    connection.execute("DELETE FROM waiting WHERE position <= ?", (through,))


_SETTLED = """
SELECT source.id, name, count(*) FROM waiting JOIN source ON source.id = waiting.source
WHERE position <= ? AND code IS NULL GROUP BY source.id
"""
_COUNT_SETTLED = "UPDATE source SET applied = applied + ?, failed = failed + ? WHERE id = ?"

_COUNTS = "SELECT name, accepted, duplicate, rejected, applied, failed FROM source ORDER BY name"


def counts(connection: sqlite3.Connection) -> dict[str, JournalCounts]:
    """What became of the messages, by source."""
    return {name: JournalCounts(*figures) for name, *figures in connection.execute(_COUNTS)}


def oldest_received(connection: sqlite3.Connection) -> datetime | None:
    """When the message that has waited longest came."""
    found: Iterable[tuple[str]] = connection.execute(
        "SELECT received_at FROM waiting ORDER BY position LIMIT 1"
    )
    return next((datetime.fromisoformat(at) for (at,) in found), None)
