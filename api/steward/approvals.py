"""Pages of approvals: what waits for a second person, its effect as it would be now, and the word of yes or no."""

from fastapi import APIRouter, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.forms import one, read_form
from api.steward.rendering import page
from graph.vocabulary import ApprovalState

router = APIRouter(prefix="/approvals")


@router.get("")
async def approvals(request: Request) -> Response:
    """What waited or waits, newest first, by state."""
    state, after = request.query_params.get("state") or None, request.query_params.get("after")
    found = (await ask(request, "approvals", state=state, after=after))["approvals"]
    states = [one.name for one in ApprovalState]
    return page(request, "approvals", found=found, state=state, states=states)


@router.get("/waiting")
async def waiting(request: Request) -> Response:
    """The mark in the header: how many wait."""
    count = (await ask(request, "approvals_waiting"))["approvalsWaiting"]
    return page(request, "parts/waiting", count=count)


@router.get("/{approval_id}")
async def approval(request: Request, approval_id: str) -> Response:
    """One approval: who asks and why, what hangs on it, and all that would change."""
    found = (await ask(request, "approval", id=approval_id))["approval"]
    if found is None:
        raise AnswerError("not_found", "There is no approval with this id.")
    changes, problem = None, None
    if found["state"] == ApprovalState.WAITING.name:
        try:
            changes = (await ask(request, "approval_effect", id=approval_id))["approval"]["changes"]
        except AnswerError as error:
            problem = error
    is_own = found["author"] == viewer_of(request).key_id
    return page(request, "approval", approval=found, changes=changes, problem=problem, is_own=is_own)


@router.post("/{approval_id}/approve")
async def approve(request: Request, approval_id: str) -> Response:
    """Carry out what somebody else decided; then its page."""
    reason = one(await read_form(request), "reason")
    result = (await ask(request, "approve", id=approval_id, reason=reason))["result"]
    return _to(request, f"decisions/{result['decision']['id']}")


@router.post("/{approval_id}/decline")
async def decline(request: Request, approval_id: str) -> Response:
    """Refuse it, or take it back; then its page."""
    await ask(request, "decline", id=approval_id, reason=one(await read_form(request), "reason"))
    return _to(request, f"approvals/{approval_id}")


def _to(request: Request, address: str) -> Response:
    return Response(headers={"hx-redirect": f"{request.scope['root_path']}/{address}"})
