"""Look-alikes of a segment in GraphQL."""

from typing import Annotated

import strawberry

from api.context import Info
from graph.errors import InputError, NotFoundError
from insight.look_alikes import look_alikes as find_alike

_MOST = 1_000


@strawberry.type(description="A profile outside a segment that is like those in it.")
class LookAlike:
    profile_id: strawberry.ID = strawberry.field(description="Id of the profile.")
    similarity: float = strawberry.field(description="How like its nearest five members, 0 to 1.")


@strawberry.type(description="What an audience of a size would cost in likeness.")
class AudienceSize:
    size: int = strawberry.field(description="So many of the most alike.")
    similarity: float = strawberry.field(description="The smallest similarity among them.")


@strawberry.type(description="Those most like the members of a segment.")
class LookAlikes:
    found: list[LookAlike] = strawberry.field(description="The most alike, best first.")
    sizes: list[AudienceSize] = strawberry.field(description="Size against similarity.")
    seed_count: int = strawberry.field(description="Members that were compared with.")
    compared_count: int = strawberry.field(description="Others that were compared.")


async def look_alikes(
    info: Info,
    segment: Annotated[str, strawberry.argument(description="Name of a segment.")],
    size: Annotated[int, strawberry.argument(description="How many to find, 1 to 1000.")] = 100,
) -> LookAlikes:
    """Resolve `Query.lookAlikes`."""
    if not 1 <= size <= _MOST:
        raise InputError(f"size must be 1 to {_MOST}.")
    definition = (await info.context.definitions_in_force()).segments.get(segment)
    if definition is None:
        raise NotFoundError(f"There is no segment {segment}.")
    answer = await find_alike(info.context.graph, segment, definition, size)
    return LookAlikes(
        found=[
            LookAlike(profile_id=strawberry.ID(one.id), similarity=one.similarity) for one in answer.found
        ],
        sizes=[AudienceSize(size=count, similarity=similarity) for count, similarity in answer.curve],
        seed_count=answer.seeds,
        compared_count=answer.compared,
    )
