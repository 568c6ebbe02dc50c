"""The GraphQL schema: every operation in one place, each guarded by the table of api/access.py."""

from collections.abc import AsyncGenerator

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.actions import Action, Delivery, all_actions, find_deliveries
from api.approvals import Approval, approvals_waiting, find_approval, find_approvals
from api.assembly import Assembly, explain_profile
from api.belonging import Belonging, explain_membership
from api.changes import Change, ChangePage, find_changes
from api.check import RecordCheck, check_before_insert
from api.cluster_graphs import ClusterGraph, draw_cluster
from api.connections import Connection
from api.decisions import Decision, find_decision, find_decisions
from api.explanations import PairExplanation, explain_pair
from api.funnels import Funnel, FunnelMeasurement, all_funnels, measure_funnel
from api.guards import guard_fields
from api.indicators import Indicator, all_indicators
from api.ingest import Ingest, current_ingest
from api.judgements import Judgement, find_judgements
from api.look_alikes import LookAlikes, look_alikes
from api.lookup import LookupAnswer, find_by_identifier, find_by_identifiers
from api.metrics import Metric, data_metrics
from api.mutations import Mutation
from api.nodes import Node
from api.paths import CommonPaths, Transitions, common_paths, find_transitions, next_touchpoints
from api.profiles import Profile, find_profile, find_profiles
from api.quality import Quality, current_quality
from api.quarantine import QuarantineCount, QuarantinedRow, quarantine_counts, quarantined_rows
from api.record_preview import RecordPreview, preview_record
from api.refetching import find_node
from api.reviews import Review, ReviewCounts, count_reviews, find_review, find_reviews
from api.saved_segments import SegmentPreview, preview_segment
from api.search import Candidate, find_by_attributes
from api.segment_overlaps import SegmentOverlap, segment_overlaps
from api.segment_reasons import SegmentReason, why_segment
from api.segments import Segment, all_segments, find_segment
from api.sensitivity import SCALARS, mask_fields
from api.sources import Source, all_sources
from api.subscriptions import identity_changed, profile_changed, segment_changed
from api.text_search import SearchHit, find_by_anything
from api.viewer import Viewer, current_version, current_viewer


