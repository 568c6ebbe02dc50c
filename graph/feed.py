"""The change feed as it goes on: one reader for a whole process, which hands what is new to all who listen."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from graph.changes import Change, Position, end_of_feed, read_changes
from graph.errors import FellBehindError, OnefoldError
from graph.transactions import Graph

_LOOK_SECONDS = 0.1
"""So long after another process wrote, its changes are heard of."""
_RETRY_SECONDS = 1.0
_MOST_WAITING = 200
"""So many pages wait for a listener before it has fallen behind."""

log = structlog.get_logger()


class Listener:
    """Hears of changes from the moment it began to listen."""

    def __init__(self) -> None:
        self._pages: asyncio.Queue[Sequence[Change]] = asyncio.Queue(_MOST_WAITING)
        self._behind = False

    async def hear(self) -> Sequence[Change]:
        """The next changes; raises FellBehindError when too many came since they were last asked for."""
        if self._behind:
            raise FellBehindError(
                "More has changed than was taken: read on with `changes`, from the last position."
            )
        return await self._pages.get()

    def tell(self, page: Sequence[Change]) -> None:
        """Keep a page until it is asked for."""
        try:
            self._pages.put_nowait(page)
        except asyncio.QueueFull:
            self._behind = True


class Feed:
    """Reads the change feed of one graph while somebody listens, and only then."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._listeners: set[Listener] = set()
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._position = Position(0)
        self._beginning = asyncio.Lock()

    def wake(self) -> None:
        """Look at once, because this process wrote something."""
        self._news.set()

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator[Listener]:
        """A listener to all that changes from now on; raises GraphError when the graph does not answer now."""
        listener = Listener()
        async with self._beginning:
            if self._reader is None or self._reader.done():
                self._position = await end_of_feed(self._graph)
                self._reader = asyncio.create_task(self._read())
            self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        failing = False
        while True:
            self._news.clear()
            try:
                while await self._step():
                    pass
                failing = False
            except OnefoldError as error:
                if not failing:
                    log.warning("feed_waits", code=error.code)
                failing = True
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS)

    async def _step(self) -> bool:
        """Tell one page, if there is one; whether there is more."""
        page = await read_changes(self._graph, self._position)
        self._position = page.next
        if page.items:
            for listener in self._listeners:
                listener.tell(page.items)
        return page.more
