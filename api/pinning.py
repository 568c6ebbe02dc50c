"""Pinning in GraphQL: a steward sets or lifts the value that a profile shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Info
from api.deciding import ProfileId, Reason
from api.profiles import Profile, profile, survivor
from graph.difference import Difference
from graph.errors import InputError, NotFoundError
from graph.profiles import read_profiles
from graph.transactions import Statement
from insight.segments import following
from resolution.pins import PinOrder, pin

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
) -> Profile:
    """Resolve `Mutation.pinValue`."""
    if not value.strip() or len(value) > _LONGEST:
        raise InputError(f"A pinned value has 1 to {_LONGEST} characters.")
    return await _pinned(info, id, attribute, value, reason)


async def unpin_value(info: Info, id: ProfileId, attribute: Attribute, reason: Reason) -> Profile:  # noqa: A002
    """Resolve `Mutation.unpinValue`."""
    return await _pinned(info, id, attribute, None, reason)


async def _pinned(info: Info, id: str, attribute: str, value: str | None, reason: str) -> Profile:  # noqa: A002
    if not reason.strip() or len(reason) > _LONGEST:
        raise InputError(f"A pin needs a reason of at most {_LONGEST} characters.")
    graph, author = info.context.graph, info.context.viewer.key_id

    def follow(difference: Difference, at: datetime) -> Sequence[Statement]:
        ids = sorted(one.id for one in difference.profiles)
        return following(info.context.definitions.segments, ids, at, f"steward {author}: pin") if ids else ()

    order = PinOrder(id, attribute, value, author, reason.strip())
    await pin(graph, info.context.resolution, order, follow)
    found = (await read_profiles(graph, [id])).get(id)
    if found is None:
        raise NotFoundError(f"There is no profile {id}.")
    return profile(*survivor(found))
