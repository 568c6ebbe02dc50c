"""REST for CRMs: look somebody up by any identifier, read a profile by id."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from api.check import check_description
from api.deadlines import ReadingRoute, ScoringRoute
from api.lookup import LARGEST_OF_EACH, MOST_IDENTIFIERS, look_up, look_up_all, misses
from api.requests import json_response, read_object
from api.resources import (
    CheckAsked,
    CheckBody,
    FoundProfileBody,
    IdentifierBody,
    LookupBody,
    LookupsAsked,
    LookupsBody,
    check_body,
    documented_errors,
    found_body,
    lookup_body,
)
from graph.errors import InputError, NotFoundError
from graph.identifiers import KINDS
from graph.profiles import read_profiles
from graph.vocabulary import Outcome

router = APIRouter(prefix="/v1", tags=["profiles"], route_class=ReadingRoute)
scoring = APIRouter(prefix="/v1", tags=["profiles"], route_class=ScoringRoute)


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


_IDENTIFIERS: dict[str, Any] = {
    "type": "array",
    "maxItems": MOST_IDENTIFIERS,
    "items": TypeAdapter(IdentifierBody).json_schema(),
}
_ATTRIBUTES: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}


def _takes(**properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


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


@router.post(
    "/lookup",
    summary="Who is behind each of many identifiers",
    description="Up to 1,000 identifiers of any kinds; one answer for each, in their order.",
    response_model=LookupsBody,
    responses=documented_errors("input_unusable", "body_too_large", "lookup_budget_spent"),
    openapi_extra=_takes(identifiers=_IDENTIFIERS),
)
async def lookups(request: Request) -> Response:
    """Answer `POST /v1/lookup`."""
    viewer, limits = request.state.viewer, request.app.state.limits
    limits.allow_lookup(viewer)
    asked = await read_object(request, TypeAdapter(LookupsAsked))
    wanted = [_identifier(one) for one in asked["identifiers"]]
    found = await look_up_all(request.app.state.graph, wanted, limit=LARGEST_OF_EACH)
    limits.count_misses(viewer, misses(found))
    return json_response({"answers": [lookup_body(one, viewer) for one in found]})


@scoring.post(
    "/check",
    summary="Whether somebody is known already",
    description="What is known of somebody, before a record is inserted. Nothing is written.",
    response_model=CheckBody,
    responses=documented_errors("input_unusable", "body_too_large", "lookup_budget_spent"),
    openapi_extra=_takes(attributes=_ATTRIBUTES, identifiers=_IDENTIFIERS),
)
async def check(request: Request) -> Response:
    """Answer `POST /v1/check`."""
    viewer, limits = request.state.viewer, request.app.state.limits
    limits.allow_lookup(viewer)
    asked = await read_object(request, TypeAdapter(CheckAsked))
    identifiers = [_identifier(one) for one in asked.get("identifiers", ())]
    said, found = await check_description(request.app.state.graph, asked.get("attributes", {}), identifiers)
    limits.count_misses(viewer, found.outcome is Outcome.NO_MATCH)
    return json_response(check_body(said, found))


def _identifier(said: IdentifierBody) -> tuple[str, str, str | None]:
    return said["kind"], said["value"], said.get("country")


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
