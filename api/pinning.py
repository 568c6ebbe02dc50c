"""Pinning in GraphQL: a steward sets or lifts the value that a profile shows, as any other decision."""

from typing import Annotated

import strawberry

from api.context import Info
from api.deciding import ProfileId, Reason, Token, decided
from api.decisions import DecisionResult
from graph.errors import InputError
from resolution.pins import Pin, Unpin

_LONGEST = 1000

Attribute = Annotated[
    str,
    strawberry.argument(
        description="The attribute, as in `Attributes` but in snake_case, or email or phone."
    ),
]


async def pin_value(
    info: Info,
    id: ProfileId,  # noqa: A002
    attribute: Attribute,
    value: Annotated[str, strawberry.argument(description="The value as written; cleaning is done here.")],
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.pinValue`."""
    if not value.strip() or len(value) > _LONGEST:
        raise InputError(f"A pinned value has 1 to {_LONGEST} characters.")
    return await decided(info, Pin(id, attribute, value), reason, token)


async def unpin_value(
    info: Info,
    id: ProfileId,  # noqa: A002
    attribute: Attribute,
    reason: Reason,
    token: Token = None,
) -> DecisionResult:
    """Resolve `Mutation.unpinValue`."""
    return await decided(info, Unpin(id, attribute), reason, token)
