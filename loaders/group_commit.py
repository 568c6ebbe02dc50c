"""Answers for writing to one SQLite file from many tasks: those that wait together share a commit."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from graph.errors import JournalError

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], Any]

_MOST_TOGETHER = 256
"""Works that share a commit: enough to spread the cost of one fsync, few enough that none waits long for it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    work: Work
    answer: "asyncio.Future[Any]"


class GroupCommit:
    """A thread of its own that owns the writing connection.

    No work waits for others to come: while one group is being committed the next gathers by itself, so a lone write
    costs one fsync and a crowd of them costs one too.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="onefold-journal", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` inside a transaction; when this returns it is committed and on disk.

        Raises JournalError when it could not be: then nothing of it is kept.
        """
        if self._closed:
            raise JournalError("The journal is closed.")
        asked = _Asked(work, asyncio.get_running_loop().create_future())
        self._asked.put(asked)
        return await asked.answer

    def close(self) -> None:
        """Commit what waits, then close the file."""
        if not self._closed:
            self._closed = True
            self._asked.put(None)
            self._thread.join()
            self._connection.close()

    def _serve(self) -> None:
        going = True
        while going:
            group = [self._asked.get()]
            while group[-1] is not None and len(group) < _MOST_TOGETHER:
                try:
                    group.append(self._asked.get_nowait())
                except Empty:
                    break
            going = group[-1] is not None
            self._commit([one for one in group if one is not None])

    def _commit(self, group: list[_Asked]) -> None:
        """Commit a group as one; where one of them is at fault each alone, so that it does not spoil the others."""
        try:
            answers = self._transact(group)
        except (
            sqlite3.OperationalError
        ) as error:  # the disk: what was not written may not be tried as if it were
            _tell(group, [_told(error)] * len(group))
        except Exception as error:
            if len(group) > 1:
                for one in group:
                    self._commit([one])
            else:
                _tell(group, [_told(error)])
        else:
            _tell(group, answers)

    def _transact(self, group: list[_Asked]) -> list[Any]:
        if not group:
            return []
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            answers = [one.work(self._connection) for one in group]
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk has rolled back by itself
                self._connection.execute("ROLLBACK")
            raise
        return answers


def _told(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        return JournalError(
            f"The journal cannot be written ({name}): is the disk full or the folder read-only?"
        )
    return error


def _tell(group: list[_Asked], answers: list[Any]) -> None:
    for one, answer in zip(group, answers, strict=True):
        loop = one.answer.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, one.answer, answer)


def _settle(future: "asyncio.Future[Any]", answer: Any) -> None:
    if future.done():  # whoever asked has gone; the work is done all the same
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
