"""Deciding in a page: the dry run of any act in a dialog, then exactly that, carried out."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.steward.asking import ask
from api.steward.forms import Form, one, optional, read_form
from api.steward.rendering import page
from graph.errors import InputError

router = APIRouter()

_DRY = "A dry run."
"""The reason of a dry run, which the API wants too; it is not kept."""
_NO_FIELDS = frozenset({"secret", "token", "reason"})

Variables = Mapping[str, Any]


def _judge(form: Form) -> Variables:
    """`left` and `right`: the keys of each pair, in turn; `verdict`: of each of them, or one of all."""
    lefts, rights = form.get("left", []), form.get("right", [])
    one(form, "verdict")
    verdicts = form["verdict"] * len(lefts) if len(form["verdict"]) == 1 else form["verdict"]
    if not lefts or not len(lefts) == len(rights) == len(verdicts):
        raise InputError("Choose a pair first.")
    pairs = zip(lefts, rights, verdicts, strict=True)
    return {
        "judgements": [{"left": left, "right": right, "verdict": verdict} for left, right, verdict in pairs]
    }


def _merge(form: Form) -> Variables:
    """`profile`: an id, twice or more."""
    return {"ids": form.get("profile", [])}


def _split(form: Form) -> Variables:
    """`id` of the profile; `part`: the key of each record that leaves, all together."""
    if not form.get("part"):
        raise InputError("Choose the records that leave first.")
    return {"id": one(form, "id"), "parts": [form["part"]]}


def _detach(form: Form) -> Variables:
    """`id` of the profile; `record`: key of the one that leaves."""
    return {"id": one(form, "id"), "recordKey": one(form, "record")}


def _lock(form: Form) -> Variables:
    """`id` of the profile; `expiresAt`: when the lock ends by itself, if it does."""
    return {"id": one(form, "id"), "expiresAt": optional(form, "expiresAt")}


def _of_id(form: Form) -> Variables:
    """`id` of the profile, or of the decision that is taken back."""
    return {"id": one(form, "id")}


def _pin(form: Form) -> Variables:
    """`id` of the profile, `attribute` in snake_case, `value` as somebody writes it."""
    return {"id": one(form, "id"), "attribute": one(form, "attribute"), "value": one(form, "value")}


def _unpin(form: Form) -> Variables:
    """`id` of the profile, `attribute` in snake_case."""
    return {"id": one(form, "id"), "attribute": one(form, "attribute")}


ACTS: Mapping[str, tuple[str, Callable[[Form], Variables]]] = MappingProxyType(
    {
        "judge": ("Judge", _judge),
        "merge": ("Merge these profiles", _merge),
        "split": ("Split off the chosen records", _split),
        "detach": ("Detach this record", _detach),
        "lock": ("Lock this profile: only stewards change it", _lock),
        "unlock": ("Unlock this profile: evidence may change it again", _of_id),
        "pin": ("Pin this value: it shows whatever the records say", _pin),
        "unpin": ("Unpin: the records say what shows again", _unpin),
        "undo": ("Undo this decision", _of_id),
    }
)
"""Act → its title and how its form becomes the variables of documents/decide_ACT.graphql."""


@router.post("/decisions/rehearse")
async def rehearse(request: Request) -> Response:
    """The dialog with all that an act would change; nothing is written."""
    form = await read_form(request)
    return await show_effect(request, form, _act(form)[0])


async def show_effect(request: Request, form: Form, title: str) -> Response:
    """The dialog of an act: its dry run, with the form to carry out exactly this."""
    result = await _decided(request, form, _DRY, None)
    fields = {name: values for name, values in form.items() if name not in _NO_FIELDS}
    return page(
        request,
        "parts/decision",
        title=title,
        result=result,
        changes=result["changes"],
        fields=fields,
    )


@router.post("/decisions/carry-out")
async def carry_out(request: Request) -> Response:
    """Do what the dry run with this token showed; or ask for approval; then the page that comes next."""
    form = await read_form(request)
    result = await _decided(request, form, one(form, "reason"), one(form, "token"))
    there = address_within(request, form.get("next", [""])[0])
    waits, done = result["awaiting"], result["decision"]
    told = f"asked={waits['id']}" if waits else f"done={done['id']}"
    return Response(headers={"hx-redirect": f"{there}{'&' if '?' in there else '?'}{told}"})


def _act(form: Form) -> tuple[str, Callable[[Form], Variables]]:
    act = ACTS.get(one(form, "act"))
    if act is None:
        raise InputError("There is no such act.")
    return act


async def _decided(request: Request, form: Form, reason: str, token: str | None) -> Mapping[str, Any]:
    _, variables = _act(form)
    answer = await ask(request, f"decide_{one(form, 'act')}", **variables(form), reason=reason, token=token)
    result: Mapping[str, Any] = answer["result"]
    return result


async def rehearsed(request: Request, act: str, variables: Variables) -> Mapping[str, Any]:
    """The dry run of an act with these variables of its document."""
    answer = await ask(request, f"decide_{act}", **variables, reason=_DRY, token=None)
    result: Mapping[str, Any] = answer["result"]
    return result


def address_within(request: Request, wanted: str) -> str:
    """Where to go afterwards: an address of the workbench, never of another site."""
    base = request.scope["root_path"]
    safe = wanted.startswith(f"{base}/") and "//" not in wanted
    return quote(wanted, safe="/?=&%+-._~:") if safe else f"{base}/"
