"""The check before an insert, in GraphQL: whether somebody known is meant."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from api.attributes import AttributesInput
from api.context import Info
from api.identifiers import IdentifierInput
from api.identify import Problem, problem
from api.profiles import Profile, profile, survivor
from api.vocabulary import Outcome
from graph.errors import InputError
from graph.transactions import Graph
from loaders.rows import UnusableRowError
from loaders.stated import Stated, Statement, stated
from resolution.check import Check, Known, check_record

_NOBODY = "check"


async def check_description(
    graph: Graph, attributes: Mapping[str, str], identifiers: Sequence[tuple[str, str, str | None]]
) -> tuple[Stated, Check]:
    """Check what is known of somebody, as written; raises InputError when nothing of it can be used."""
    try:
        said = stated(Statement(_NOBODY, attributes, identifiers))
    except UnusableRowError as error:
        raise InputError(f"The record cannot be checked ({error.code}): {error}") from None
    return said, await check_record(graph, attributes, said.record.identifiers)


@strawberry.type(description="A profile that a description may be of.")
class KnownProfile:
    outcome: Outcome = strawberry.field(description="MATCH, POSSIBLE, or AMBIGUOUS when several fit.")
    probability: float | None = strawberry.field(
        description="Probability that it is the one, 0 to 1; null where only an identifier leads to it."
    )
    evidence: list[str] = strawberry.field(description="What speaks for and against it, strongest first.")
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile.")

    @strawberry.field(description="The profile.")
    async def profile(self, info: Info) -> Profile | None:
        found = await info.context.profiles.load(self.profile_id)
        return None if found is None else profile(*survivor(found), asked_for=self.profile_id)


@strawberry.type(description="Whether a description is of somebody known; nothing is written.")
class RecordCheck:
    outcome: Outcome = strawberry.field(
        description="MATCH: somebody known. POSSIBLE: somebody like it. AMBIGUOUS: several fit. NO_MATCH: nobody."
    )
    reason: str = strawberry.field(description="Why the outcome is what it is, in one sentence.")
    known: list[KnownProfile] = strawberry.field(description="Who it could be, likeliest first, at most 10.")
    problems: list[Problem] = strawberry.field(description="The values that could not be used.")


async def check_before_insert(
    info: Info,
    attributes: Annotated[
        AttributesInput | None, strawberry.argument(description="What is known of the person.")
    ] = None,
    identifiers: Annotated[
        list[IdentifierInput] | None, strawberry.argument(description="Identifiers that are known.")
    ] = None,
) -> RecordCheck:
    """Resolve `Query.checkRecord`."""
    context = info.context
    context.limits.allow_lookup(context.viewer)
    pairs = [(one.kind, one.value, one.country) for one in identifiers or ()]
    said, found = await check_description(context.graph, attributes.given() if attributes else {}, pairs)
    context.limits.count_misses(context.viewer, found.outcome is Outcome.NO_MATCH)
    return RecordCheck(
        outcome=found.outcome,
        reason=found.reason,
        known=[_known(one) for one in found.known],
        problems=[problem(name, code) for name, code in said.problems],
    )


def _known(one: Known) -> KnownProfile:
    return KnownProfile(
        outcome=one.outcome,
        probability=one.probability,
        evidence=list(one.evidence),
        profile_id=strawberry.ID(one.profile_id),
    )
