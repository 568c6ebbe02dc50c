"""Putting profiles together, or a record from one to another: whom to choose, and the two side by side."""

from fastapi import APIRouter, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.comparing import compared
from api.steward.deciding import show_effect
from api.steward.forms import one, optional, read_form
from api.steward.rendering import page

router = APIRouter(prefix="/people/{profile_id}")

_MOST_RECORDS = 25


@router.get("/merge")
async def choose(request: Request, profile_id: str) -> Response:
    """The dialog that asks whom to merge with."""
    return page(request, "parts/merge", profile_id=profile_id)


# By POST, so that what names somebody is in no address.
@router.post("/merge")
async def hits(request: Request, profile_id: str) -> Response:
    """Whom the text of the dialog can mean, as it is typed."""
    text = optional(await read_form(request), "text")
    found = (await ask(request, "others", text=text))["search"] if text else []
    others = [hit for hit in found if hit["profile"]["id"] != profile_id]
    return page(request, "parts/merge_hits", profile_id=profile_id, text=text, hits=others)


@router.get("/compare/{other_id}")
async def compare(request: Request, profile_id: str, other_id: str) -> Response:
    """Two profiles side by side."""
    found = await ask(request, "compare", left=profile_id, right=other_id)
    left, right = found["left"], found["right"]
    if left is None or right is None:
        raise AnswerError("not_found", "There is no profile with one of these ids.")
    held = [
        {(one["kind"], str(one["value"])) for one in side["cluster"]["identifiers"]} for side in (left, right)
    ]
    return page(
        request,
        "compare",
        left=left,
        right=right,
        rows=compared(left, right),
        shared=sorted(held[0] & held[1]),
        most=_MOST_RECORDS,
        may=viewer_of(request).may,
    )


@router.post("/move")
async def move(request: Request, profile_id: str) -> Response:
    """The dialog of a record that goes to another profile: one with its founder; as in a split not with ours, who stay
    together."""
    form = await read_form(request)
    record, to = one(form, "record"), one(form, "to")
    found = await ask(request, "founders", **{"from": profile_id, "to": to})
    if found["from"] is None or found["to"] is None or found["from"]["id"] == found["to"]["id"]:
        raise AnswerError("input_unusable", "Choose another profile for this record.")
    ours = [other["key"] for other in found["from"]["cluster"]["records"] if other["key"] != record]
    theirs = [other["key"] for other in found["to"]["cluster"]["records"] if other["key"] != record]
    if not theirs:
        raise AnswerError("input_unusable", "The other profile has no records.")
    pairs = [(record, theirs[0], "SAME"), *((record, key, "DIFFERENT") for key in ours[:1])]
    pairs += [(ours[0], key, "SAME") for key in ours[1:]]
    left, right, verdicts = (list(column) for column in zip(*pairs, strict=True))
    fields = {
        "act": ["judge"],
        "left": left,
        "right": right,
        "verdict": verdicts,
        "next": form.get("next", []),
    }
    return await show_effect(request, fields, "Move this record to another profile")
