"""Answers for whether an identifier is refused, at every door and also while the graph is down."""

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Self

from graph.errors import SuppressionError
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.suppressions import SuppressionChanges, read_suppression_changes
from graph.transactions import Graph

_ASKED = 500

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, salt BLOB NOT NULL);
"""


class Suppressions:
    """A copy of the graph's list of refused identifiers. A folder keeps it; without one it lives in memory.

    The truth is in the graph; `refresh` follows it. All processes that use the folder see the same copy.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = Lock()
        self._turn = asyncio.Lock()
        self._refreshed_at = float("-inf")
        try:
            self._connection = sqlite3.connect(path or ":memory:", timeout=30, check_same_thread=False)
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise _failed(error) from error

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The copy in a folder, empty when there is none. Raises SuppressionError when it cannot be opened."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _failed(error) from error
        return cls(folder / "suppressions.sqlite")

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def among(self, identifiers: Iterable[Identifier]) -> frozenset[Identifier]:
        """Those of the identifiers that are refused. Reads the copy only: some microseconds for each.

        Raises SuppressionError when the copy cannot be read: then nothing may be taken in.
        """
        with self._lock:
            try:
                salt = self._salt()
                if salt is None:
                    return frozenset()
                keyed = {identifier_key(one, salt): one for one in identifiers}
                return frozenset(keyed[key] for key in self._listed(sorted(keyed)))
            except sqlite3.Error as error:
                raise _failed(error) from error

    async def refresh(self, graph: Graph, *, older_than: float = 0) -> None:
        """Follow the list in the graph, unless that was done within the last `older_than` seconds.

        Raises GraphError, SuppressionError; the copy is then as it was.
        """
        if older_than and monotonic() - self._refreshed_at < older_than:
            return
        async with self._turn:
            version = await asyncio.to_thread(self._version, graph.salt)
            changes = await read_suppression_changes(graph, version)
            await asyncio.to_thread(self._apply, changes, graph.salt)
            self._refreshed_at = monotonic()

    def _salt(self) -> bytes | None:
        """The salt, None while nothing is listed."""
        row = self._connection.execute("SELECT salt FROM state WHERE EXISTS (SELECT 1 FROM keys)").fetchone()
        return row[0] if row else None

    def _listed(self, keys: list[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(keys), _ASKED):
            asked = keys[start : start + _ASKED]
            marks = ", ".join("?" * len(asked))
            found += [
                key
                for (key,) in self._connection.execute(f"SELECT key FROM keys WHERE key IN ({marks})", asked)
            ]
        return found

    def _version(self, salt: bytes) -> int:
        """How far the copy has followed; 0 for the copy of another installation."""
        with self._lock:
            row = self._connection.execute("SELECT version FROM state WHERE salt = ?", (salt,)).fetchone()
            return row[0] if row else 0

    def _apply(self, changes: SuppressionChanges, salt: bytes) -> None:
        with self._lock:
            try:
                with self._connection:
                    if changes.since == 0:
                        self._connection.execute("DELETE FROM keys")
                    self._connection.executemany(
                        "INSERT OR IGNORE INTO keys VALUES (?)", ((key,) for key in sorted(changes.added))
                    )
                    self._connection.executemany(
                        "DELETE FROM keys WHERE key = ?", ((key,) for key in sorted(changes.lifted))
                    )
                    self._connection.execute(
                        "INSERT OR REPLACE INTO state VALUES (1, ?, ?)", (changes.version, salt)
                    )
            except sqlite3.Error as error:
                raise _failed(error) from error


def _failed(error: Exception) -> SuppressionError:
    return SuppressionError(
        f"The list of suppressed identifiers cannot be used ({error}). Nothing is taken in without it: "
        "see that the data folder can be written; a damaged copy may be deleted, it is made again."
    )
