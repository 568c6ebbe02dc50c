"""Parts of a person's page on what it is made of: its records side by side, why each is there, its identifiers."""

from fastapi import APIRouter, Request, Response

from api.steward.asking import ask, viewer_of
from api.steward.comparing import against_golden
from api.steward.moments import moment
from api.steward.pairs import names_of
from api.steward.people import part_of
from api.steward.rendering import page

router = APIRouter(prefix="/people/{profile_id}")

_COLUMNS = 6
"""So many records stand side by side; more of them stand below each other."""
_PAGE = 50
_OTHERS = 5


@router.get("/records")
async def records(request: Request, profile_id: str, start: int = 0) -> Response:
    """The records against the golden values, as believed at a moment."""
    shown = moment(request)
    profile = await part_of(request, "person_records", profile_id, asOf=shown)
    everything = profile["cluster"]["records"]
    start = max(start, 0)
    some = everything[start : start + _PAGE]
    golden = {one["attribute"]: one["value"] for one in profile["golden"]}
    return page(
        request,
        "parts/person_records",
        profile=profile,
        records=some,
        rows=against_golden(some, golden),
        sideways=len(everything) <= _COLUMNS,
        total=len(everything),
        start=start,
        size=_PAGE,
        shown=shown,
        may=viewer_of(request).may,
    )


@router.get("/records/why")
async def why_here(request: Request, profile_id: str, record: str) -> Response:
    """Why a record is in the profile, and what would have to be wrong for it to leave."""
    found = await ask(request, "why_here", record=record)
    return page(
        request, "parts/why_here", key=record, profile_id=profile_id, **found, may=viewer_of(request).may
    )


@router.get("/identifiers")
async def identifiers(request: Request, profile_id: str) -> Response:
    """Identifiers with their state and why, and who else holds them."""
    shown = moment(request)
    profile = await part_of(request, "person_identifiers", profile_id, asOf=shown)
    found = profile["cluster"]["identifiers"]
    others = {one["key"]: [other for other in one["profileIds"] if other != profile["id"]] for one in found}
    names = await names_of(request, tuple(other for one in others.values() for other in one[:_OTHERS]))
    return page(
        request,
        "parts/person_identifiers",
        identifiers=found,
        others=others,
        names=names,
        most=_OTHERS,
        size=_PAGE,
        shown=shown,
    )
