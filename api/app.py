"""Makes the web application: GraphQL, REST, health and, in development, the explorer."""

from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.routing import WebSocketRoute
from starlette.staticfiles import StaticFiles

from api import change_feed, health, rest
from api.callers import Callers
from api.change_feed import Waiting
from api.configuration import read_configuration
from api.context import Context, Services
from api.events import add_events
from api.execution import Executor, read_request
from api.keys import Keyring
from api.limits import Limits
from api.live import Live
from api.measures import Measured, Measures
from api.origins import Origins
from api.requests import answer_errors, authorise, json_response, read_body
from api.schema import build_schema
from api.settings import ApiSettings
from api.steward.app import create_workbench
from graph.transactions import Graph
from loaders.event_door import EventDoor
from loaders.journal import Journal
from loaders.suppressions import Suppressions

_EXPLORER = Path(__file__).parent / "explorer"
_EXPLORER_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "frame-ancestors 'none'"
)


def create_app(
    settings: ApiSettings,
    graph: Graph,
    journal: Journal | None = None,
    suppressions: Suppressions | None = None,
) -> FastAPI:
    """The application on an open graph; events are taken where there is a journal.

    Who closes the graph, the journal and the list of suppressed identifiers is whoever opened them.
    """
    app = FastAPI(
        title="Onefold",
        version=version("onefold"),
        summary="One person, one profile.",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(authorise)],
    )
    app.state.graph = graph
    app.state.journal = journal
    configuration = read_configuration(settings.config_file)
    limits = app.state.limits = Limits(settings)
    app.state.services = replace(Services.of(graph, configuration, journal), limits=limits)
    app.state.keyring = Keyring(graph, settings.key_seconds)
    app.state.callers = Callers(app.state.keyring, configuration.oidc, settings.key_seconds)
    app.state.settings = settings
    app.state.measures = Measures()
    app.state.executor = Executor(build_schema(), settings)
    answer_errors(app)
    app.include_router(rest.router)
    app.include_router(rest.scoring)
    app.include_router(change_feed.router)
    app.include_router(health.router)
    if journal is not None:
        door = EventDoor(journal, suppressions or Suppressions(), graph.salt)
        add_events(app, door, settings.event_bytes)
    _add_graphql(app, settings)
    workbench = app.state.workbench = create_workbench(
        settings, app.state.services, app.state.executor, app.state.callers
    )
    app.mount("/steward", workbench, name="workbench")
    if settings.development:
        _add_explorer(app)
    if settings.allowed_origins:
        app.add_middleware(Origins, allowed=settings.allowed_origins)
    app.add_middleware(Measured, measures=app.state.measures)
    return app


def _add_graphql(app: FastAPI, settings: ApiSettings) -> None:
    executor: Executor = app.state.executor
    services: Services = app.state.services
    app.state.waiting = Waiting(services.feed, services.graph, settings.waiting_clients)
    live = Live(services, executor, app.state.callers.viewer, settings)
    app.router.routes.append(WebSocketRoute("/graphql", live.serve))

    @app.post("/graphql", summary="GraphQL", tags=["graphql"], response_class=Response)
    async def graphql(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        """Execute one GraphQL operation: `{"query", "variables", "operationName"}`."""
        asked = read_request(await read_body(request, settings.body_bytes))
        status, answer = await executor.answer(asked, Context(services, request.state.viewer))
        return json_response(answer, status)


def _add_explorer(app: FastAPI) -> None:
    @app.get("/graphql", include_in_schema=False)
    async def explorer() -> Response:  # pyright: ignore[reportUnusedFunction] - a route
        headers = {"content-security-policy": _EXPLORER_POLICY}
        return FileResponse(_EXPLORER / "index.html", status_code=HTTPStatus.OK, headers=headers)

    app.mount("/explorer", StaticFiles(directory=_EXPLORER), name="explorer")
