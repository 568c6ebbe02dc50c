"""The first page: who is meant."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.steward.rendering import page

router = APIRouter()


@router.get("/")
async def search(request: Request, q: str = "") -> Response:
    """Find somebody."""
    if q.strip():
        return RedirectResponse(f"{request.scope['root_path']}/people/{q.strip()}", 303)
    return page(request, "search")
