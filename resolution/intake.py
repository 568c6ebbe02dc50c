"""The intake: writes records as they come, and resolves those that wait together in one pass."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.errors import ResolveDueError
from graph.facts import SourceRecord
from graph.lease import lease
from graph.models import record_configuration
from graph.passes import Standing, beginning
from graph.records import write_record
from graph.stored_records import count_records, some_pending_keys
from graph.transactions import Graph
from resolution.identified import Identified, Seen
from resolution.publishing import InForce
from resolution.resolve import begin, resolve
from resolution.run import Run
from resolution.settings import ResolutionSettings
from resolution.stopwatch import Stopwatch

STEPS = ("store", "read", "match", "cluster", "write", "answer")

_MOST_TOGETHER = 50
_LINGER_SECONDS = 2.0
_PATIENCE_SECONDS = 15.0
"""How long a record waits for a resolve of another process that is under way."""

_SMALL = 1000
"""A graph of up to so many records is resolved as a whole where that is due; a larger one by the operator."""


_TOGETHER_IN_BACKGROUND = 100
_MANY, _MANY_SHARE = 2_000, 0.05
"""Of so many waiting records, and this share of all, reading everything is cheaper than looking around each."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    key: str
    answer: asyncio.Future[Identified]


class Intake:
    """Takes records in, for all tasks of a process. Each is written when it comes; those that come while a pass is
    under way are resolved together in the next. `clock` adds up the seconds of their steps (`STEPS`); `resolved` is set
    after each pass."""

    def __init__(self, graph: Graph, settings: ResolutionSettings) -> None:
        self._graph = graph
        self._settings = settings
        self.clock = Stopwatch()
        self.resolved = asyncio.Event()
        self._in_force = InForce(settings)
        self._queue: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def identify(self, record: SourceRecord) -> Identified:
        """Write a full statement about a record, resolve it, and say who it is of.

        Once it is written it is not lost: whatever happens afterwards, the next resolve takes it up. Raises LeaseError
        while another process resolves, ResolveDueError when the whole graph has to be resolved first, GraphError.
        """
        with self.clock("store"):
            await write_record(self._graph, record, datetime.now(UTC))
        waiting = _Waiting(record.key, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await waiting.answer

    async def catch_up(self) -> int:
        """Resolve records that wait, whoever wrote them; answers how many waited, 0 when nothing is left to do.

        Some are taken at a time, so that `identify` need not wait long; where very many wait, or nothing was ever
        resolved, all are resolved in one pass over the graph. Raises LeaseError, ResolveDueError, GraphError.
        """
        count, pending = await count_records(self._graph)
        if not pending:
            return 0
        standing, _ = await beginning(self._graph, [])
        if standing.applied is None or pending > max(_MANY, _MANY_SHARE * count):
            if standing.applied and count > _SMALL:
                await self._refuse_what_is_due(standing)
            await resolve(self._graph, self._settings)
            self.resolved.set()
        else:
            await self._pass(await some_pending_keys(self._graph, _TOGETHER_IN_BACKGROUND))
        return pending

    async def _refuse_what_is_due(self, standing: Standing) -> None:
        if await self._in_force.applied(self._graph, standing) is None:
            raise ResolveDueError("The model or the settings have changed: run `onefold resolve`.")

    async def _work(self) -> None:
        while self._queue:
            together, self._queue = self._queue[:_MOST_TOGETHER], self._queue[_MOST_TOGETHER:]
            try:
                await self._answer(together)
            except Exception as error:
                for waiting in together:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(error)

    async def _answer(self, together: Sequence[_Waiting]) -> None:
        seen = await self._pass([waiting.key for waiting in together])
        for waiting in together:
            if not waiting.answer.done():
                with self.clock("answer"):
                    identified = seen.identified(waiting.key)
                waiting.answer.set_result(identified)

    async def _pass(self, keys: Sequence[str]) -> Seen:
        """One pass over the records of `keys`, or over the whole graph where that is due."""
        async with lease(self._graph, "resolve", _PATIENCE_SECONDS, linger_seconds=_LINGER_SECONDS):
            with self.clock("read"):
                standing, changed = await beginning(self._graph, keys)
                known = await self._in_force.applied(self._graph, standing)
            if known is None:
                return await self._first_pass()
            run = Run(self._graph, *known, self.clock)
            seen = Seen(run, [difference async for difference in run.around(changed)])
            self.resolved.set()
            return seen

    async def _first_pass(self) -> Seen:
        """Resolve everything under a model or settings that are new, if that is not much."""
        count, _ = await count_records(self._graph)
        if count > _SMALL:
            raise ResolveDueError(
                "The model or the settings have changed: run `onefold resolve`. The record is kept and waits for that."
            )
        begun = await begin(self._graph, self._settings, self.clock, full=True)
        differences = [one async for one in begun.run.everything(begun.records, full=True)]
        await record_configuration(self._graph, begun.digest)
        return Seen(begun.run, differences)
