"""Makes the workbench: an application of its own below /steward, closed to everybody who is not signed in."""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from api.callers import Callers
from api.context import Services
from api.execution import Executor
from api.settings import ApiSettings
from api.steward import (
    approvals,
    cluster_graphs,
    deciding,
    decisions,
    journeys,
    members,
    merging,
    pairs,
    people,
    pins,
    quality,
    reviews,
    search,
    sign_in,
)
from api.steward.asking import AnswerError, told
from api.steward.guard import admit
from api.steward.rendering import is_part, page
from api.steward.session import Seal
from graph.errors import OnefoldError, UnauthenticatedError

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGES = (
    search.router,
    cluster_graphs.router,
    reviews.router,
    people.router,
    members.router,
    journeys.router,
    merging.router,
    pins.router,
    deciding.router,
    decisions.router,
    approvals.router,
    quality.router,
    pairs.router,
)


def create_workbench(
    settings: ApiSettings, services: Services, executor: Executor, callers: Callers
) -> FastAPI:
    """The workbench on the services, the schema and the callers of the API."""
    app = FastAPI(title="Onefold workbench", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.services = services
    app.state.executor = executor
    app.state.callers = callers
    app.state.oidc = services.configuration.oidc
    app.state.limits = services.limits
    app.state.seal = Seal(services.graph.salt, settings.steward_seconds)
    app.state.assets = _version()
    app.include_router(sign_in.router)
    for router in _PAGES:
        app.include_router(router, dependencies=[Depends(admit)])
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    _answer_errors(app)
    app.middleware("http")(_under_policy)
    return app


def _version() -> str:
    """A digest of what pages load, so that a browser never keeps that of another version."""
    digest = blake2b(digest_size=6)
    for file in sorted(_STATIC.rglob("*.*")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


async def _under_policy(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every page is for itself: no script but ours, in no frame. Assets may be kept, their addresses name a version."""
    response = await answer(request)
    response.headers["content-security-policy"] = _POLICY
    if "/static/" in request.url.path:
        response.headers["cache-control"] = "private, max-age=86400"
    return response


def _answer_errors(app: FastAPI) -> None:
    async def unknown(request: Request, error: Exception) -> Response:
        return refused(request, error)

    for kind in (AnswerError, OnefoldError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, unknown)


def refused(request: Request, error: Exception) -> Response:
    """The page, or the part of one, that says what went wrong and what to do next."""
    if isinstance(error, UnauthenticatedError):
        return _to_sign_in(request)
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        answer = AnswerError("not_found", "There is no page at this address.")
    elif isinstance(error, AnswerError):
        answer = error
    elif isinstance(error, OnefoldError):
        answer = told(error)
    else:
        answer = AnswerError("input_unusable", "The address or the form does not fit this page.")
    return page(request, "parts/error" if is_part(request) else "error", answer.status, error=answer)


def _to_sign_in(request: Request) -> Response:
    base = request.scope["root_path"]
    if is_part(request):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"hx-redirect": f"{base}/sign-in"})
    wanted = request.url.path if request.method == "GET" else base
    query = f"?{request.url.query}" if request.url.query else ""
    response = RedirectResponse(f"{base}/sign-in", HTTPStatus.SEE_OTHER)
    sign_in.remember_wish(response, request, wanted + query)
    return response
