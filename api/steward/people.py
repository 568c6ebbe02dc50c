"""A person's page: at first who it is and what is shown of it; the rest comes as parts of their own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.moments import moment, slider
from api.steward.pairs import names_of
from api.steward.rendering import page

router = APIRouter(prefix="/people/{profile_id}")

_LOCK_DAYS = (1, 7, 30, 90)


@router.get("")
async def person(request: Request, profile_id: str, own: bool = False) -> Response:
    """Everything that is known of somebody; `own` is the profile under exactly this id, though merged away."""
    found = await ask(request, "person", id=profile_id, redirect=not own)
    profile = found["profile"]
    if profile is None:
        raise AnswerError("not_found", "There is no profile with this id.")
    shown = moment(request)
    heirs = await names_of(request, tuple(one["profileId"] for one in profile["heirs"]))
    return page(
        request,
        "person",
        profile=profile,
        seen=_seen(profile),
        heirs=heirs,
        pins={one["attribute"]: one for one in reversed(profile["pins"])},
        slider=slider(datetime.fromisoformat(profile["createdAt"]), shown),
        as_of=_typed(request, shown),
        lock_ends=_lock_ends(),
        may=viewer_of(request).may,
    )


@router.get("/history")
async def history(request: Request, profile_id: str, after: str | None = None) -> Response:
    """What happened to its identity, a page of it."""
    found = await part_of(request, "person_history", profile_id, after=after)
    entries = [edge["node"] for edge in found["history"]["edges"]]
    names = await names_of(request, tuple(one for entry in entries for one in entry["related"]))
    return page(
        request,
        "parts/person_history",
        profile=found,
        entries=entries,
        names=names,
        more=found["history"]["pageInfo"],
    )


@router.get("/segments")
async def segments(request: Request, profile_id: str) -> Response:
    """Segments, indicators and consents; the segments as believed at a moment."""
    shown = moment(request)
    found = await part_of(request, "person_segments", profile_id, asOf=shown)
    return page(request, "parts/person_segments", profile=found, shown=shown)


@router.get("/segments/why")
async def why_segment(request: Request, profile_id: str, segment: str) -> Response:
    """Why it is, or is not, in a segment."""
    found = await ask(request, "why_segment", segment=segment, id=profile_id)
    return page(request, "parts/why_segment", **found)


async def part_of(request: Request, name: str, profile_id: str, **variables: Any) -> Mapping[str, Any]:
    """The profile of a document for a part of the page; an instant among the variables is told as text."""
    told = {
        key: value.isoformat() if isinstance(value, datetime) else value for key, value in variables.items()
    }
    found = (await ask(request, name, id=profile_id, **told))["profile"]
    if found is None:
        raise AnswerError("not_found", "There is no profile with this id.")
    return found


def _seen(profile: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """When the first and the last touchpoint was."""
    ends = (profile[end]["edges"] for end in ("oldest", "newest"))
    first, last = (edges[0]["node"]["occurredAt"] if edges else None for edges in ends)
    return first, last


def _typed(request: Request, shown: datetime | None) -> str:
    return request.query_params.get("asOf", "") if shown else ""


def _lock_ends() -> list[tuple[str, int]]:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return [((now + timedelta(days=days)).isoformat(), days) for days in _LOCK_DAYS]
