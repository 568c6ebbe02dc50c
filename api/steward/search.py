"""The first page and the box in every header: who is meant by what is typed."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.steward.asking import ask
from api.steward.forms import optional, read_form
from api.steward.rendering import page

router = APIRouter()

_AS_TYPED = 8
_ON_PAGE = 50


@router.get("/")
async def search(request: Request) -> Response:
    """Find somebody."""
    return page(request, "search", text="", hits=None)


# By POST, so that what names somebody is in no address: addresses are kept by browsers and proxies.
@router.post("/search")
async def found(request: Request) -> Response:
    """Everybody that the text can mean; when it is an id or identifier of one profile, that profile."""
    text = optional(await read_form(request), "text") or ""
    hits = (await ask(request, "search", text=text, first=_ON_PAGE))["search"]
    if len(hits) == 1 and hits[0]["outcome"] == "MATCH" and hits[0]["probability"] is None:
        return RedirectResponse(f"{request.scope['root_path']}/people/{hits[0]['profile']['id']}", 303)
    return page(request, "search", text=text, hits=hits)


@router.post("/search/as-typed")
async def as_typed(request: Request) -> Response:
    """The few best hits, for the list below the box."""
    text = optional(await read_form(request), "text") or ""
    hits = (await ask(request, "search", text=text, first=_AS_TYPED))["search"] if text else []
    return page(request, "parts/finder_hits", text=text, hits=hits)
