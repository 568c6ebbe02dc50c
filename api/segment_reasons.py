"""Why a profile is, or is not, in a segment, in GraphQL."""

from datetime import datetime
from typing import Annotated, Any

import orjson
import strawberry
from strawberry.scalars import JSON

from api.context import Info
from api.sensitivity import PersonalData
from graph.errors import NotFoundError
from insight.segment_reasons import ClauseReason as FoundReason
from insight.segment_reasons import why_segment as work_out


@strawberry.type(description="A clause of a segment's rule, and its answer for a profile.")
class ClauseReason:
    clause: JSON = strawberry.field(description="The clause as in the rule.")
    holds: bool = strawberry.field(description="Whether it holds.")
    value: PersonalData | None = strawberry.field(
        description="What it looked at; null for all, any and not, which follow from their parts."
    )
    parts: list["ClauseReason"] = strawberry.field(description="The clauses it joins.")


@strawberry.type(description="Why a profile is, or is not, in a segment, worked out now.")
class SegmentReason:
    belongs: bool = strawberry.field(description="Whether it belongs into the segment.")
    kind_fits: bool = strawberry.field(
        description="Whether it is current and of a kind that the segment holds."
    )
    rule: ClauseReason = strawberry.field(description="The rule, clause by clause.")
    at: datetime = strawberry.field(description="The instant at which time windows end, UTC.")


async def why_segment(
    info: Info,
    segment: Annotated[str, strawberry.argument(description="Name of a segment.")],
    profile_id: Annotated[strawberry.ID, strawberry.argument(description="Id of a profile.")],
) -> SegmentReason:
    """Resolve `Query.whySegment`."""
    definition = (await info.context.definitions_in_force()).segments.get(segment)
    if definition is None:
        raise NotFoundError(f"There is no segment {segment}.")
    found = await work_out(info.context.graph, definition, profile_id)
    if found is None:
        raise NotFoundError(f"There is no profile {profile_id}.")
    return SegmentReason(
        belongs=found.belongs, kind_fits=found.kind_fits, rule=_reason(found.rule), at=found.at
    )


def _reason(found: FoundReason) -> ClauseReason:
    return ClauseReason(
        clause=JSON(found.clause),
        holds=found.holds,
        value=_plain(found.value),
        parts=[_reason(one) for one in found.parts],
    )


def _plain(value: dict[str, Any] | None) -> Any:
    """The values as JSON has them: instants as text."""
    return None if value is None else orjson.loads(orjson.dumps(value))
