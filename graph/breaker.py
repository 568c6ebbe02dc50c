"""Answers for calls to a graph that does not answer: ended at once, until a probe finds that it does again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from graph.errors import GraphError, GraphUnavailableError

log = structlog.get_logger()

Ask = Callable[[], Awaitable[None]]

_LOOK_SECONDS = 0.25
_SILENCE_SECONDS = 1.5
"""How long calls may be under way, and none answered, before the graph is probed."""

PROBE_SECONDS = 2.0
"""How long a probe waits for its answer: much longer than the pauses of a server that is merely busy."""


class Breaker:
    """Closed: calls pass. Open: those under way end, and new ones are refused, with GraphUnavailableError.

    A task that watches opens and closes it. Commands do not start that task: they would rather wait.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._under_way: set[asyncio.Timeout] = set()
        self._answered_at = 0.0
        self._suspected = asyncio.Event()

    @asynccontextmanager
    async def passing(self) -> AsyncGenerator[None]:
        """Around one call; raises GraphUnavailableError when the breaker is open, or opens before the call ends."""
        if self.is_open:
            raise _refusal()
        if not self._under_way:
            self._answered_at = _now()
        ended = asyncio.timeout(None)
        try:
            async with ended:
                self._under_way.add(ended)
                yield
            self._answered_at = _now()
        except TimeoutError:
            raise _refusal() from None
        except GraphUnavailableError:
            self._suspected.set()
            raise
        finally:
            self._under_way.discard(ended)

    async def watch(self, probe: Ask, revive: Ask) -> None:
        """Open when calls get no answer and `probe` neither; close as soon as it does. Runs until cancelled.

        `revive` does what can be done to bring the server back. Both raise GraphError in vain.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._suspected.wait()
            silent = self._under_way and _now() - self._answered_at > _SILENCE_SECONDS
            if self.is_open or silent or self._suspected.is_set():
                self._suspected.clear()
                await self._decide(probe, revive)

    async def _decide(self, probe: Ask, revive: Ask) -> None:
        try:
            await probe()
        except GraphError as error:
            if not self.is_open:
                self.is_open = True
                log.warning("breaker_opened", code=error.code)
                for call in self._under_way:
                    call.reschedule(_now())
            with suppress(GraphError):
                await revive()
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            self._answered_at = _now()
            if self.is_open:
                self.is_open = False
                log.warning("breaker_closed")


def _refusal() -> GraphUnavailableError:
    return GraphUnavailableError("The graph does not answer at the moment: try again in a second.")


def _now() -> float:
    return asyncio.get_running_loop().time()
