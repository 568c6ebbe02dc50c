"""Approvals: decisions above a limit of exposure, which wait until a second person answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, LiteralString

from graph.transactions import Graph, Statement
from graph.vocabulary import ApprovalState, DecisionKind

_FIRST, _LAST = "", "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A decision that waits for, or had, the word of a second person.

    `act` is what its author wants to do, as text; `token` stands for exactly what that showed. `exposure` of the
    profiles that it changes was above `limit`. `answer` is the reason of who approved or declined; `decision_id` is
    the decision that it became. Instants are UTC.
    """

    id: str
    kind: DecisionKind
    act: str
    token: str
    author: str
    reason: str
    asked_at: datetime
    exposure: float
    limit: float
    profile_ids: tuple[str, ...] = ()
    moved: int = 0
    state: ApprovalState = ApprovalState.WAITING
    answered_by: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    decision_id: str | None = None


_ASK: LiteralString = """
MERGE (a:Approval {waiting: $row.token})
ON CREATE SET a += $row
RETURN a {.*} AS approval
"""


async def ask(graph: Graph, approval: Approval) -> Approval:
    """Keep an approval that waits; the one that waits already for exactly the same is answered instead."""
    [row] = await graph.write(_ASK, row=_row(approval))
    return _approval(row["approval"])


_ANSWER: LiteralString = """
MATCH (a:Approval {id: $row.id}) WHERE a.state = 'waiting'
SET a += $row REMOVE a.waiting
RETURN a {.*} AS approval
"""


def answering(approval: Approval) -> Iterator[Statement]:
    """The statement that writes what became of a waiting approval; it answers no row when it waits no more."""
    yield Statement(_ANSWER, {"row": _row(approval)})


def _row(approval: Approval) -> dict[str, Any]:
    return {
        **asdict(approval),
        "kind": approval.kind.value,
        "state": approval.state.value,
        "profile_ids": list(approval.profile_ids),
    }


_READ: LiteralString = "MATCH (a:Approval {id: $id}) RETURN a {.*} AS approval"


async def read_approval(graph: Graph, approval_id: str) -> Approval | None:
    """The approval with this id."""
    rows = await graph.read(_READ, id=approval_id)
    return _approval(rows[0]["approval"]) if rows else None


_PAGE: LiteralString = """
MATCH (a:Approval) WHERE a.id > $after AND a.id < $before
RETURN a {.*} AS approval ORDER BY a.id DESC LIMIT $size
"""
_PAGE_IN: LiteralString = """
MATCH (a:Approval) WHERE a.state = $state AND a.id > $after AND a.id < $before
RETURN a {.*} AS approval ORDER BY a.state DESC, a.id DESC LIMIT $size
"""


async def read_approvals(
    graph: Graph, state: ApprovalState | None, *, size: int, before: str = ""
) -> list[Approval]:
    """One page, newest first, those before the id `before`; all, or those in one state."""
    query = _PAGE if state is None else _PAGE_IN
    rows = await graph.read(query, state=state, after=_FIRST, before=before or _LAST, size=size)
    return [_approval(row["approval"]) for row in rows]


_WAITING: LiteralString = """
MATCH (a:Approval) WHERE a.state = 'waiting' AND a.id IS NOT NULL WITH a LIMIT 1000 RETURN count(a) AS waiting
"""


async def count_waiting(graph: Graph) -> int:
    """How many approvals wait, at most 1,000."""
    return (await graph.read(_WAITING))[0]["waiting"]


_FIELDS = frozenset(field.name for field in fields(Approval))


def _approval(properties: Mapping[str, Any]) -> Approval:
    known = {name: value for name, value in properties.items() if name in _FIELDS}
    ids: Sequence[str] = known.pop("profile_ids", ())
    return Approval(
        kind=DecisionKind(known.pop("kind")),
        state=ApprovalState(known.pop("state")),
        profile_ids=tuple(ids),
        **known,
    )
