"""A cluster as a picture, in GraphQL: records and identifiers with places, and what links them."""

from typing import Annotated

import strawberry

from api.context import Info
from api.moments import AsOf, believed_at
from api.sensitivity import PersonalText
from api.vocabulary import IdentifierState, RecordKind, Verdict
from graph.neighbourhood import StoredRecord
from resolution.cluster_graphs import ClusterGraph as Drawn
from resolution.cluster_graphs import PlacedIdentifier as DrawnIdentifier
from resolution.cluster_graphs import PlacedRecord as DrawnRecord
from resolution.cluster_graphs import cluster_graph
from resolution.cluster_links import ClusterLink as DrawnLink
from resolution.cluster_links import LinkKind
from resolution.explanation import probability

strawberry.enum(
    LinkKind,
    description="What a link is: a match edge, an identifier held, a judgement, or a merge that was refused.",
)


@strawberry.type(description="A record in the picture of a cluster.")
class PlacedRecord:
    key: strawberry.ID = strawberry.field(description="Unique key: source and record id.")
    source: str = strawberry.field(description="The source it came from.")
    kind: RecordKind = strawberry.field(description="What it speaks of.")
    name: PersonalText | None = strawberry.field(description="The name it says, if it says one.")
    profile_id: strawberry.ID | None = strawberry.field(description="The profile it is in now.")
    inside: bool = strawberry.field(
        description="Whether it is of the profile that was asked for, and no neighbour."
    )
    founder: bool = strawberry.field(description="Whether the profile has its id from it.")
    articulation: bool = strawberry.field(description="Whether the others fall apart without it.")
    x: float = strawberry.field(description="Its place from left to right, 0 to 1.")
    y: float = strawberry.field(description="Its place from top to bottom, 0 to 1.")


@strawberry.type(description="An identifier in the picture of a cluster.")
class PlacedIdentifier:
    key: strawberry.ID = strawberry.field(description="Key without the value: safe in logs.")
    kind: str = strawberry.field(description="Kind, such as email or phone.")
    value: PersonalText = strawberry.field(description="The cleaned value.")
    state: IdentifierState = strawberry.field(description="Whether it links its holders.")
    reason: str | None = strawberry.field(description="Why it does not link.")
    holder_count: int = strawberry.field(
        description="How many records hold it, those of other profiles too; at most 200 are counted."
    )
    other_profiles: list[strawberry.ID] = strawberry.field(
        description="The other profiles of these records, by id."
    )
    x: float = strawberry.field(description="Its place from left to right, 0 to 1.")
    y: float = strawberry.field(description="Its place from top to bottom, 0 to 1.")


@strawberry.type(description="A link in the picture of a cluster, by keys.")
class ClusterLink:
    left: strawberry.ID = strawberry.field(description="Key of a record.")
    right: strawberry.ID = strawberry.field(
        description="Key of another record, or of an identifier it holds."
    )
    kind: LinkKind = strawberry.field(description="What it is.")
    counts: bool = strawberry.field(description="Whether it may hold records together.")
    bridge: bool = strawberry.field(
        description="Whether it is of the only tie between two sides of the cluster."
    )
    weight: float | None = strawberry.field(
        description="Of a match its weight, of a refused merge what pulled; log2 odds."
    )
    probability: float | None = strawberry.field(description="The same as a probability, 0 to 1.")
    verdict: Verdict | None = strawberry.field(description="Of a judgement, what it says.")
    reason: str | None = strawberry.field(description="Of a refused merge, why.")


@strawberry.type(description="A profile's cluster as a picture; the same cluster always looks the same.")
class ClusterGraph:
    profile_id: strawberry.ID = strawberry.field(description="The profile.")
    record_count: int = strawberry.field(description="How many records it has, those left out too.")
    bridge_count: int = strawberry.field(
        description="How many ties there are without which it is in two; a tie may be several links."
    )
    records: list[PlacedRecord] = strawberry.field(
        description="Its records by key, at most 2,000, with at most 200 neighbours."
    )
    identifiers: list[PlacedIdentifier] = strawberry.field(
        description="The identifiers they hold, by kind and value."
    )
    links: list[ClusterLink] = strawberry.field(
        description="What links them; of more than 5,000 matches the lightest are left out first."
    )
    truncated: bool = strawberry.field(description="Whether something is left out.")
    omissions: list[str] = strawberry.field(description="What is left out, in sentences.")


async def draw_cluster(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of a profile that has records.")],  # noqa: A002
    nearby: Annotated[
        bool,
        strawberry.argument(
            description="Also show the records of other profiles that it nearly joined: possible matches, refused "
            "merges, judgements, identifiers held in common."
        ),
    ] = False,
    as_of: AsOf = None,
) -> ClusterGraph:
    """Resolve `Query.clusterGraph`."""
    context = info.context
    found = await cluster_graph(
        context.graph, id, context.resolution, nearby=nearby, as_of=believed_at(as_of)
    )
    return _graph(found)


def _graph(drawn: Drawn) -> ClusterGraph:
    return ClusterGraph(
        profile_id=strawberry.ID(drawn.profile_id),
        record_count=drawn.record_count,
        bridge_count=drawn.bridge_count,
        records=[_record(one) for one in drawn.records],
        identifiers=[_identifier(one) for one in drawn.identifiers],
        links=[_link(one) for one in drawn.links],
        truncated=bool(drawn.omissions),
        omissions=list(drawn.omissions),
    )


def _record(drawn: DrawnRecord) -> PlacedRecord:
    record = drawn.record
    return PlacedRecord(
        key=strawberry.ID(record.key),
        source=record.source,
        kind=record.kind,
        name=_name(record),
        profile_id=strawberry.ID(record.profile_id) if record.profile_id else None,
        inside=drawn.inside,
        founder=drawn.founder,
        articulation=drawn.articulation,
        x=drawn.place[0],
        y=drawn.place[1],
    )


def _name(record: StoredRecord) -> str | None:
    said = record.attributes.get
    parts = (said("given_name"), said("surname"))
    return said("organisation_name") or " ".join(filter(None, parts)) or None


def _identifier(drawn: DrawnIdentifier) -> PlacedIdentifier:
    held = drawn.held
    return PlacedIdentifier(
        key=strawberry.ID(held.key),
        kind=held.identifier.kind,
        value=held.identifier.value,
        state=IdentifierState(held.state),
        reason=held.reason,
        holder_count=drawn.holder_count,
        other_profiles=[strawberry.ID(one) for one in drawn.other_profiles],
        x=drawn.place[0],
        y=drawn.place[1],
    )


def _link(drawn: DrawnLink) -> ClusterLink:
    return ClusterLink(
        left=strawberry.ID(drawn.left),
        right=strawberry.ID(drawn.right),
        kind=drawn.kind,
        counts=drawn.counts,
        bridge=drawn.bridge,
        weight=drawn.weight,
        probability=probability(drawn.weight)
        if drawn.kind is LinkKind.MATCH and drawn.weight is not None
        else None,
        verdict=drawn.verdict,
        reason=drawn.reason,
    )
