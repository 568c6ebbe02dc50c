"""Paths in GraphQL: common sequences of touchpoints, and what comes next."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import First, page_size
from api.context import Info
from api.moments import in_utc
from graph.errors import InputError
from graph.journeys import JourneyPage
from graph.moments import EARLIEST, LATEST
from insight import paths
from insight.paths import LONGEST_PATH, PathQuestion


@strawberry.type(description="A sequence of touchpoints that sessions have in common.")
class Path:
    types: list[str] = strawberry.field(description="What happened, in order.")
    sessions: int = strawberry.field(description="In how many sessions.")
    profiles: int = strawberry.field(description="Of how many profiles.")
    share: float = strawberry.field(description="Their part of the sessions asked of, 0 to 1.")


@strawberry.type(description="What comes after a touchpoint in its session.")
class Transition:
    after: str = strawberry.field(description="The type of the touchpoint.")
    next: str | None = strawberry.field(description="The type of what comes next; null: the session ends.")
    count: int = strawberry.field(description="How often.")
    probability: float = strawberry.field(description="Of all touchpoints of that type, 0 to 1.")


@strawberry.input(description="Which paths are asked for.")
class PathsInput:
    length: int = strawberry.field(
        description="How many touchpoints are told of a session, 2 to 20.", default=5
    )
    first_type: str | None = strawberry.field(
        description="Paths begin with the first touchpoint of this type; sessions without one do not count.",
        default=None,
    )
    last_type: str | None = strawberry.field(
        description="Paths end with the first touchpoint of this type: the last of them before it are told.",
        default=None,
    )
    collapsed: bool = strawberry.field(
        description="Tell a type that is repeated in a row once.", default=True
    )
    since: datetime | None = strawberry.field(
        description="Only sessions that began at or after this.", default=None
    )
    until: datetime | None = strawberry.field(
        description="Only sessions that began before this.", default=None
    )


@strawberry.type(description="The most common paths.")
class CommonPaths:
    paths: list[Path] = strawberry.field(description="The most common first.")
    copied_at: datetime = strawberry.field(description="Up to when the graph had been copied, UTC.")


@strawberry.type(description="What comes next, by type.")
class Transitions:
    transitions: list[Transition] = strawberry.field(description="By type, the most probable first.")
    copied_at: datetime = strawberry.field(description="Up to when the graph had been copied, UTC.")


async def common_paths(
    info: Info,
    wanted: Annotated[
        PathsInput | None, strawberry.argument(description="None asks for how sessions begin.")
    ] = None,
    first: First = 20,
) -> CommonPaths:
    """Resolve `Query.commonPaths`."""
    asked = wanted or PathsInput()
    if not 2 <= asked.length <= LONGEST_PATH:
        raise InputError(f"length must be 2 to {LONGEST_PATH}.")
    question = PathQuestion(
        length=asked.length,
        first_type=asked.first_type,
        last_type=asked.last_type,
        collapsed=asked.collapsed,
        since=EARLIEST if asked.since is None else in_utc(asked.since),
        until=LATEST if asked.until is None else in_utc(asked.until),
    )
    found, copied_at = await paths.common_paths(info.context.analysis, question, page_size(first))
    return CommonPaths(
        paths=[
            Path(types=list(one.types), sessions=one.sessions, profiles=one.profiles, share=one.share)
            for one in found
        ],
        copied_at=copied_at,
    )


async def find_transitions(
    info: Info,
    types: Annotated[list[str] | None, strawberry.argument(description="Only after these types.")] = None,
) -> Transitions:
    """Resolve `Query.transitions`."""
    return _transitions(*await paths.transitions(info.context.analysis, types))


async def next_touchpoints(
    info: Info,
    profile_id: Annotated[strawberry.ID, strawberry.argument(description="Id of a profile.")],
) -> Transitions | None:
    """Resolve `Query.nextTouchpoints`."""
    newest = await info.context.journeys.load(profile_id, JourneyPage(1))
    return (
        None
        if not newest
        else _transitions(*await paths.transitions(info.context.analysis, [newest[0].type]))
    )


def _transitions(found: list[paths.Transition], copied_at: datetime) -> Transitions:
    return Transitions(
        transitions=[
            Transition(after=one.after, next=one.next, count=one.count, probability=one.probability)
            for one in found
        ],
        copied_at=copied_at,
    )
