"""Carries actions out: reads the change feed into the outbox, and sends what is in it until it arrives or is dead."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph import deliveries as outbox
from graph.changes import Position, end_of_feed, read_changes
from graph.deliveries import Delivery, delivery_of
from graph.errors import FellBehindError
from graph.feed import Feed
from graph.lease import lease
from graph.transactions import Graph
from graph.vocabulary import DeliveryState
from insight.actions import ActionDefinition
from insight.messages import read_messages
from insight.webhooks import Answer

_AT_ONCE = 16
"""So many messages of one action are on their way at once."""
_LOOK = timedelta(seconds=2)
"""So long after somebody else put something into the outbox, it is seen."""
_FIRST_PAUSE_SECONDS, _FACTOR, _LONGEST_PAUSE_SECONDS = 1.0, 4.0, 6 * 3600.0
_KEPT = timedelta(days=30)
_PRUNE_SECONDS = 3600.0
_PRUNED_AT_ONCE = 5_000
_LEASE_SECONDS = 5.0

Send = Callable[[str, str, str, bytes, float], Awaitable[Answer]]
"""Sends (url, secret, id, body, seconds) and answers what became of it."""


async def act(graph: Graph, feed: Feed, definitions: Mapping[str, ActionDefinition], send: Send) -> None:
    """Carry actions out until cancelled; raises LeaseError while another process does, GraphError."""
    async with lease(graph, "actions", _LEASE_SECONDS), asyncio.TaskGroup() as tasks:
        positions = await outbox.begin_actions(graph, definitions, await end_of_feed(graph))
        for name, definition in definitions.items():
            action = Action(graph, name, definition, positions[name])
            tasks.create_task(action.collecting(feed))
            tasks.create_task(action.delivering(send))
        tasks.create_task(pruning(graph))


class Action:
    """One action: how far it has read the feed, and whether there is something new in its outbox."""

    def __init__(self, graph: Graph, name: str, definition: ActionDefinition, position: Position) -> None:
        self._graph = graph
        self._name = name
        self._definition = definition
        self._position = position
        self._kept = asyncio.Event()

    async def collecting(self, feed: Feed) -> None:
        """Collect whenever something has changed; raises GraphError."""
        while True:
            with suppress(FellBehindError):
                async with feed.listen() as listener:
                    while True:
                        while await self.collect():
                            pass
                        await listener.hear()

    async def collect(self) -> bool:
        """Put what one page of the feed tells into the outbox; whether there is more."""
        page = await read_changes(self._graph, self._position, kinds=(self._definition.kind,))
        if page.next == self._position:
            return False
        now = datetime.now(UTC)
        found = [delivery_of(self._name, one, now) for one in page.items if self._definition.concerns(one)]
        await outbox.keep_deliveries(self._graph, self._name, found, page.next)
        self._position = page.next
        if found:
            self._kept.set()
        return page.more

    async def delivering(self, send: Send) -> None:
        """Deliver whenever something is due; raises GraphError."""
        while True:
            self._kept.clear()
            while await self.deliver(send):
                pass
            pause = await self._pause()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._kept.wait(), pause)

    async def _pause(self) -> float:
        due = await outbox.next_due(self._graph, self._name)
        left = _LOOK if due is None else min(_LOOK, due - datetime.now(UTC))
        return max(0.0, left.total_seconds())

    async def deliver(self, send: Send) -> int:
        """Try to send what is due, some at once; answers how many were tried."""
        due = await outbox.read_due(self._graph, self._name, datetime.now(UTC), _AT_ONCE)
        if not due:
            return 0
        bodies = await read_messages(self._graph, self._definition, due)
        answers = await asyncio.gather(*(self._send(send, one.id, bodies[one.id]) for one in due))
        told = zip(due, answers, strict=True)
        now = datetime.now(UTC)
        outcomes = [outcome(one, answer, self._definition.attempts, now) for one, answer in told]
        await outbox.note_outcomes(self._graph, outcomes)
        return len(due)

    async def _send(self, send: Send, message_id: str, body: bytes) -> Answer:
        definition = self._definition
        secret = definition.secret.get_secret_value()
        return await send(definition.url, secret, message_id, body, definition.seconds)


def outcome(one: Delivery, answer: Answer, most: int, now: datetime) -> Delivery:
    """A delivery after an attempt: delivered, dead after `most` attempts or when the receiver is gone for good, or
    waiting, four times longer each time, up to six hours, give or take half."""
    tried = replace(one, attempts=one.attempts + 1, status=answer.status, error=answer.error, next_at=None)
    if answer.arrived:
        return replace(tried, state=DeliveryState.DELIVERED, finished_at=now)
    if answer.final or tried.attempts >= most:
        return replace(tried, state=DeliveryState.DEAD, finished_at=now)
    pause = min(_FIRST_PAUSE_SECONDS * _FACTOR**one.attempts, _LONGEST_PAUSE_SECONDS)
    pause = max(pause * random.uniform(0.5, 1.5), answer.retry_seconds or 0.0)  # noqa: S311 - spreads retries
    return replace(tried, next_at=now + timedelta(seconds=pause))


async def pruning(graph: Graph) -> None:
    """Forget what arrived a month ago."""
    while True:
        while await outbox.prune_deliveries(graph, datetime.now(UTC) - _KEPT, _PRUNED_AT_ONCE):
            pass
        await asyncio.sleep(_PRUNE_SECONDS)
