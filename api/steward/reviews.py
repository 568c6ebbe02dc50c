"""The queue of reviews: one pair after the other with the effect of each answer, several at once, assign and snooze."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.nodes import global_id
from api.steward.asking import AnswerError, ask
from api.steward.comparing import compared
from api.steward.deciding import address_within, rehearsed
from api.steward.forms import Form, one, read_form
from api.steward.pairs import names_of
from api.steward.rendering import page
from graph.errors import InputError
from graph.vocabulary import Verdict

router = APIRouter()

_FILTERS = ("kind", "whose", "source")
_WHOSE = {"": "everybody's", "mine": "mine", "snoozed": "snoozed"}
_MOST_DAYS = 366


@router.get("/reviews")
async def reviews(request: Request) -> Response:
    """The front of the queue, or what comes after a place in it; the first is open."""
    wanted = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    after = request.query_params.get("after")
    found = await ask(request, "reviews", after=after, where=_filter(wanted))
    chosen = {name: value for name, value in wanted.items() if value}
    edges = found["reviews"]["edges"]
    places = [after, *(edge["cursor"] for edge in edges)]
    return page(
        request,
        "reviews",
        edges=edges,
        more=found["reviews"]["pageInfo"]["hasNextPage"],
        counts=found["counts"],
        wanted=wanted,
        chosen=chosen,
        whose=_WHOSE,
        addresses=[_address(request, chosen, place) for place in places],
        **(await _opened(request, edges[0]["node"]) if edges else {"review": None}),
    )


def _filter(wanted: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "kinds": [wanted["kind"]] if wanted["kind"] else None,
        "assignedTo": "me" if wanted["whose"] == "mine" else None,
        "snoozed": wanted["whose"] == "snoozed",
        "source": wanted["source"] or None,
    }


def _address(request: Request, chosen: Mapping[str, str], after: str | None) -> str:
    """The queue from a place on."""
    query = urlencode({**chosen, **({"after": after} if after else {})})
    return f"{request.scope['root_path']}/reviews{f'?{query}' if query else ''}"


async def _opened(request: Request, review: Mapping[str, Any]) -> Mapping[str, Any]:
    """A review with its pair side by side and the waterfall."""
    left, right = review["left"], review["right"]
    ids = {"leftId": global_id("SourceRecord", left), "rightId": global_id("SourceRecord", right)}
    found = await ask(request, "pair", left=left, right=right, **ids)
    names = await names_of(request, (found["pair"]["left"]["profileId"], found["pair"]["right"]["profileId"]))
    rows = compared(found["left"], found["right"]) if found["left"] and found["right"] else ()
    return {**found, "review": review, "names": names, "rows": rows}


@router.get("/reviews/one")
async def review(request: Request, key: str, back: str) -> Response:
    """One review as a part; `back` is the queue's address from it on."""
    found = (await ask(request, "review", key=key))["review"]
    opened = await _opened(request, found) if found else {"review": None}
    return page(request, "parts/review", **opened, back=address_within(request, back))


@router.get("/reviews/effects")
async def effects(request: Request, left: str, right: str, back: str) -> Response:
    """What each answer would change, with the button that carries out exactly that."""
    shown = [
        (verdict, *await _effect(request, {"judgements": [_judgement(left, right, verdict)]}))
        for verdict in Verdict
    ]
    return page(
        request,
        "parts/review_effects",
        effects=shown,
        left=left,
        right=right,
        back=address_within(request, back),
    )


async def _effect(request: Request, variables: Mapping[str, Any]) -> tuple[Any, AnswerError | None]:
    """The dry run of a judgement, or why it cannot be made."""
    try:
        return await rehearsed(request, "judge", variables), None
    except AnswerError as error:
        return None, error


def _judgement(left: str, right: str, verdict: str) -> Mapping[str, str]:
    return {"left": left, "right": right, "verdict": verdict}


@router.post("/reviews/judge")
async def judge_several(request: Request) -> Response:
    """The dialog with all that one answer to the chosen pairs would change; nothing is written."""
    form = await read_form(request)
    verdict, pairs = one(form, "verdict"), _chosen(form)
    words = [_judgement(left, right, verdict) for left, right in pairs]
    result = await rehearsed(request, "judge", {"judgements": words})
    fields = {
        "act": ["judge"],
        "left": [left for left, _ in pairs],
        "right": [right for _, right in pairs],
        "verdict": [verdict],
        "next": [one(form, "next")],
    }
    title = f"Judge {len(pairs)} pairs {verdict.lower()}"
    return page(
        request, "parts/decision", title=title, result=result, changes=result["changes"], fields=fields
    )


@router.post("/reviews/assign")
async def assign(request: Request) -> Response:
    """Take the chosen reviews on, or give them back."""
    form = await read_form(request)
    to = "me" if one(form, "to") == "me" else None
    await ask(request, "reviews_assign", keys=_keys(form), to=to)
    return _onward(request, form)


@router.post("/reviews/snooze")
async def snooze(request: Request) -> Response:
    """Let the chosen reviews rest for some days; for none they come back."""
    form = await read_form(request)
    days = one(form, "days")
    if not days.isdecimal() or int(days) > _MOST_DAYS:
        raise InputError(f"Snooze for 0 to {_MOST_DAYS} days.")
    until = (datetime.now(UTC) + timedelta(days=int(days))).isoformat() if int(days) else None
    await ask(request, "reviews_snooze", keys=_keys(form), until=until)
    return _onward(request, form)


def _onward(request: Request, form: Form) -> Response:
    return Response(headers={"hx-redirect": address_within(request, one(form, "next"))})


def _chosen(form: Form) -> Sequence[tuple[str, str]]:
    """The pairs of the field `pair`, each a JSON list of both record keys."""
    try:
        pairs = [tuple(json.loads(text)) for text in form.get("pair", ())]
    except ValueError:
        pairs = []
    if not pairs or any(len(pair) != 2 or not all(isinstance(key, str) for key in pair) for pair in pairs):
        raise InputError("Choose reviews first: x chooses the open one.")
    return pairs


def _keys(form: Form) -> Sequence[str]:
    return [f"{left}|{right}" for left, right in _chosen(form)]
