"""Reads and writes of one open graph: every call with a deadline, retries and plain Python values."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString, TypeVar, cast

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncResult,
    AsyncSession,
    Query,
    Record,
)
from neo4j.api import AsyncBookmarkManager
from neo4j.graph import Entity
from neo4j.time import DateTime

from graph.breaker import PROBE_SECONDS, Breaker
from graph.retries import with_retries, within_deadline
from graph.settings import GraphSettings

T = TypeVar("T")

Row = dict[str, Any]
Connect = Callable[[], Awaitable[AsyncDriver]]
Ending = Callable[[], Awaitable[None]]

_CHUNK = 2000
_PLAIN = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Statement:
    """One Cypher statement with its parameters, part of a transaction."""

    query: LiteralString
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])


Run = Callable[[Statement], Awaitable[list[Row]]]
"""Runs a statement in the transaction that is open, and answers its rows."""


class Graph:
    """An open graph. Safe to share between the tasks of one event loop.

    Rows are dicts of plain values: nodes and maps as dicts, instants as `datetime` in UTC.
    `salt` belongs to the installation and keys the hashes of identifiers and profile ids.
    """

    salt: bytes = b""

    def __init__(
        self,
        driver: AsyncDriver,
        settings: GraphSettings,
        *,
        bookmarks: AsyncBookmarkManager | None = None,
        reconnect: Connect | None = None,
    ) -> None:
        """`reconnect` gives a driver to a server that was started again, when the present one is gone."""
        self._driver = driver
        self._settings = settings
        self._bookmarks = bookmarks
        self._reconnect = reconnect
        self._retired: list[AsyncDriver] = []
        self._endings: dict[object, Ending] = {}
        self.breaker = Breaker()

    @property
    def settings(self) -> GraphSettings:
        """What the graph was opened with."""
        return self._settings

    async def read(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        """Run one reading statement and return its rows.

        Raises GraphTimeoutError after `read_seconds`, GraphUnavailableError, GraphError.
        """
        deadline = self._settings.read_seconds

        async def attempt() -> list[Row]:
            async with self._session(READ_ACCESS) as session:
                result = await session.run(Query(query, timeout=deadline), parameters)
                return await _rows(result)

        return await self._call(attempt, deadline)

    async def stream(self, query: LiteralString, /, **parameters: Any) -> AsyncIterator[Row]:
        """Yield the rows of one reading statement as they come, for reads too large to hold.

        Each portion has the deadline of a read; a failure after the first portion is not retried.
        """
        deadline, life = self._settings.read_seconds, self._settings.stream_seconds
        async with self._session(READ_ACCESS) as session:

            async def start() -> tuple[AsyncResult, list[Record]]:
                result = await session.run(Query(query, timeout=life), parameters)
                return result, await result.fetch(_CHUNK)

            async def follow() -> list[Record]:
                return await result.fetch(_CHUNK)

            result, records = await self._call(start, deadline)
            while records:
                for record in records:
                    yield _row(record)
                async with self.breaker.passing():
                    records = await within_deadline(follow, deadline)

    async def write(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        """Run one writing statement in a transaction of its own, in one round trip, and return its rows.

        The statement must be idempotent: it is run again after a transient error or a lost commit answer.
        Raises GraphTimeoutError after `write_seconds`, GraphUnavailableError, GraphError.
        """
        deadline = self._settings.write_seconds

        async def attempt() -> list[Row]:
            async with self._session(WRITE_ACCESS) as session:
                return await _rows(await session.run(Query(query, timeout=deadline), parameters))

        return await self._call(attempt, deadline)

    async def write_all(
        self, statements: Sequence[Statement], *, seconds: float | None = None
    ) -> list[list[Row]]:
        """Run statements in one transaction, all or none, and return the rows of each; otherwise as `write`.

        `seconds` replaces the usual deadline, for work that grows with the graph.
        """
        return await self._transact(_in_turn(statements), seconds or self._settings.write_seconds, keep=True)

    async def transact(self, work: Callable[[Run], Awaitable[T]]) -> T:
        """Await `work` in one transaction, giving it what runs a statement and returns its rows; otherwise as `write`.

        For what must be worked out between a read and a write that belong together; it may be awaited again.
        """
        return await self._transact(work, self._settings.write_seconds, keep=True)

    async def rehearse(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run statements in one transaction that is taken back, and return the rows of each; otherwise as `write`."""
        return await self._transact(_in_turn(statements), self._settings.write_seconds, keep=False)

    async def _transact(self, work: Callable[[Run], Awaitable[T]], deadline: float, *, keep: bool) -> T:
        async def attempt() -> T:
            async with (
                self._session(WRITE_ACCESS) as session,
                await session.begin_transaction(timeout=deadline) as transaction,
            ):

                async def run(statement: Statement) -> list[Row]:
                    return await _rows(await transaction.run(statement.query, dict(statement.parameters)))

                answer = await work(run)
                await (transaction.commit() if keep else transaction.rollback())
                return answer

        return await self._call(attempt, deadline)

    def at_close(self, owner: object, ending: Ending) -> None:
        """Await `ending` before the connections are closed; an owner has one, the last it gave."""
        self._endings[owner] = ending

    async def close(self) -> None:
        """Close every connection, after what was to be done before."""
        for ending in self._endings.values():
            await ending()
        for driver in (*self._retired, self._driver):
            await driver.close()

    async def watch(self) -> None:
        """End calls at once while the server does not answer, and bring one of our own back; until cancelled."""
        await self.breaker.watch(self._probe, self._recover)

    async def _probe(self) -> None:
        async def ask() -> None:
            async with self._session(READ_ACCESS) as session:
                await (await session.run("RETURN 1")).consume()

        await within_deadline(ask, PROBE_SECONDS)

    async def _call(self, attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
        async with self.breaker.passing():
            return await with_retries(attempt, deadline=deadline, recover=self._recover)

    @asynccontextmanager
    async def _session(self, access: str) -> AsyncGenerator[AsyncSession]:
        async with self._driver.session(
            database=self._settings.neo4j_database,
            default_access_mode=access,
            fetch_size=_CHUNK,
            bookmark_manager=self._bookmarks,
        ) as session:
            yield session

    async def _recover(self) -> None:
        if self._reconnect is None:
            return
        found = await self._reconnect()
        if found is not self._driver:
            self._retired.append(self._driver)  # other tasks may still hold sessions of it
            self._driver = found


def _in_turn(statements: Sequence[Statement]) -> Callable[[Run], Awaitable[list[list[Row]]]]:
    async def work(run: Run) -> list[list[Row]]:
        return [await run(statement) for statement in statements]

    return work


async def _rows(result: AsyncResult) -> list[Row]:
    return [_row(record) async for record in result]


def _row(record: Record) -> Row:
    return dict(zip(record.keys(), map(_plain, record.values()), strict=True))


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return [_plain(item) for item in value]
    if isinstance(value, dict | Entity):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    return _utc(value) if kind is DateTime else value


def _utc(value: DateTime) -> datetime:
    native = value.to_native()
    return native.replace(tzinfo=UTC) if native.tzinfo is None else native.astimezone(UTC)
