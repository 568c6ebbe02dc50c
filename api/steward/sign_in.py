"""Signing in and out: an API key or a provider's token becomes a session."""

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.steward.forms import one, read_form
from api.steward.guard import admit, signed_in
from api.steward.rendering import page
from api.steward.session import Seal, forget, keep
from graph.errors import OnefoldError, PermissionDeniedError

router = APIRouter()

_WISH = "onefold_steward_wish"
_WISH_SECONDS = 600


@router.get("/sign-in")
async def ask_who(request: Request) -> Response:
    """The page that asks who you are."""
    return page(request, "sign_in", problem=None)


@router.post("/sign-in")
async def begin(request: Request) -> Response:
    """Begin a session, and go where somebody wanted to go."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise PermissionDeniedError("Sign in from this page only.")
    seal: Seal = request.app.state.seal
    base = request.scope["root_path"]
    try:
        credential = one(await read_form(request), "key").removeprefix("Bearer ")
        await signed_in(request, credential)
    except OnefoldError as error:
        denied = isinstance(error, PermissionDeniedError)
        problem = str(error) if denied else "This key is not known here, or is no longer good."
        status = HTTPStatus.FORBIDDEN if denied else HTTPStatus.UNAUTHORIZED
        return page(request, "sign_in", status, problem=problem)
    wish = request.cookies.get(_WISH, "")
    there = wish if wish.startswith(f"{base}/") and "//" not in wish and "\\" not in wish else f"{base}/"
    response = RedirectResponse(there, HTTPStatus.SEE_OTHER)
    response.delete_cookie(_WISH, path=base or "/")
    return keep(
        response, request, seal.close(seal.begin(credential)), request.app.state.settings.steward_seconds
    )


@router.post("/sign-out", dependencies=[Depends(admit)])
async def end(request: Request) -> Response:
    """End the session in this browser."""
    return forget(RedirectResponse(f"{request.scope['root_path']}/sign-in", HTTPStatus.SEE_OTHER), request)


def remember_wish(response: Response, request: Request, address: str) -> None:
    """Keep where somebody wanted to go while they sign in."""
    path = request.scope["root_path"] or "/"
    response.set_cookie(_WISH, address, max_age=_WISH_SECONDS, path=path, httponly=True, samesite="lax")
