"""Pinning in a page: the dialog that asks for the value that a profile shall show."""

from fastapi import APIRouter, Request, Response

from api.steward.people import part_of
from api.steward.rendering import page
from resolution.golden import PINNABLE

router = APIRouter(prefix="/people/{profile_id}/pins")


@router.get("")
async def choose(request: Request, profile_id: str, attribute: str = "") -> Response:
    """The dialog to pin an attribute, or one of which nothing is shown yet; what it would change comes next."""
    profile = await part_of(request, "person", profile_id)
    golden = next((entry for entry in profile["golden"] if entry["attribute"] == attribute), None)
    known = {entry["attribute"] for entry in profile["golden"]}
    unknown = [name for name in PINNABLE if name not in known]
    return page(request, "parts/pin", profile=profile, attribute=attribute, golden=golden, unknown=unknown)
