"""A person's page."""

from fastapi import APIRouter, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.rendering import page

router = APIRouter()


@router.get("/people/{profile_id}")
async def person(request: Request, profile_id: str) -> Response:
    """Everything that is known of somebody."""
    profile = (await ask(request, "person", id=profile_id))["profile"]
    if profile is None:
        raise AnswerError("not_found", "There is no profile with this id.")
    deciding = viewer_of(request).may("Mutation.splitProfile")
    return page(request, "person", profile=profile, deciding=deciding)
