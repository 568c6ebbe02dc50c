"""How long an answer may take: reading ends at its deadline, in the graph too."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.settings import ApiSettings
from graph.errors import GraphTimeoutError


@asynccontextmanager
async def deadline(seconds: float | None) -> AsyncGenerator[None]:
    """End what is awaited inside after so many seconds, the graph's part too; raises GraphTimeoutError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise GraphTimeoutError("The answer took too long: ask for less.") from None


class ReadingRoute(APIRoute):
    """A route that only reads, and has to answer within `read_seconds`."""

    def seconds(self, settings: ApiSettings) -> float:
        """How long an answer may take."""
        return settings.read_seconds

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler under the deadline."""
        handle = super().get_route_handler()

        async def in_time(request: Request) -> Response:
            async with deadline(self.seconds(request.app.state.settings)):
                return await handle(request)

        return in_time


class ScoringRoute(ReadingRoute):
    """A route that scores, and has to answer within `analysis_seconds`."""

    def seconds(self, settings: ApiSettings) -> float:
        """How long an answer may take."""
        return settings.analysis_seconds
