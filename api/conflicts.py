"""Conflicts in GraphQL: the merges that evidence asked for and a constraint refused."""

import strawberry

from graph.conflicts import Conflict as StoredConflict


@strawberry.type(description="A merge that evidence asks for and a constraint refuses.")
class Conflict:
    left: strawberry.ID = strawberry.field(description="Smallest record key of one side.")
    right: strawberry.ID = strawberry.field(description="Smallest record key of the other side.")
    weight: float = strawberry.field(description="How strongly it is asked for, log2 odds.")
    reason: str = strawberry.field(description="Why it is refused.")


def conflict(stored: StoredConflict) -> Conflict:
    """The GraphQL shape of a conflict."""
    return Conflict(
        left=strawberry.ID(stored.left),
        right=strawberry.ID(stored.right),
        weight=stored.weight,
        reason=stored.reason,
    )
