"""What hangs on profiles, in GraphQL, and what a wrong answer about them costs."""

import strawberry

from graph.exposures import Exposure as StoredExposure


@strawberry.type(description="What hangs on the profiles concerned, added up.")
class Exposure:
    segments: int = strawberry.field(description="The segments they are in.")
    consents: int = strawberry.field(description="The purposes they have consented to.")
    purchases: int = strawberry.field(description="Their touchpoints with a revenue above 0.")
    revenue: float = strawberry.field(description="What those brought.")
    cost: float = strawberry.field(description="What it costs by `[stewardship]` of onefold.toml.")


def exposure(stored: StoredExposure, cost: float) -> Exposure:
    """The GraphQL shape of an exposure and its cost."""
    return Exposure(
        segments=stored.segments,
        consents=stored.consents,
        purchases=stored.purchases,
        revenue=stored.revenue,
        cost=cost,
    )
