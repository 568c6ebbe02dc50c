"""Actions in GraphQL: what is told to whom, what waits, and what never arrived and is sent again."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.vocabulary import ChangeKind, DeliveryState
from graph.deliveries import Delivery as StoredDelivery
from graph.deliveries import count_deliveries, read_deliveries, replay_deliveries
from graph.errors import InputError

_NOUN = "delivery"
MOST_REPLAYED = 1_000


@strawberry.type(description="Something that onefold.toml has told to others when profiles change.")
class Action:
    name: str = strawberry.field(description="Its name, unique.")
    on: str | None = strawberry.field(description="When it acts; null if it is no longer defined.")
    segment: str | None = strawberry.field(description="The segment that is entered or left.")
    host: str | None = strawberry.field(description="The host that is told.")
    task: bool = strawberry.field(description="Whether it asks for a task.")
    position: str | None = strawberry.field(description="How far it has read the change feed.")
    waiting: int = strawberry.field(description="Deliveries that are still to arrive.")
    delivered: int = strawberry.field(description="Deliveries of the last 30 days that arrived.")
    dead: int = strawberry.field(description="Deliveries that never arrived: see `replayDeliveries`.")


@strawberry.type(description="One change that an action tells of.")
class Delivery:
    id: strawberry.ID = strawberry.field(description="Unique id; `webhook-id` of its messages.")
    action: str = strawberry.field(description="Name of the action.")
    state: DeliveryState = strawberry.field(description="What became of it.")
    profile_id: strawberry.ID = strawberry.field(description="The profile it is about.")
    kind: ChangeKind = strawberry.field(description="The kind of the change.")
    change: str = strawberry.field(description="What happened, as in the change feed.")
    segment: str | None = strawberry.field(description="The segment that was entered or left.")
    at: datetime = strawberry.field(description="When that happened, UTC.")
    created_at: datetime = strawberry.field(description="When it was put into the outbox, UTC.")
    attempts: int = strawberry.field(description="How often it was tried.")
    next_at: datetime | None = strawberry.field(description="When it is tried again, UTC.")
    finished_at: datetime | None = strawberry.field(description="When it arrived or was given up, UTC.")
    status: int | None = strawberry.field(description="The HTTP status of the last attempt.")
    error: str | None = strawberry.field(
        description="Why the last attempt had no answer: `timeout`, `not_reached`, `tls_failed`, `no_http`,"
        " `address_not_allowed`."
    )


async def all_actions(info: Info) -> list[Action]:
    """Resolve `Query.actions`."""
    definitions = info.context.actions
    counts = await count_deliveries(info.context.graph)
    found: list[Action] = []
    for name in sorted({*definitions, *counts}):
        one, told = definitions.get(name), counts.get(name)
        states = told.counts if told else {}
        found.append(
            Action(
                name=name,
                on=one and one.on,
                segment=one and one.segment,
                host=one and urlsplit(one.url).hostname,
                task=bool(one and one.task),
                position=told and told.position.text(),
                waiting=states.get(DeliveryState.WAITING, 0),
                delivered=states.get(DeliveryState.DELIVERED, 0),
                dead=states.get(DeliveryState.DEAD, 0),
            )
        )
    return found


_Name = Annotated[str | None, strawberry.argument(description="Only those of this action.")]


async def find_deliveries(
    info: Info,
    first: First = 20,
    after: After = None,
    action: _Name = None,
    state: Annotated[
        DeliveryState | None, strawberry.argument(description="Only those in this state.")
    ] = None,
) -> Connection[Delivery]:
    """Resolve `Query.deliveries`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    rows = await read_deliveries(info.context.graph, size=size + 1, after=last, action=action, state=state)
    return connect(rows, size, after, _delivery, lambda stored: encode_cursor(_NOUN, stored.id))


async def replay(
    info: Info,
    ids: Annotated[
        list[strawberry.ID] | None, strawberry.argument(description="Only these; at most 1,000.")
    ] = None,
    action: _Name = None,
) -> int:
    """Resolve `Mutation.replayDeliveries`."""
    if ids is None and action is None:
        raise InputError("Say which deliveries are meant: `ids`, or all of an `action`.")
    if ids is not None and len(ids) > MOST_REPLAYED:
        raise InputError(f"At most {MOST_REPLAYED:,} deliveries are replayed by one call.")
    return await replay_deliveries(
        info.context.graph, datetime.now(UTC), MOST_REPLAYED, action=action, ids=ids
    )


def _delivery(stored: StoredDelivery) -> Delivery:
    return Delivery(
        id=strawberry.ID(stored.id),
        action=stored.action,
        state=stored.state,
        profile_id=strawberry.ID(stored.profile_id),
        kind=stored.kind,
        change=stored.change,
        segment=stored.segment,
        at=stored.at,
        created_at=stored.created_at,
        attempts=stored.attempts,
        next_at=stored.next_at,
        finished_at=stored.finished_at,
        status=stored.status,
        error=stored.error,
    )
