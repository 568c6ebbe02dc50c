"""Cluster health in GraphQL: how well the records of a profile hang together."""

import strawberry
from strawberry.scalars import JSON

from api.conflicts import Conflict, conflict
from api.ties import Tie, tie, tie_list
from resolution.cluster_health import ClusterHealth as Found


@strawberry.type(
    description="How well the records of a cluster hang together, and what is contradictory in it."
)
class ClusterHealth:
    sentence: str = strawberry.field(description="The whole in plain words.")
    record_count: int = strawberry.field(description="Number of records.")
    tie_count: int = strawberry.field(description="Number of pairs that something holds together.")
    density: float = strawberry.field(description="The share of pairs that are tied, 0 to 1.")
    diameter: int = strawberry.field(
        description="Ties on the longest of all shortest ways between two records."
    )
    bridges: list[Tie] = strawberry.field(description="The ties without which the cluster is in two.")
    articulation_records: list[strawberry.ID] = strawberry.field(
        description="The records without which the others fall apart, by key."
    )
    weakest_link: Tie | None = strawberry.field(description="The tie that the cluster owes its being one to.")
    conflicts: list[Conflict] = strawberry.field(description="Refused merges with other profiles.")
    given_name_count: int = strawberry.field(description="Number of different given names.")
    birth_date_count: int = strawberry.field(description="Number of different birth dates.")
    postcode_count: int = strawberry.field(description="Number of different postcodes.")
    figures: JSON = strawberry.field(
        description="All of it in one compact object, for pages that list clusters."
    )


def cluster_health(found: Found) -> ClusterHealth:
    """The GraphQL shape of a cluster's health."""
    return ClusterHealth(
        sentence=found.sentence,
        record_count=found.record_count,
        tie_count=found.tie_count,
        density=found.density,
        diameter=found.diameter,
        bridges=tie_list(found.bridges),
        articulation_records=[strawberry.ID(key) for key in found.articulation_records],
        weakest_link=None if found.weakest_link is None else tie(found.weakest_link),
        conflicts=[conflict(one) for one in found.conflicts],
        given_name_count=found.given_name_count,
        birth_date_count=found.birth_date_count,
        postcode_count=found.postcode_count,
        figures=JSON(found.figures()),
    )
