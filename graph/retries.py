"""Which failures of a call to Neo4j are tried again, and how the others are told without any value in them."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from neo4j.exceptions import (
    AuthError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graph.errors import GraphError, GraphTimeoutError, GraphUnavailableError

T = TypeVar("T")

_FIRST_DELAY = 0.05
_LONGEST_DELAY = 2.0
_UNAVAILABLE_ATTEMPTS = 6
_POSITION = re.compile(r"line \d+, column \d+")
_TIMED_OUT_CODES = ("TransactionTimedOut", "LockClientStopped", "TransactionTimedOutClientConfiguration")

Recover = Callable[[], Awaitable[None]]


async def with_retries(attempt: Callable[[], Awaitable[T]], *, deadline: float, recover: Recover) -> T:
    """Await `attempt()` until it succeeds, fails for good, or `deadline` seconds have passed.

    Transient errors are retried until the deadline; so is a commit whose answer was lost, which the driver
    itself never retries: writes must therefore be idempotent. A server that cannot be reached is tried
    a few times, with `recover()` (which may start it again) in between.

    Raises GraphTimeoutError, GraphUnavailableError or GraphError.
    """
    delay, unreachable = _FIRST_DELAY, 0

    async def persist() -> T:
        nonlocal delay, unreachable
        while True:
            try:
                return await attempt()
            except (DriverError, Neo4jError) as error:
                gone = isinstance(error, ServiceUnavailable | SessionExpired)
                unreachable += gone
                if not _worth_retrying(error) or unreachable >= _UNAVAILABLE_ATTEMPTS:
                    raise
            if gone:
                await recover()
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, no secret
            delay = min(delay * 2, _LONGEST_DELAY)

    return await within_deadline(persist, deadline)


async def within_deadline(attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
    """Await `attempt()` once, for at most `deadline` seconds; errors as of `with_retries`."""
    try:
        async with asyncio.timeout(deadline):
            return await attempt()
    except TimeoutError:
        raise GraphTimeoutError(
            f"The graph did not answer within {deadline:g} s. Ask for less at once, or raise the deadline."
        ) from None
    except (DriverError, Neo4jError) as error:
        raise told(error) from None


def _worth_retrying(error: DriverError | Neo4jError) -> bool:
    if isinstance(error, DriverError):
        return error.is_retryable() or isinstance(error, IncompleteCommit)
    # Two processes may bring the schema up to date at once; tried again, `IF NOT EXISTS` finds the other's work.
    return error.is_retryable() or (error.code or "").endswith("EquivalentSchemaRuleAlreadyExists")


def told(error: DriverError | Neo4jError) -> GraphError:
    """The error of our own tree for a driver's error; its text carries codes and positions, never values."""
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return GraphUnavailableError("The graph cannot be reached. Is the Neo4j server running?")
    if isinstance(error, AuthError):
        return GraphUnavailableError(
            "The graph refused the user name or password. Check ONEFOLD_NEO4J_USER and ONEFOLD_NEO4J_PASSWORD."
        )
    if isinstance(error, DriverError):
        return GraphError(f"The call to the graph failed ({type(error).__name__}).")
    if error.code and error.code.endswith(_TIMED_OUT_CODES):
        return GraphTimeoutError("The graph ended a statement that ran past its deadline.")
    place = _POSITION.search(error.message or "")
    return GraphError(f"The graph refused a statement ({error.code}{', ' + place[0] if place else ''}).")
