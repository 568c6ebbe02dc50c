"""`identify` in GraphQL: write a record, resolve it, and say who it is of."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.attributes import AttributesInput
from api.conflicts import Conflict, conflict
from api.context import Info
from api.identifiers import IdentifierInput
from api.moments import in_utc
from api.profiles import Profile, profile, survivor
from api.search import Candidate, candidate
from api.vocabulary import IdentityChange, Outcome, RecordKind
from graph.consents import write_consents
from graph.errors import InputError
from graph.suppressions import suppressed_among
from graph.unusable import EXPLANATIONS, UnusableCode
from graph.vocabulary import ConsentStatus
from loaders.rows import RejectionCode, UnusableRowError
from loaders.stated import Decision, Stated, Statement, decided, stated
from resolution.identified import Identified


@strawberry.input(description="A decision on one purpose.")
class ConsentInput:
    purpose: str = strawberry.field(description="The purpose, such as newsletter.")
    status: ConsentStatus = strawberry.field(description="What was decided.")
    decided_at: datetime | None = strawberry.field(
        description="When, UTC; without it when the record was true.", default=None
    )
    expires_at: datetime | None = strawberry.field(
        description="From when on it no longer counts, UTC.", default=None
    )
    identifier_kind: str | None = strawberry.field(
        description="The identifier of the record that it was made by; without it the first.", default=None
    )


@strawberry.input(
    description="What one source says of somebody; a full statement that replaces an earlier one."
)
class RecordInput:
    source: str = strawberry.field(description="The system that says it.")
    record_id: str | None = strawberry.field(
        description="Id of the record in its source; without one the content is the id.", default=None
    )
    kind: RecordKind | None = strawberry.field(
        description="What it speaks of; without one it is told by the values.", default=None
    )
    attributes: AttributesInput | None = strawberry.field(description="What is known.", default=None)
    identifiers: list[IdentifierInput] = strawberry.field(
        description="E-mail addresses, phone numbers, customer numbers and the like.", default_factory=list
    )
    observed_at: datetime | None = strawberry.field(
        description="When it was true by its source, UTC.", default=None
    )
    consents: list[ConsentInput] = strawberry.field(
        description="What somebody consents to, or no longer.", default_factory=list
    )


@strawberry.type(description="A single value that was not taken over.")
class Problem:
    name: str = strawberry.field(description="The attribute or identifier kind.")
    code: str = strawberry.field(description="Why, a stable code (docs/errors.md).")
    message: str = strawberry.field(description="The same as a sentence.")


@strawberry.type(description="A profile that changed with the record.")
class AffectedProfile:
    id: strawberry.ID = strawberry.field(description="Its id, also of one that was retired.")
    change: IdentityChange = strawberry.field(description="What happened to it.")


@strawberry.type(description="Who a record is of.")
class Identification:
    record_key: strawberry.ID = strawberry.field(description="Key of the record: its source and id.")
    profile_id: strawberry.ID = strawberry.field(description="The profile that the record is in now.")
    is_new: bool = strawberry.field(description="Whether the profile came to be with this record.")
    outcome: Outcome = strawberry.field(
        description="MATCH: it joined others. AMBIGUOUS: it fits several about equally well and stays alone. "
        "POSSIBLE: it is like others, not enough to join. NO_MATCH: it is like nobody."
    )
    candidates: list[Candidate] = strawberry.field(
        description="The profiles that it is like, its own among them if others are in it, likeliest first, at most 10."
    )
    affected_profiles: list[AffectedProfile] = strawberry.field(
        description="The profiles that changed with it."
    )
    conflicts: list[Conflict] = strawberry.field(description="The merges that its profile is refused.")
    problems: list[Problem] = strawberry.field(description="The values that were not taken over.")

    @strawberry.field(description="The profile.")
    async def profile(self, info: Info) -> Profile | None:
        found = await info.context.profiles.load(self.profile_id)
        return None if found is None else profile(*survivor(found), asked_for=self.profile_id)


async def identify(
    info: Info, record: Annotated[RecordInput, strawberry.argument(description="The record.")]
) -> Identification:
    """Resolve `Mutation.identify`."""
    salt = info.context.graph.salt
    try:
        said = stated(statement(record))
        consents = decided(statement(record), said.record, salt)
    except UnusableRowError as error:
        raise InputError(f"The record cannot be used ({error.code}): {error}") from None
    if await suppressed_among(info.context.graph, said.record.identifiers):
        raise InputError(
            f"The record cannot be used ({RejectionCode.SUPPRESSED}): it holds a suppressed identifier."
        )
    await write_consents(info.context.graph, consents)
    return _identification(said, await info.context.intake.identify(said.record))


def statement(record: RecordInput) -> Statement:
    """A record as the loaders take it."""
    return Statement(
        source=record.source,
        attributes=record.attributes.given() if record.attributes else {},
        identifiers=[(one.kind, one.value, one.country) for one in record.identifiers],
        record_id=record.record_id,
        kind=record.kind,
        observed_at=record.observed_at and in_utc(record.observed_at),
        consents=[
            Decision(
                one.purpose,
                one.status,
                one.decided_at and in_utc(one.decided_at),
                one.expires_at and in_utc(one.expires_at),
                one.identifier_kind,
            )
            for one in record.consents
        ],
    )


def _identification(said: Stated, found: Identified) -> Identification:
    return Identification(
        record_key=strawberry.ID(found.record_key),
        profile_id=strawberry.ID(found.profile_id),
        is_new=found.is_new,
        outcome=found.outcome,
        candidates=[candidate(one) for one in found.candidates],
        affected_profiles=[
            AffectedProfile(id=strawberry.ID(event.profile_id), change=event.change)
            for event in found.affected
        ],
        conflicts=[conflict(one) for one in found.conflicts],
        problems=[problem(name, code) for name, code in said.problems],
    )


def problem(name: str, code: str) -> Problem:
    """The GraphQL shape of a value that is left out."""
    return Problem(name=name, code=code, message=EXPLANATIONS[UnusableCode(code)])
