"""Identifiers in GraphQL: with their state, and why it is not linking."""

import strawberry

from api.context import Info
from api.sensitivity import PersonalText
from api.vocabulary import IdentifierState
from graph.clusters import StoredIdentifier


@strawberry.type(description="A kind and a cleaned value that records of the cluster hold.")
class Identifier:
    key: strawberry.ID = strawberry.field(description="Key without the value: safe in logs.")
    kind: str = strawberry.field(description="Kind, such as email or phone.")
    value: PersonalText = strawberry.field(description="The cleaned value.")
    state: IdentifierState = strawberry.field(description="Whether it links its holders.")
    reason: str | None = strawberry.field(description="Why it does not link.")
    record_keys: list[strawberry.ID] = strawberry.field(
        description="The records of the cluster that hold it."
    )

    @strawberry.field(
        description="The current profiles of which records hold it, by id, at most 100: `profiles` tells who they are."
    )
    async def profile_ids(self, info: Info) -> list[strawberry.ID]:
        found = await info.context.holders.load(self.key)
        return [strawberry.ID(one.id) for one in found.profiles] if found else []


@strawberry.input(description="An identifier as written; cleaning is done here.")
class IdentifierInput:
    kind: str = strawberry.field(description="Kind, such as email or phone.")
    value: str = strawberry.field(description="The value.")
    country: str | None = strawberry.field(
        description="ISO 3166 code: where a national phone number is read.", default=None
    )


def identifier(stored: StoredIdentifier) -> Identifier:
    """The GraphQL shape of an identifier of a cluster."""
    return Identifier(
        key=strawberry.ID(stored.key),
        kind=stored.kind,
        value=stored.value,
        state=stored.state,
        reason=stored.reason,
        record_keys=[strawberry.ID(key) for key in stored.record_keys],
    )
