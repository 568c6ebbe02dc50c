"""Parts of a person's page on what it did: its sessions, newest first, and the touchpoints of each."""

from fastapi import APIRouter, Request, Response

from api.steward.moments import moment
from api.steward.people import part_of
from api.steward.rendering import page

router = APIRouter(prefix="/people/{profile_id}")


@router.get("/sessions")
async def sessions(request: Request, profile_id: str, after: str | None = None) -> Response:
    """A page of its sessions, as believed at a moment."""
    shown = moment(request)
    profile = await part_of(request, "person_sessions", profile_id, asOf=shown, after=after)
    return page(request, "parts/person_sessions", profile=profile, after=after, as_of=_typed(request))


@router.get("/touchpoints")
async def touchpoints(
    request: Request, profile_id: str, since: str, until: str, after: str | None = None
) -> Response:
    """A page of what happened between two instants, oldest first."""
    shown = moment(request)
    profile = await part_of(
        request, "person_touchpoints", profile_id, asOf=shown, since=since, until=until, after=after
    )
    return page(
        request,
        "parts/person_touchpoints",
        profile=profile,
        since=since,
        until=until,
        as_of=_typed(request),
    )


def _typed(request: Request) -> str:
    return request.query_params.get("asOf", "")
