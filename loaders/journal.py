"""Answers for messages that have been acknowledged: on disk before anybody is told so, until the graph has them."""

import asyncio
import fcntl
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from graph.errors import JournalError, JournalHeldError
from loaders import journal_file as file
from loaders.group_commit import GroupCommit
from loaders.journal_file import STATES, JournalCounts, Message, Receipt, Waiting

__all__ = ("STATES", "Journal", "JournalCounts", "Message", "Receipt", "Waiting", "read_journal")

_FILE, _LOCK = "journal.sqlite", "journal.lock"


class Journal:
    """The open journal of one folder. Safe to share between the tasks of one event loop; one process has it open."""

    name = "journal"

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        """Use `Journal.open`: it takes the lock."""
        self._lock = lock
        self._writing = GroupCommit(file.connect(folder / _FILE))
        self._reading = file.connect_to_read(folder / _FILE)
        self._turn = asyncio.Lock()
        self.grown = asyncio.Event()
        """Set when messages came; whoever waits for them clears it."""

    @classmethod
    def open(cls, folder: Path) -> "Journal":
        """Open the journal of a folder, made if it is not there.

        Raises JournalHeldError while another process has it open, JournalError when the folder cannot be used.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (folder / _LOCK).open("a")
        except OSError as error:
            raise JournalError(f"The journal's folder cannot be used ({error.strerror}).") from None
        with ExitStack() as unless_opened:
            unless_opened.callback(lock.close)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                journal = cls(folder, lock)
            except BlockingIOError:
                raise JournalHeldError(
                    "Another process takes events into this data folder: let one do so, or use a folder for each."
                ) from None
            except sqlite3.Error as error:
                raise JournalError(f"The journal cannot be opened ({error}).") from None
            unless_opened.pop_all()
        return journal

    async def append(self, messages: Sequence[Message]) -> list[Receipt]:
        """Keep messages, and say of each whether it is new; they are on disk when this returns.

        A message id counts once per source, for ever. Raises JournalError: then none of them is kept.
        """
        if not messages:
            return []
        receipts = await self._writing.write(lambda connection: file.take(connection, messages))
        self.grown.set()
        return receipts

    async def oldest(self, size: int) -> list[Waiting]:
        """The messages that have waited longest, in the order in which they came."""
        async with self._turn:
            return await asyncio.to_thread(file.oldest, self._reading, size)

    async def settle(self, through: int, failed: Mapping[str, int]) -> None:
        """Let go of the messages up to a position: the graph has them, but for `failed` (by source) in quarantine."""
        await self._writing.write(lambda connection: file.settle(connection, through, failed))

    async def counts(self) -> dict[str, JournalCounts]:
        """What became of the messages, by source; the figures of one moment."""
        async with self._turn:
            return await asyncio.to_thread(file.counts, self._reading)

    async def lag_seconds(self) -> float:
        """How long ago the message came that has waited longest; 0 when none waits."""
        async with self._turn:
            return _seconds_since(await asyncio.to_thread(file.oldest_received, self._reading))

    async def more(self) -> None:
        """Wait for messages; one that came since the journal was last read is not waited for."""
        self.grown.clear()
        if not await self.oldest(1):
            await self.grown.wait()

    def close(self) -> None:
        """Commit what is being written and let another process open the journal."""
        self._reading.close()
        self._writing.close()  # last, so that it is the one that tidies up the files
        self._lock.close()


def read_journal(folder: Path) -> tuple[dict[str, JournalCounts], float]:
    """The counts and the lag of a folder's journal as `Journal` tells them, also while a process has it open."""
    if not (folder / _FILE).exists():
        return {}, 0.0
    with closing(file.connect_to_read(folder / _FILE)) as connection:
        return file.counts(connection), _seconds_since(file.oldest_received(connection))


def _seconds_since(moment: datetime | None) -> float:
    return max(0.0, (datetime.now(UTC) - moment).total_seconds()) if moment else 0.0
