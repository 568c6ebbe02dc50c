"""REST for CRMs: look somebody up by any identifier, read a profile by id."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.deadlines import ReadingRoute
from api.lookup import look_up
from api.requests import json_response
from api.resources import FoundProfileBody, LookupBody, documented_errors, found_body, lookup_body
from graph.errors import InputError, NotFoundError
from graph.identifiers import KINDS
from graph.profiles import read_profiles
from graph.vocabulary import Outcome

router = APIRouter(prefix="/v1", tags=["profiles"], route_class=ReadingRoute)


_PARAMETERS: list[dict[str, Any]] = [
    {"name": kind.name, "in": "query", "description": kind.description, "schema": {"type": "string"}}
    for kind in KINDS.values()
] + [
    {
        "name": "country",
        "in": "query",
        "description": "ISO 3166 code: where a national phone number is read.",
        "schema": {"type": "string"},
    }
]


@router.get(
    "/lookup",
    summary="Who is behind an identifier",
    description="Exactly one identifier, of any kind, as `?KIND=VALUE`; the answer says how sure it is.",
    response_model=LookupBody,
    responses=documented_errors("input_unusable", "lookup_budget_spent"),
    openapi_extra={"parameters": _PARAMETERS},
)
async def lookup(request: Request) -> Response:
    """Answer `GET /v1/lookup?email=…`."""
    given = dict(request.query_params)
    country = given.pop("country", None)
    if len(given) != 1 or len(request.query_params.multi_items()) != len(request.query_params):
        raise InputError("Name exactly one identifier, such as ?email=… or ?phone=….")
    ((kind, value),) = given.items()
    viewer, limits = request.state.viewer, request.app.state.limits
    limits.allow_lookup(viewer)
    answer = await look_up(request.app.state.graph, kind, value, country)
    limits.count_misses(viewer, answer.outcome is Outcome.NO_MATCH)
    return json_response(lookup_body(answer, viewer))


@router.get(
    "/profiles/{profile_id}",
    summary="A profile by id",
    description="An id that was merged away answers the profile that took over, with `redirected_from`.",
    response_model=FoundProfileBody,
    responses=documented_errors("not_found"),
    openapi_extra={
        "parameters": [{"name": "profile_id", "in": "path", "required": True, "schema": {"type": "string"}}]
    },
)
async def profile(request: Request) -> Response:
    """Answer `GET /v1/profiles/{id}`."""
    profile_id = str(request.path_params["profile_id"])
    found = (await read_profiles(request.app.state.graph, [profile_id])).get(profile_id)
    if found is None:
        raise NotFoundError("There is no profile with this id.")
    return json_response(found_body(found, profile_id, request.state.viewer))
