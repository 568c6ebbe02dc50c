"""The page of two records: what they say, what it weighs, and whether they are one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.nodes import global_id
from api.steward.asking import ask, viewer_of
from api.steward.comparing import compared
from api.steward.rendering import page
from graph.errors import InputError

router = APIRouter()


@router.get("/pairs")
async def pair(request: Request, left: str, right: str) -> Response:
    """Everything that speaks for and against two records being one."""
    ids = {"leftId": global_id("SourceRecord", left), "rightId": global_id("SourceRecord", right)}
    found = await ask(request, "pair", left=left, right=right, **ids)
    names = await names_of(request, (found["pair"]["left"]["profileId"], found["pair"]["right"]["profileId"]))
    deciding = viewer_of(request).may("Mutation.judge")
    rows = compared(found["left"], found["right"]) if found["left"] and found["right"] else ()
    return page(request, "pair", **found, rows=rows, names=names, deciding=deciding)


@router.get("/pairs/chosen")
async def chosen(request: Request) -> Response:
    """To the page of the two records that were chosen in a list."""
    keys = request.query_params.getlist("part")
    if len(keys) != 2:
        raise InputError("Choose two records to compare.")
    query = urlencode({"left": keys[0], "right": keys[1]})
    return Response(headers={"hx-redirect": f"{request.scope['root_path']}/pairs?{query}"})


@router.get("/pairs/waterfall")
async def waterfall(request: Request, left: str, right: str) -> Response:
    """The weights of a pair as a part, such as for the panel beside a cluster's picture."""
    return page(request, "parts/waterfall", **await ask(request, "pair_weights", left=left, right=right))


async def names_of(request: Request, ids: tuple[str | None, ...]) -> Mapping[str, Mapping[str, Any]]:
    """The profiles that ids are of, by id, with their names; ids of nobody are left out."""
    wanted = list(dict.fromkeys(one for one in ids if one))[:100]
    if not wanted:
        return {}
    return {one["id"]: one for one in (await ask(request, "names", ids=wanted))["profiles"]}
