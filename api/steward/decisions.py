"""Pages of decisions: the trail of who decided what, one of them in full, and what waits for a second person."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.rendering import page
from graph.vocabulary import DecisionKind

router = APIRouter()

_FILTERS = ("author", "kind", "since", "profile", "record")


@router.get("/decisions")
async def decisions(request: Request) -> Response:
    """The trail, newest first: all, or those of an author, a kind, a profile or record, from a day on."""
    wanted = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    found = await ask(
        request,
        "decisions",
        filter=_filter(wanted),
        profile=wanted["profile"] or None,
        record=wanted["record"] or None,
        after=request.query_params.get("after"),
    )
    chosen = {name: value for name, value in wanted.items() if value}
    return page(
        request,
        "decisions",
        found=found["decisions"],
        waiting=found["approvals"],
        wanted=wanted,
        chosen=chosen,
        kinds=[kind.name for kind in DecisionKind],
        query=urlencode(chosen),
    )


def _filter(wanted: Mapping[str, str]) -> Mapping[str, Any]:
    since = wanted["since"]
    return {
        "author": wanted["author"] or None,
        "kind": wanted["kind"] or None,
        "since": f"{since}T00:00:00Z" if since else None,
    }


@router.get("/decisions/{decision_id}")
async def decision(request: Request, decision_id: str) -> Response:
    """One decision: who, why, the profiles that it changed, its judgements, and a way to take it back."""
    found = (await ask(request, "decision", id=decision_id))["decision"]
    if found is None:
        raise AnswerError("not_found", "There is no decision with this id.")
    may_undo = viewer_of(request).may("Mutation.undoDecision")
    return page(request, "decision", decision=found, may_undo=may_undo)
