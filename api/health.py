"""Whether the service lives and can answer, and its figures for Prometheus."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.errors import public_error
from api.requests import json_response
from graph.census import schema_version
from graph.errors import OnefoldError, SchemaError
from graph.schema import VERSION

router = APIRouter(tags=["operation"])


@router.get("/health/live", summary="The process runs")
async def live() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "live"}


@router.get(
    "/health/ready",
    summary="The graph can be asked",
    responses={int(HTTPStatus.SERVICE_UNAVAILABLE): {"description": "graph_unavailable, schema_mismatch"}},
)
async def ready(request: Request) -> Response:
    """Ask the graph for its schema version; 503 with a code when it does not answer or does not fit."""
    try:
        found = await schema_version(request.app.state.graph)
        if found != VERSION:
            raise SchemaError("The graph has another schema version.")
    except OnefoldError as error:
        return json_response({"status": public_error(error).code}, HTTPStatus.SERVICE_UNAVAILABLE)
    return json_response({"status": "ready", "schema_version": found})


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Counts and times of requests by route, what became of events, and whether the graph answers."""
    state = request.app.state
    await state.measures.look(state.graph, state.journal)
    return Response(generate_latest(state.measures.registry), media_type=CONTENT_TYPE_LATEST)
