"""Global ids: what can be asked for again by an id of its own, and what such an id is made of."""

import strawberry


@strawberry.interface(description="Something that can be asked for again by its id (`node`).")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Id of its own among everything: of a profile the stable id."
    )


def global_id(kind: str, key: str) -> strawberry.ID:
    """The id of anything but a profile, whose own id stands alone: its type and its key."""
    return strawberry.ID(f"{kind}:{key}")


def parted(id_: str) -> tuple[str, str]:
    """The type and the key of an id."""
    kind, colon, key = id_.partition(":")
    return (kind, key) if colon else ("Profile", id_)
