"""Runs beside the web: the journal's way into the graph, who its records are of, and a watch on the graph."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import structlog

from api.context import Services
from graph.errors import LeaseError, OnefoldError
from graph.metrics import last_measured
from graph.quality import last_snapshot_day
from graph.segment_definitions import stale_segments
from graph.transactions import Graph
from insight.acting import act
from insight.definitions import Definitions
from insight.following import catch_up, follow
from insight.metrics import measure
from insight.webhooks import Sender
from loaders.projector import Projector
from loaders.suppressions import Suppressions
from resolution.intake import Intake
from resolution.reviewing import catch_up as review_all

_RETRY_SECONDS = 2.0
_SUPPRESSION_SECONDS = 5.0
_MEASURE_SECONDS = 600.0
_LOOK_SECONDS = 1.0
"""So long after another process changed profiles, or a time window passed, insight follows."""

log = structlog.get_logger()


def _nobody() -> None:
    """Told of what nobody waits for."""


@asynccontextmanager
async def background(
    services: Services,
    projector: Projector,
    suppressions: Suppressions,
    warming: Callable[[], Awaitable[object]],
) -> AsyncGenerator[None]:
    """While the context is open the journal moves to the graph, and what it brings there is resolved.

    What nobody waits for begins when `warming` has ended, so that the first visitors have the graph for themselves.

    Ending it in the middle loses nothing: the journal lets go of what the graph has, and waiting records are marked.
    """
    graph, intake, definitions = services.graph, services.intake, services.configuration.definitions
    works = (
        graph.watch(),
        projector.run(),
        resolving(projector.applied, intake),
        suppressing(graph, suppressions),
        acting(services),
        _at_leisure(services, warming),
        following(graph, intake.resolved, definitions, services.feed.wake),
    )
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _at_leisure(services: Services, warming: Callable[[], Awaitable[object]]) -> None:
    try:
        await warming()
    except Exception as error:
        _said_once("warming_failed", error, "")
    await asyncio.gather(measuring(services.graph), measuring_quality(services), reviewing(services))


async def suppressing(graph: Graph, suppressions: Suppressions) -> None:
    """Keep the copy of the list of suppressed identifiers fresh; while the graph is down the last one counts."""
    while True:
        with suppress(OnefoldError):
            await suppressions.refresh(graph)
        await asyncio.sleep(_SUPPRESSION_SECONDS)


async def measuring(graph: Graph) -> None:
    """Measure the data once a day; whichever of several processes comes first does it."""
    failing = ""
    while True:
        try:
            if await last_measured(graph) != datetime.now(UTC).date():
                await measure(graph)
            failing = ""
        except Exception as error:
            failing = _said_once("measuring_waits", error, failing)
        await asyncio.sleep(_MEASURE_SECONDS)


async def measuring_quality(services: Services) -> None:
    """Measure the quality of identities once a day, and when somebody asks; `Measuring` tells what fails."""
    while True:
        with suppress(Exception):
            if await last_snapshot_day(services.graph) != datetime.now(UTC).date():
                await services.measuring.start().task
        await asyncio.sleep(_MEASURE_SECONDS)


async def following(
    graph: Graph, resolved: asyncio.Event, definitions: Definitions, changed: Callable[[], None] = _nobody
) -> None:
    """Let insight follow the profiles: at once after each pass of this process, otherwise when it next looks.

    `changed` is told when it has.
    """
    failing, behind = "", True
    while True:
        resolved.clear()
        try:
            if behind or await stale_segments(graph):
                await catch_up(graph, definitions)
            while (await follow(graph, definitions)).profiles:
                changed()
            failing, behind = "", False
        except Exception as error:
            failing = _said_once("following_waits", error, failing)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(resolved.wait(), _LOOK_SECONDS)


async def reviewing(services: Services) -> None:
    """Keep the questions for stewards up to date with the profiles, in one process of all."""
    failing = ""
    while True:
        try:
            await review_all(services.graph, services.configuration.reviews)
            failing = ""
        except LeaseError:  # another process does it
            pass
        except Exception as error:
            failing = _said_once("reviewing_waits", error, failing)
        await asyncio.sleep(_LOOK_SECONDS)


async def resolving(applied: asyncio.Event, intake: Intake) -> None:
    """Resolve what waits: at the start, in case an earlier process did not come to it, and after each write."""
    failing = ""
    while True:
        applied.clear()
        try:
            while await intake.catch_up():
                failing = ""
        except LeaseError:  # another process resolves: perhaps all that is left
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception as error:
            failing = _said_once("resolving_waits", error, failing)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            await applied.wait()


async def acting(services: Services) -> None:
    """Carry out the actions of onefold.toml, in one process of all; whatever fails is tried again."""
    definitions = services.configuration.actions
    failing = ""
    while definitions:
        sender = Sender()
        try:
            await act(services.graph, services.feed, definitions, sender.send)
        except* LeaseError:  # another process carries them out
            pass
        except* Exception as errors:
            failing = _said_once("actions_wait", errors.exceptions[0], failing)
        finally:
            await sender.close()
        await asyncio.sleep(_RETRY_SECONDS)


def _said_once(what: str, error: Exception, before: str) -> str:
    """The error's code, logged unless it is the one `before`."""
    code = error.code if isinstance(error, OnefoldError) else type(error).__name__
    if code != before:
        log.warning(what, code=code)
    return code
