"""Two-person approval: decisions about much are kept until a second person says yes, and then do what was shown."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.approvals import Approval, answering, ask, read_approval
from graph.decisions import decision_id
from graph.errors import (
    AnsweredError,
    DecisionError,
    InputError,
    NotFoundError,
    OwnDecisionError,
    StaleDecisionError,
    UnresolvedError,
)
from graph.exposures import read_exposures
from graph.transactions import Graph, Row
from graph.vocabulary import ApprovalState
from resolution.decisions import Follow, Order, Prepared, confirmed, prepare, write
from resolution.settings import ResolutionSettings
from resolution.stewardship import StewardshipSettings
from resolution.written_acts import read, written


@dataclass(frozen=True, slots=True)
class Need:
    """Why a decision needs a second person: the profiles that it changes are exposed above the limit."""

    exposure: float
    limit: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A second person's word on a decision; `author` is the id of an API key."""

    author: str
    reason: str


async def approval_needed(graph: Graph, settings: StewardshipSettings, prepared: Prepared) -> Need | None:
    """Why a decision needs a second person; None when it does not, or no limit is set."""
    limit = settings.approval_exposure
    if limit is None:
        return None
    exposures = await read_exposures(graph, prepared.decision.profile_ids)
    exposure = sum(one.cost(settings.costs) for one in exposures.values())
    return Need(exposure, limit) if exposure > limit else None


async def ask_for(graph: Graph, order: Order, prepared: Prepared, need: Need) -> Approval:
    """Keep what was prepared until somebody else approves it; nothing is done yet."""
    at, decision = datetime.now(UTC), prepared.decision
    waiting = Approval(
        id=decision_id(at),
        kind=decision.kind,
        act=written(decision.kind, order.act),
        token=prepared.preview.token,
        author=order.author,
        reason=order.reason,
        asked_at=at,
        exposure=need.exposure,
        limit=need.limit,
        profile_ids=decision.profile_ids,
        moved=decision.moved,
    )
    return await ask(graph, waiting)


async def approve(
    graph: Graph, settings: ResolutionSettings, approval_id: str, answer: Answer, follow: Follow
) -> tuple[Prepared, list[Row]]:
    """Carry out exactly what the author was shown, as `carry_out`; who asked stays its author.

    Raises NotFoundError, OwnDecisionError, AnsweredError; StaleDecisionError when the graph has moved on, after which
    the approval waits no more; UnresolvedError and LeaseError, after which it still waits.
    """
    approval = await waiting_approval(graph, approval_id)
    if approval.author == answer.author:
        raise OwnDecisionError("Who asked for a decision cannot approve it: somebody else has to.")
    given = _answered(approval, ApprovalState.APPROVED, answer)
    try:
        async with confirmed(graph, settings, _order(approval, answer.author), approval.token) as prepared:
            await waiting_approval(graph, approval_id)  # again, now that nobody else decides
            done = replace(given, decision_id=prepared.decision.id)
            return prepared, await write(graph, prepared, follow, list(answering(done)))
    except (UnresolvedError, AnsweredError):
        raise
    except (DecisionError, NotFoundError, InputError) as error:
        await _close(graph, replace(given, state=ApprovalState.STALE))
        raise StaleDecisionError(
            f"This can no longer be done as it was shown to its author, who may ask again. {error}"
        ) from error


async def decline(graph: Graph, approval_id: str, answer: Answer) -> Approval:
    """Refuse what waits; its author may take it back in the same way. Raises NotFoundError, AnsweredError."""
    declined = _answered(await waiting_approval(graph, approval_id), ApprovalState.DECLINED, answer)
    await _close(graph, declined)
    return declined


async def _close(graph: Graph, answered: Approval) -> None:
    """Write what became of an approval; raises AnsweredError when somebody was quicker."""
    [rows] = await graph.write_all([*answering(answered)])
    if not rows:
        await waiting_approval(graph, answered.id)


async def waiting_approval(graph: Graph, approval_id: str) -> Approval:
    """The approval that waits; raises NotFoundError, AnsweredError."""
    found = await read_approval(graph, approval_id)
    if found is None:
        raise NotFoundError("There is no approval with this id.")
    if found.state is not ApprovalState.WAITING:
        told = f"{found.answered_by} at {found.answered_at:%Y-%m-%d %H:%M} UTC"
        raise AnsweredError(f"This waits no more: it is {found.state.value}, answered by {told}.")
    return found


async def shown_again(graph: Graph, settings: ResolutionSettings, approval: Approval) -> Prepared:
    """What a waiting approval does, worked out anew; raises StaleDecisionError when that is no longer what its author
    was shown, and whatever `prepare` raises."""
    prepared = await prepare(graph, settings, _order(approval))
    if prepared.preview.token != approval.token:
        raise StaleDecisionError(
            "The graph has changed since this was asked for: what would happen now is not what its author was shown."
        )
    return prepared


def _order(approval: Approval, approved_by: str | None = None) -> Order:
    return Order(read(approval.act), approval.author, approval.reason, approved_by)


def _answered(approval: Approval, state: ApprovalState, answer: Answer) -> Approval:
    return replace(
        approval,
        state=state,
        answered_by=answer.author,
        answer=answer.reason,
        answered_at=datetime.now(UTC),
    )
