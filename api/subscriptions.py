"""GraphQL subscriptions: what changes while somebody listens."""

from collections.abc import AsyncGenerator, Collection
from typing import Annotated

import strawberry

from api.changes import Change, change
from api.context import Info
from graph.changes import Change as StoredChange
from graph.errors import InputError
from graph.segments import read_memberships
from graph.vocabulary import ChangeKind

_MOST_IDS = 1_000

_Ids = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Only these profiles; at most 1,000.")
]
_Segment = Annotated[str | None, strawberry.argument(description="Only profiles that are in this segment.")]
_Name = Annotated[str | None, strawberry.argument(description="Only this segment.")]


async def profile_changed(info: Info, ids: _Ids = None, segment: _Segment = None) -> AsyncGenerator[Change]:
    """Resolve `Subscription.profileChanged`."""
    wanted = _wanted(ids)
    async with info.context.feed.listen() as listener:
        while True:
            found = _of(await listener.hear(), ChangeKind.PROFILE, wanted)
            if segment is not None and found:
                places = await read_memberships(info.context.graph, [one.profile_id for one in found])
                members = {key for key, those in places.items() if segment in {one.segment for one in those}}
                found = [one for one in found if one.profile_id in members]
            for one in found:
                info.context.forget()
                yield change(one)


async def segment_changed(info: Info, name: _Name = None) -> AsyncGenerator[Change]:
    """Resolve `Subscription.segmentChanged`."""
    async with info.context.feed.listen() as listener:
        while True:
            for one in _of(await listener.hear(), ChangeKind.SEGMENT, None):
                if name is None or one.segment == name:
                    info.context.forget()
                    yield change(one)


async def identity_changed(info: Info, ids: _Ids = None) -> AsyncGenerator[Change]:
    """Resolve `Subscription.identityChanged`."""
    wanted = _wanted(ids)
    async with info.context.feed.listen() as listener:
        while True:
            for one in _of(await listener.hear(), ChangeKind.IDENTITY, wanted):
                info.context.forget()
                yield change(one)


def _wanted(ids: Collection[str] | None) -> frozenset[str] | None:
    if ids is not None and len(ids) > _MOST_IDS:
        raise InputError(f"At most {_MOST_IDS:,} profiles are listened to at once.")
    return None if ids is None else frozenset(ids)


def _of(
    page: Collection[StoredChange], kind: ChangeKind, wanted: frozenset[str] | None
) -> list[StoredChange]:
    """The changes of one kind about wanted profiles, or about others that were merged with one."""
    return [
        one
        for one in page
        if one.kind is kind
        and (wanted is None or one.profile_id in wanted or wanted.intersection(one.related))
    ]
