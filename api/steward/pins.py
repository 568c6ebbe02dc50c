"""Pinning in a page: the dialog that asks for the value that a profile shall show."""

from fastapi import APIRouter, Request, Response

from api.steward.people import part_of
from api.steward.rendering import page

router = APIRouter(prefix="/people/{profile_id}/pins")


@router.get("")
async def choose(request: Request, profile_id: str, attribute: str) -> Response:
    """The dialog to pin an attribute: what it would change is shown before anything is written."""
    profile = await part_of(request, "person", profile_id)
    golden = next((entry for entry in profile["golden"] if entry["attribute"] == attribute), None)
    return page(request, "parts/pin", profile=profile, attribute=attribute, golden=golden)
