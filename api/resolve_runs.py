"""What each resolve did to the ids of profiles, in GraphQL."""

from datetime import datetime

import strawberry

from graph.resolve_runs import ResolveRun as StoredRun


@strawberry.type(
    description="One `onefold resolve`, or a resolve that the service began by itself; what is resolved as it comes in "
    "is in the changes by day. A first load that resolves while it loads is not here."
)
class ResolveRun:
    started_at: datetime = strawberry.field(description="When it began, UTC.")
    seconds: float = strawberry.field(description="How long it took.")
    cause: str | None = strawberry.field(
        description="What set it off beside pending records: a model, settings, or that all was asked for."
    )
    model: str = strawberry.field(description="The version of the model.")
    touched: int = strawberry.field(description="How many records it looked at.")
    created: int = strawberry.field(description="Profiles that are new.")
    merged: int = strawberry.field(description="Profiles that became one with another.")
    split: int = strawberry.field(description="Profiles of which records became another.")
    retired: int = strawberry.field(description="Profiles that left nobody behind.")
    moved: int = strawberry.field(description="Records whose profile id changed.")
    moved_share: float = strawberry.field(description="Their share of the records that had a profile.")


def resolve_run(stored: StoredRun) -> ResolveRun:
    """The GraphQL shape of a run."""
    return ResolveRun(
        started_at=stored.started_at,
        seconds=stored.seconds,
        cause=stored.cause or None,
        model=stored.model,
        touched=stored.touched,
        created=stored.created,
        merged=stored.merged,
        split=stored.split,
        retired=stored.retired,
        moved=stored.moved,
        moved_share=stored.moved_share,
    )
