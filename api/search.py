"""The search: who somebody is, given what is known of them, with probabilities and reasons."""

from typing import Annotated

import strawberry

from api.attributes import AttributesInput
from api.connections import First, page_size
from api.context import Info
from api.explanations import Reason, reason_list
from api.identifiers import IdentifierInput
from api.profiles import Profile, profile, survivor
from api.vocabulary import Outcome
from graph.errors import InputError
from graph.identifiers import clean_identifier
from graph.unusable import UnusableValueError
from resolution.search import Candidate as StoredCandidate
from resolution.search import search_profiles


@strawberry.type(description="A profile that may be of the one who was described.")
class Candidate:
    probability: float = strawberry.field(description="Probability that it is the one, 0 to 1.")
    weight: float = strawberry.field(description="The same as match weight, log2 odds.")
    outcome: Outcome = strawberry.field(description="MATCH, POSSIBLE, or AMBIGUOUS when several match.")
    evidence: list[str] = strawberry.field(description="What speaks for and against it, strongest first.")
    record_key: strawberry.ID = strawberry.field(description="The record of the profile that fits best.")
    reasons: list[Reason] = strawberry.field(
        description="What the description (left) and that record (right) say, compared as in `whyRecords`."
    )
    profile_id: strawberry.Private[str]

    @strawberry.field(description="The profile.")
    async def profile(self, info: Info) -> Profile | None:
        found = await info.context.profiles.load(self.profile_id)
        return None if found is None else profile(*survivor(found), asked_for=self.profile_id)


async def find_by_attributes(
    info: Info,
    attributes: Annotated[AttributesInput, strawberry.argument(description="What is known of the person.")],
    identifiers: Annotated[
        list[IdentifierInput] | None, strawberry.argument(description="Identifiers that are known too.")
    ] = None,
    first: First = 10,
) -> list[Candidate]:
    """Resolve `Query.searchProfiles`."""
    size = page_size(first)
    try:
        known = [clean_identifier(one.kind, one.value, country=one.country) for one in identifiers or ()]
    except UnusableValueError as error:
        raise InputError(f"An identifier cannot be searched ({error.code}): {error}") from None
    limits, viewer = info.context.limits, info.context.viewer
    limits.allow_lookup(viewer)
    found = await search_profiles(info.context.graph, attributes.given(), known, size)
    limits.count_misses(viewer, not found)
    return [candidate(one) for one in found]


def candidate(stored: StoredCandidate) -> Candidate:
    """The GraphQL shape of a candidate."""
    return Candidate(
        probability=stored.probability,
        weight=stored.weight,
        outcome=stored.outcome,
        evidence=list(stored.evidence),
        record_key=strawberry.ID(stored.record_key),
        reasons=reason_list(stored.waterfall.reasons),
        profile_id=stored.profile_id,
    )
