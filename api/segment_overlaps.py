"""How much segments have in common, in GraphQL."""

from itertools import combinations
from typing import Annotated

import strawberry

from api.context import Info
from graph.errors import InputError
from graph.segment_overlaps import overlaps

_MOST = 20


@strawberry.type(description="Two segments beside each other.")
class SegmentOverlap:
    left: str = strawberry.field(description="One segment.")
    right: str = strawberry.field(description="The other.")
    left_count: int = strawberry.field(description="Profiles in the one.")
    right_count: int = strawberry.field(description="Profiles in the other.")
    count: int = strawberry.field(description="Profiles in both.")
    jaccard: float = strawberry.field(description="Those in both, as a part of those in either, 0 to 1.")
    lift: float | None = strawberry.field(
        description="How many times likelier somebody in one is in the other than anybody is; null if one is empty."
    )


async def segment_overlaps(
    info: Info, names: Annotated[list[str], strawberry.argument(description="Two to 20 segments.")]
) -> list[SegmentOverlap]:
    """Resolve `Query.segmentOverlaps`."""
    if not 2 <= len(set(names)) <= _MOST:
        raise InputError(f"names must be 2 to {_MOST} different segments.")
    found, population = await overlaps(info.context.graph, names)
    count = {(one.left, one.right): one.count for one in found}
    told: list[SegmentOverlap] = []
    for left, right in combinations(sorted(set(names)), 2):
        lefts, rights, both = (count.get(pair, 0) for pair in ((left, left), (right, right), (left, right)))
        either = lefts + rights - both
        lift = both * population / (lefts * rights) if lefts and rights else None
        jaccard = both / either if either else 0.0
        one = SegmentOverlap(
            left=left,
            right=right,
            left_count=lefts,
            right_count=rights,
            count=both,
            jaccard=jaccard,
            lift=lift,
        )
        told.append(one)
    return told