@strawberry.type(description="Everything that can be asked.")
class Query:
    profile: Profile | None = strawberry.field(
        resolver=find_profile, description="The profile under an id; an id merged away answers its survivor."
    )
    profiles: list[Profile] = strawberry.field(
        resolver=find_profiles,
        description="The profiles that ids stand for now, in their order and each once; ids of nobody are left out.",
    )
    node: Node | None = strawberry.field(
        resolver=find_node,
        description="Anything that has an id, by that id; who may is as of its own question.",
    )
    lookup: LookupAnswer = strawberry.field(
        resolver=find_by_identifier, description="Who is behind an identifier."
    )
    lookups: list[LookupAnswer] = strawberry.field(
        resolver=find_by_identifiers, description="Who is behind each of many identifiers, in their order."
    )
    check_record: RecordCheck = strawberry.field(
        resolver=check_before_insert,
        description="Whether somebody known is meant, before a record is inserted.",
    )
    search: list[SearchHit] = strawberry.field(
        resolver=find_by_anything, description="Whom a text can mean, as it is typed; the surest first."
    )
    search_profiles: list[Candidate] = strawberry.field(
        resolver=find_by_attributes, description="Who somebody may be, most probable first."
    )
    preview_record: RecordPreview = strawberry.field(
        resolver=preview_record,
        description="How a record would be read and whose it could be; nothing is written.",
    )
    why_records: PairExplanation = strawberry.field(
        resolver=explain_pair, description="Why two records are, or are not, taken for one."
    )
    how_profile: Assembly = strawberry.field(
        resolver=explain_profile, description="How a profile came together, step by step."
    )
    why_record_in_profile: Belonging = strawberry.field(
        resolver=explain_membership, description="What holds a record in its profile."
    )
    cluster_graph: ClusterGraph = strawberry.field(
        resolver=draw_cluster, description="A profile's cluster as a picture."
    )
    segments: list[Segment] = strawberry.field(resolver=all_segments, description="All segments by name.")
    segment: Segment | None = strawberry.field(resolver=find_segment, description="One segment.")
    changes: ChangePage = strawberry.field(
        resolver=find_changes, description="What changed since a position."
    )
    look_alikes: LookAlikes = strawberry.field(
        resolver=look_alikes, description="Who is most like the members of a segment, and how like."
    )
    why_segment: SegmentReason = strawberry.field(
        resolver=why_segment,
        description="Why a profile is, or is not, in a segment: every clause with its value.",
    )
    preview_segment: SegmentPreview = strawberry.field(
        resolver=preview_segment, description="Whom a rule would hold; nothing is written."
    )
    segment_overlaps: list[SegmentOverlap] = strawberry.field(
        resolver=segment_overlaps, description="How much segments have in common, every two of them."
    )
    indicators: list[Indicator] = strawberry.field(
        resolver=all_indicators, description="All indicators by name."
    )
    funnels: list[Funnel] = strawberry.field(
        resolver=all_funnels, description="The funnels of onefold.toml by name."
    )
    measure_funnel: FunnelMeasurement = strawberry.field(
        resolver=measure_funnel,
        description="How many profiles go through a funnel, how far and how quickly. The copy for analysis is brought "
        "up to date first; `analysis_due` says that it is still being made.",
    )
    common_paths: CommonPaths = strawberry.field(
        resolver=common_paths, description="What sessions have in common, the most common first."
    )
    transitions: Transitions = strawberry.field(
        resolver=find_transitions, description="What comes after what in sessions, with probabilities."
    )
    next_touchpoints: Transitions | None = strawberry.field(
        resolver=next_touchpoints,
        description="What comes next for a profile, by what came after touchpoints of the type of its newest; null "
        "when it has none.",
    )
    metrics: list[Metric] = strawberry.field(
        resolver=data_metrics, description="How complete, accurate, fresh and valuable the data is."
    )
    quality: Quality | None = strawberry.field(
        resolver=current_quality,
        description="How well identities are resolved, as measured last; null before the first measurement.",
    )
    sources: list[Source] = strawberry.field(resolver=all_sources, description="All sources by name.")
    ingest: Ingest | None = strawberry.field(
        resolver=current_ingest,
        description="What became of the events this service took; null if it takes none.",
    )
    quarantine: Connection[QuarantinedRow] = strawberry.field(
        resolver=quarantined_rows, description="The rows that could not be used."
    )
    quarantine_counts: list[QuarantineCount] = strawberry.field(
        resolver=quarantine_counts, description="How many rows wait in quarantine, by source and reason."
    )
    judgements: Connection[Judgement] = strawberry.field(
        resolver=find_judgements, description="What stewards said of pairs of records, oldest first."
    )
    decisions: Connection[Decision] = strawberry.field(
        resolver=find_decisions, description="What stewards decided, newest first."
    )
    decision: Decision | None = strawberry.field(resolver=find_decision, description="One decision.")
    approvals: Connection[Approval] = strawberry.field(
        resolver=find_approvals,
        description="Decisions that wait for a second person, or had one, newest first.",
    )
    approval: Approval | None = strawberry.field(resolver=find_approval, description="One approval.")
    approvals_waiting: int = strawberry.field(
        resolver=approvals_waiting, description="How many approvals wait, at most 1,000."
    )
    reviews: Connection[Review] = strawberry.field(
        resolver=find_reviews, description="What stewards have to answer, the most expensive mistakes first."
    )
    review: Review | None = strawberry.field(
        resolver=find_review, description="One review; null once it is answered."
    )
    review_counts: ReviewCounts = strawberry.field(
        resolver=count_reviews, description="How many reviews there are."
    )
    actions: list[Action] = strawberry.field(
        resolver=all_actions, description="What others are told when profiles change, by name."
    )
    deliveries: Connection[Delivery] = strawberry.field(
        resolver=find_deliveries, description="What actions have to tell, told, or could not."
    )
    viewer: Viewer = strawberry.field(resolver=current_viewer, description="Who is asking.")
    version: str = strawberry.field(resolver=current_version, description="Version of Onefold.")


@strawberry.type(description="Everything that can be listened to, over a WebSocket (graphql-transport-ws).")
class Subscription:
    profile_changed: AsyncGenerator[Change] = strawberry.subscription(
        resolver=profile_changed, description="Golden records that change, and profiles that are retired."
    )
    segment_changed: AsyncGenerator[Change] = strawberry.subscription(
        resolver=segment_changed, description="Profiles that enter and leave segments."
    )
    identity_changed: AsyncGenerator[Change] = strawberry.subscription(
        resolver=identity_changed, description="Profiles that arise, grow, merge and fall apart."
    )


def schema_text() -> str:
    """The schema in GraphQL's schema language (docs/schema.graphql)."""
    return _declared().as_str() + "\n"


def build_schema() -> GraphQLSchema:
    """The executable schema; raises ConfigurationError when an operation has no rule in `access.RULES`,
    or a text field no sensitivity."""
    schema: GraphQLSchema = _declared()._schema  # pyright: ignore[reportPrivateUsage] - strawberry offers no other way
    guard_fields(schema)
    mask_fields(schema)
    return schema


def _declared() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS),
    )
