"""What a profile is made of, in GraphQL: records, identifiers and match edges."""

from datetime import datetime

import orjson
import strawberry

from api.attributes import Attributes, attributes
from api.cluster_health import ClusterHealth, cluster_health
from api.context import Info
from api.identifiers import Identifier, identifier
from api.nodes import Node, global_id
from api.sensitivity import PersonalData, PersonalText, RawInput
from api.vocabulary import RecordKind
from graph.clusters import MemberRecord, StoredEdge
from graph.errors import InputError
from graph.moments import LATEST
from resolution.comparisons import COMPARISONS


@strawberry.type(description="A part of the history of a device that several people use.")
class Slice:
    valid_from: datetime | None = strawberry.field(description="Its first instant, UTC; none: ever since.")
    valid_until: datetime | None = strawberry.field(
        description="The first instant after it, UTC; none: ever after."
    )


@strawberry.type(description="What one source says of one person, organisation or visitor.")
class SourceRecord(Node):
    key: strawberry.ID = strawberry.field(description="Unique key: source and record id.")
    source: str = strawberry.field(description="The source it came from.")
    record_id: PersonalText = strawberry.field(description="Its id in that source.")
    kind: RecordKind = strawberry.field(description="What it speaks of.")
    accepted_at: datetime = strawberry.field(description="When Onefold first took it, UTC.")
    observed_at: datetime | None = strawberry.field(description="When the source says it was last true, UTC.")
    member_since: datetime = strawberry.field(description="Since when it belongs to this profile, UTC.")
    slices: list[Slice] = strawberry.field(
        description="The parts of its history that are of this profile, where people take turns on a device; none when"
        " all of it is."
    )
    attributes: Attributes = strawberry.field(description="Its cleaned attributes.")
    cleaning: int | None = strawberry.field(description="Version of the rules that cleaned it.")
    extra: PersonalData = strawberry.field(
        description="Mapped values that are not used for matching, by name."
    )
    stored: strawberry.Private[MemberRecord]

    @strawberry.field(description="The input as it came; for stewards, privacy officers and administrators.")
    def raw(self) -> RawInput | None:
        return orjson.loads(self.stored.raw)


@strawberry.type(description="How two records compare in one respect.")
class Evidence:
    comparison: str = strawberry.field(description="What was compared, such as surname.")
    level: str = strawberry.field(description="What was found, such as same surname, or nothing alike.")


@strawberry.type(description="Why two records of the cluster are taken for the same, by the matching model.")
class MatchEdge:
    left: strawberry.ID = strawberry.field(description="Key of one record.")
    right: strawberry.ID = strawberry.field(description="Key of the other record.")
    probability: float = strawberry.field(description="Probability that they are the same, 0 to 1.")
    weight: float = strawberry.field(description="The same as match weight, log2 odds.")
    model: str = strawberry.field(description="Version of the model that scored them.")
    evidence: list[Evidence] = strawberry.field(
        description="What was found in each respect in which both records say something."
    )


@strawberry.type(description="What a profile is made of, and why it hangs together.")
class Cluster:
    profile_id: strawberry.Private[str]
    as_of: strawberry.Private[datetime] = LATEST

    @strawberry.field(
        description="The source records, founder first, at most 500. What they say is of now, also with `asOf`."
    )
    async def records(self, info: Info) -> list[SourceRecord]:
        found = await info.context.records.load(self.profile_id, self.as_of)
        return [_record(one) for one in found or ()]

    @strawberry.field(
        description="The identifiers those records hold, by kind and value, at most 500. Their state is of now, also "
        "with `asOf`."
    )
    async def identifiers(self, info: Info) -> list[Identifier]:
        found = await info.context.identifiers.load(self.profile_id, self.as_of)
        return [identifier(one) for one in found or ()]

    @strawberry.field(
        description="The match edges between those records, heaviest first, at most 500; of now only."
    )
    async def edges(self, info: Info) -> list[MatchEdge]:
        self._of_now("edges")
        return [_edge(one) for one in await info.context.edges.load(self.profile_id) or ()]

    @strawberry.field(
        description="How well it hangs together; none before the first resolve and once retired. That of the past is "
        "not kept."
    )
    async def health(self, info: Info) -> ClusterHealth | None:
        self._of_now("health")
        found = await info.context.healths.load(self.profile_id)
        return None if found is None else cluster_health(found)

    def _of_now(self, what: str) -> None:
        if self.as_of != LATEST:
            raise InputError(f"The {what} of a cluster in the past is not kept: ask for it without asOf.")


async def find_record(info: Info, key: str) -> SourceRecord | None:
    """The record with a key, as a member of the profile that it is in; None for one that is in none."""
    home = await info.context.homes.load(key)
    found = await info.context.records.load(home, LATEST) if home else None
    return next((_record(one) for one in found or () if one.key == key), None)


def _record(stored: MemberRecord) -> SourceRecord:
    return SourceRecord(
        id=global_id("SourceRecord", stored.key),
        key=strawberry.ID(stored.key),
        source=stored.source,
        record_id=stored.record_id,
        kind=stored.kind,
        accepted_at=stored.accepted_at,
        observed_at=stored.observed_at,
        member_since=stored.member_since,
        slices=[Slice(valid_from=begun, valid_until=ended) for begun, ended in stored.slices],
        attributes=attributes(stored.attributes),
        cleaning=stored.cleaning,
        extra=orjson.loads(stored.extra),
        stored=stored,
    )


def _edge(stored: StoredEdge) -> MatchEdge:
    return MatchEdge(
        left=strawberry.ID(stored.left),
        right=strawberry.ID(stored.right),
        probability=stored.probability,
        weight=stored.weight,
        model=stored.model,
        evidence=_evidence(stored.gammas),
    )


def _evidence(gammas: tuple[int, ...]) -> list[Evidence]:
    """The levels behind Splink's numbers; none for an edge of a model with other comparisons."""
    if len(gammas) != len(COMPARISONS):
        return []
    found = (
        (comparison.name, comparison.level(gamma))
        for comparison, gamma in zip(COMPARISONS, gammas, strict=True)
    )
    return [Evidence(comparison=name, level=level.label) for name, level in found if level is not None]
