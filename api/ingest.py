"""Events in GraphQL: what became of those that came, and how far the graph is behind."""

from collections.abc import Mapping

import strawberry

from api.context import Info
from loaders.journal import JournalCounts


@strawberry.type(
    description="What became of a source's events: accepted = applied + pending + failed at any moment."
)
class IngestedSource:
    source: str = strawberry.field(description="Name of the source.")
    accepted: int = strawberry.field(description="Kept on disk and acknowledged, each message id once.")
    duplicate: int = strawberry.field(description="Came again, and changed nothing.")
    rejected: int = strawberry.field(description="Could not be used as they came: kept in quarantine.")
    applied: int = strawberry.field(description="Accepted, and in the graph.")
    pending: int = strawberry.field(description="Accepted, and on their way to the graph.")
    failed: int = strawberry.field(description="Accepted, but the graph could not take them: in quarantine.")


@strawberry.type(description="The events that this service has taken.")
class Ingest:
    pending: int = strawberry.field(description="How many are on their way to the graph.")
    lag_seconds: float = strawberry.field(
        description="How long ago the event came that has waited longest; 0 when none waits."
    )
    sources: list[IngestedSource] = strawberry.field(description="The counts of each source, by name.")


async def current_ingest(info: Info) -> Ingest | None:
    """Resolve `Query.ingest`."""
    journal = info.context.journal
    if journal is None:
        return None
    counts = await journal.counts()
    pending = sum(one.pending for one in counts.values())
    return Ingest(pending=pending, lag_seconds=await journal.lag_seconds(), sources=ingested(counts))


def ingested(counts: Mapping[str, JournalCounts]) -> list[IngestedSource]:
    """The counts of each source as the API shows them."""
    return [
        IngestedSource(
            source=source,
            accepted=one.accepted,
            duplicate=one.duplicate,
            rejected=one.rejected,
            applied=one.applied,
            pending=one.pending,
            failed=one.failed,
        )
        for source, one in counts.items()
    ]
