"""Signing in and out: an API key, or a provider that knows you, becomes a session."""

from dataclasses import astuple
from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.callers import Callers
from api.oidc import OidcSettings
from api.steward.forms import one, read_form
from api.steward.guard import admit, holder
from api.steward.provider import Attempt
from api.steward.rendering import page
from api.steward.session import Seal, Session, forget, keep
from graph.errors import NotFoundError, OnefoldError, PermissionDeniedError, UnauthenticatedError

router = APIRouter()

_WISH = "onefold_steward_wish"
_ATTEMPT = "onefold_steward_attempt"
_WISH_SECONDS = 600


@router.get("/sign-in")
async def ask_who(request: Request) -> Response:
    """The page that asks who you are."""
    return _asked(request)


@router.post("/sign-in")
async def begin(request: Request) -> Response:
    """Begin a session, and go where somebody wanted to go."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise PermissionDeniedError("Sign in from this page only.")
    seal: Seal = request.app.state.seal
    try:
        credential = one(await read_form(request), "key").removeprefix("Bearer ")
        await holder(request, credential)
    except OnefoldError as error:
        denied = isinstance(error, PermissionDeniedError)
        return _asked(request, str(error) if denied else "This key is not known here, or is no longer good.")
    return _entered(request, seal.of_key(credential))


@router.get("/sign-in/provider")
async def go_to_provider(request: Request) -> Response:
    """Go to the provider that knows who you are."""
    oidc = _provider_settings(request)
    back = request.url.replace(path=f"{request.scope['root_path']}/sign-in/back", query="")
    attempt = Attempt.new(str(back))
    response = RedirectResponse(await attempt.address(oidc), HTTPStatus.SEE_OTHER)
    seal: Seal = request.app.state.seal
    path = request.scope["root_path"] or "/"
    text = seal.lock(astuple(attempt))
    response.set_cookie(_ATTEMPT, text, max_age=_WISH_SECONDS, path=path, httponly=True, samesite="lax")
    return response


@router.get("/sign-in/back")
async def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """What the provider answers: begin a session, or say why not."""
    seal: Seal = request.app.state.seal
    callers: Callers = request.app.state.callers
    try:
        attempt = Attempt(*seal.unlock(request.cookies.get(_ATTEMPT, "")))
        token = await attempt.token(_provider_settings(request), code, state)
        viewer = await callers.of_id_token(token, attempt.nonce)
    except (ValueError, TypeError, UnauthenticatedError):
        return _asked(request, "The provider did not sign you in, or it took too long: try again.")
    except PermissionDeniedError as error:
        return _asked(request, str(error))
    response = _entered(request, seal.of_viewer(viewer))
    response.delete_cookie(_ATTEMPT, path=request.scope["root_path"] or "/")
    return response


def _provider_settings(request: Request) -> OidcSettings:
    oidc: OidcSettings | None = request.app.state.oidc
    if oidc is None or oidc.client_id is None:
        raise NotFoundError("No provider is configured for signing in: see [oidc] in docs/settings.md.")
    return oidc


def _asked(request: Request, problem: str | None = None) -> Response:
    oidc: OidcSettings | None = request.app.state.oidc
    status = HTTPStatus.UNAUTHORIZED if problem else HTTPStatus.OK
    return page(request, "sign_in", status, problem=problem, provider=bool(oidc and oidc.client_id))


def _entered(request: Request, session: Session) -> Response:
    """The page that was wanted, with the session's cookie."""
    seal: Seal = request.app.state.seal
    base = request.scope["root_path"]
    wish = request.cookies.get(_WISH, "")
    there = wish if wish.startswith(f"{base}/") and "//" not in wish and "\\" not in wish else f"{base}/"
    response = RedirectResponse(there, HTTPStatus.SEE_OTHER)
    response.delete_cookie(_WISH, path=base or "/")
    return keep(response, request, seal.close(session), request.app.state.settings.steward_seconds)


@router.post("/sign-out", dependencies=[Depends(admit)])
async def end(request: Request) -> Response:
    """End the session in this browser."""
    return forget(RedirectResponse(f"{request.scope['root_path']}/sign-in", HTTPStatus.SEE_OTHER), request)


def remember_wish(response: Response, request: Request, address: str) -> None:
    """Keep where somebody wanted to go while they sign in."""
    path = request.scope["root_path"] or "/"
    response.set_cookie(_WISH, address, max_age=_WISH_SECONDS, path=path, httponly=True, samesite="lax")
