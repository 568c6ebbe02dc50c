"""`node` in GraphQL: anything by its global id."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from api.clusters import SourceRecord, find_record
from api.context import Info
from api.journeys import Touchpoint, find_touchpoint
from api.nodes import Node, parted
from api.profiles import Profile, find_profile
from api.segments import Segment, find_segment

_Found = Profile | Segment | SourceRecord | Touchpoint | None
_FINDERS: Mapping[str, tuple[str, Callable[[Info, str], Awaitable[_Found]]]] = MappingProxyType(
    {
        "Profile": ("Query.profile", lambda info, key: find_profile(info, strawberry.ID(key))),
        "Segment": ("Query.segment", find_segment),
        "SourceRecord": ("Query.profile", find_record),
        "Touchpoint": ("Query.profile", find_touchpoint),
    }
)
"""How each type is found by its key, and the operation whose rule says who may."""


async def find_node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of anything.")],  # noqa: A002
) -> Node | None:
    """Resolve `Query.node`; None for an id that is none."""
    kind, key = parted(id)
    if kind not in _FINDERS:
        return None
    operation, find = _FINDERS[kind]
    info.context.viewer.require(operation)
    return await find(info, key)  # pyright: ignore[reportReturnType] - each of them is a Node
