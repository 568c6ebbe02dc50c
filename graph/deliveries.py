"""The outbox of actions: how far each has read the change feed, and what is to be sent, was sent, or never arrived."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, LiteralString

from graph.changes import Change, Position
from graph.transactions import Graph
from graph.vocabulary import ChangeKind, DeliveryState


@dataclass(frozen=True, slots=True)
class Delivery:
    """One change that an action tells of. It holds ids only: what is sent is read when it is sent.

    `attempts` were made; the next is due at `next_at`. `status` is the last HTTP status, `error` a word for why none
    came. `number` and `change` are of the feed.
    """

    id: str
    action: str
    state: DeliveryState
    profile_id: str
    kind: ChangeKind
    change: str
    segment: str | None
    cause: str
    related: tuple[str, ...]
    at: datetime
    number: int
    created_at: datetime
    attempts: int
    next_at: datetime | None
    finished_at: datetime | None = None
    status: int | None = None
    error: str | None = None


def delivery_of(action: str, change: Change, created_at: datetime) -> Delivery:
    """What an action has to tell of a change; the same change has the same id, however often it is read."""
    told = f"{action}\n{change.position.text()}"
    return Delivery(
        id="dlv_" + blake2b(told.encode(), digest_size=16).hexdigest(),
        action=action,
        state=DeliveryState.WAITING,
        profile_id=change.profile_id,
        kind=change.kind,
        change=change.change,
        segment=change.segment,
        cause=change.cause,
        related=change.related,
        at=change.at,
        number=change.number,
        created_at=created_at,
        attempts=0,
        next_at=created_at,
    )


_BEGIN: LiteralString = """
UNWIND $names AS name
MERGE (a:Action {name: name}) ON CREATE SET a.position = $position
RETURN a.name AS name, a.position AS position
"""


async def begin_actions(graph: Graph, names: Collection[str], position: Position) -> dict[str, Position]:
    """How far each action has read the feed; one that is new begins at `position`."""
    rows = await graph.write(_BEGIN, names=sorted(names), position=position.text())
    return {row["name"]: Position.of(row["position"]) for row in rows}


_KEEP: LiteralString = """
MATCH (a:Action {name: $name}) SET a.position = $position
WITH a UNWIND $rows AS row
MERGE (d:Delivery {id: row.id}) ON CREATE SET d = row
"""


async def keep_deliveries(
    graph: Graph, action: str, deliveries: Sequence[Delivery], position: Position
) -> None:
    """Put deliveries into the outbox and note how far the action has read, in one transaction; twice is once."""
    rows = [_row(one) for one in deliveries]
    await graph.write(_KEEP, name=action, position=position.text(), rows=rows)


def _row(one: Delivery) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Delivery.__slots__}
    return {**values, "state": one.state.value, "kind": one.kind.value, "related": list(one.related)}


_DUE: LiteralString = """
MATCH (d:Delivery) WHERE d.action = $action AND d.state = 'waiting' AND d.next_at <= $now
RETURN d {.*} AS delivery ORDER BY d.next_at LIMIT $limit
"""


async def read_due(graph: Graph, action: str, now: datetime, limit: int) -> list[Delivery]:
    """What an action has to send now, longest due first."""
    rows = await graph.read(_DUE, action=action, now=now, limit=limit)
    return [_delivery(row["delivery"]) for row in rows]


_NEXT: LiteralString = """
MATCH (d:Delivery) WHERE d.action = $action AND d.state = 'waiting' AND d.next_at IS NOT NULL
RETURN d.next_at AS next_at ORDER BY d.next_at LIMIT 1
"""


async def next_due(graph: Graph, action: str) -> datetime | None:
    """When an action has something to send next."""
    rows = await graph.read(_NEXT, action=action)
    return rows[0]["next_at"] if rows else None


_NOTE: LiteralString = """
UNWIND $rows AS row
MATCH (d:Delivery {id: row.id})
SET d.state = row.state, d.attempts = row.attempts, d.next_at = row.next_at, d.finished_at = row.finished_at,
  d.status = row.status, d.error = row.error
"""


async def note_outcomes(graph: Graph, deliveries: Sequence[Delivery]) -> None:
    """Write down what became of attempts."""
    await graph.write(_NOTE, rows=[_row(one) for one in deliveries])


_REPLAY: LiteralString = """
MATCH (d:Delivery) WHERE d.state = 'dead' AND ($action IS NULL OR d.action = $action) AND ($ids IS NULL OR d.id IN $ids)
WITH d ORDER BY d.id LIMIT $limit
SET d.state = 'waiting', d.attempts = 0, d.next_at = $now, d.finished_at = null, d.error = null
RETURN count(d) AS replayed
"""


async def replay_deliveries(
    graph: Graph, now: datetime, limit: int, *, action: str | None = None, ids: Collection[str] | None = None
) -> int:
    """Have dead deliveries sent again: all, those of an action, or those with some ids; answers how many."""
    chosen = None if ids is None else sorted(ids)
    rows = await graph.write(_REPLAY, now=now, limit=limit, action=action, ids=chosen)
    return rows[0]["replayed"]


_PAGE: LiteralString = """
MATCH (d:Delivery)
WHERE d.id > $after AND ($action IS NULL OR d.action = $action) AND ($state IS NULL OR d.state = $state)
RETURN d {.*} AS delivery ORDER BY d.id LIMIT $size
"""


async def read_deliveries(
    graph: Graph, *, size: int, after: str = "", action: str | None = None, state: DeliveryState | None = None
) -> list[Delivery]:
    """One page of the outbox, by id."""
    rows = await graph.read(_PAGE, size=size, after=after, action=action, state=state and state.value)
    return [_delivery(row["delivery"]) for row in rows]


def _delivery(properties: Mapping[str, Any]) -> Delivery:
    known: dict[str, Any] = {"segment": None, "next_at": None, **properties}
    known["state"], known["kind"] = DeliveryState(known["state"]), ChangeKind(known["kind"])
    known["related"] = tuple(known["related"])
    return Delivery(**known)


@dataclass(frozen=True, slots=True)
class ActionCounts:
    """How far an action has read the feed, and how many of its deliveries are in each state."""

    position: Position
    counts: Mapping[DeliveryState, int]


_COUNTS: LiteralString = """
MATCH (a:Action)
RETURN a.name AS name, a.position AS position,
  COUNT { MATCH (d:Delivery) WHERE d.action = a.name AND d.state = 'waiting' } AS waiting,
  COUNT { MATCH (d:Delivery) WHERE d.action = a.name AND d.state = 'delivered' } AS delivered,
  COUNT { MATCH (d:Delivery) WHERE d.action = a.name AND d.state = 'dead' } AS dead
"""


async def count_deliveries(graph: Graph) -> dict[str, ActionCounts]:
    """Every action that ever began, by name, those that are no longer defined too."""
    return {
        row["name"]: ActionCounts(
            Position.of(row["position"]), {state: row[state.value] for state in DeliveryState}
        )
        for row in await graph.read(_COUNTS)
    }


_PRUNE: LiteralString = """
MATCH (d:Delivery) WHERE d.state = 'delivered' AND d.finished_at < $before
WITH d LIMIT $limit DELETE d
RETURN count(*) AS gone
"""


async def prune_deliveries(graph: Graph, before: datetime, limit: int) -> int:
    """Forget at most `limit` deliveries that arrived before an instant; answers how many."""
    return (await graph.write(_PRUNE, before=before, limit=limit))[0]["gone"]
