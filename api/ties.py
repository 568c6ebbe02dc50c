"""What holds two records of a profile together, in GraphQL."""

from collections.abc import Iterable

import strawberry

from resolution.ties import Link
from resolution.ties import Tie as FoundTie


@strawberry.type(description="A shared identifier that links two records.")
class TieLink:
    key: strawberry.ID = strawberry.field(description="Key of the identifier, without its value.")
    kind: str = strawberry.field(description="Kind, such as email or device.")
    weight: float | None = strawberry.field(
        description="With what it links, log2 odds; none for a device, which joins a visitor without a weight."
    )


@strawberry.type(
    description="What holds two records together: a match edge, shared identifiers, or a judgement."
)
class Tie:
    left: strawberry.ID = strawberry.field(description="Key of one record.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    weight: float | None = strawberry.field(
        description="What counts in the clustering, log2 odds: of edge and links the heaviest."
    )
    edge_weight: float | None = strawberry.field(
        description="Weight of the match edge; none when there is no edge."
    )
    links: list[TieLink] = strawberry.field(description="The identifiers that link them, the heaviest first.")
    judged_same: bool = strawberry.field(description="Whether a steward judged them the same.")
    sentence: str = strawberry.field(description="The same in words.")


def tie(found: FoundTie) -> Tie:
    """The GraphQL shape of a tie."""
    return Tie(
        left=strawberry.ID(found.left),
        right=strawberry.ID(found.right),
        weight=found.weight,
        edge_weight=found.edge,
        links=[_link(one) for one in found.links],
        judged_same=found.judged,
        sentence=str(found),
    )


def _link(found: Link) -> TieLink:
    return TieLink(key=strawberry.ID(found.key), kind=found.identifier.kind, weight=found.weight)


def tie_list(found: Iterable[FoundTie]) -> list[Tie]:
    """The GraphQL shape of ties."""
    return [tie(one) for one in found]
