"""Constraints and indexes of the graph as ordered, idempotent steps with a stored version."""

import base64
import secrets
from datetime import UTC, datetime
from typing import LiteralString

from graph.errors import SchemaError
from graph.transactions import Graph, Statement

_UNIQUE_KEYS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT installation_id IF NOT EXISTS FOR (n:Installation) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT source_name IF NOT EXISTS FOR (n:Source) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT source_record_key IF NOT EXISTS FOR (n:SourceRecord) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (n:Identifier) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT touchpoint_key IF NOT EXISTS FOR (n:Touchpoint) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT profile_id IF NOT EXISTS FOR (n:Profile) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT segment_name IF NOT EXISTS FOR (n:Segment) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT identity_event_id IF NOT EXISTS FOR (n:IdentityEvent) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT conflict_key IF NOT EXISTS FOR (n:Conflict) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT quarantined_key IF NOT EXISTS FOR (n:Quarantined) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT model_version IF NOT EXISTS FOR (n:ModelVersion) REQUIRE n.version IS UNIQUE",
    "CREATE CONSTRAINT lease_name IF NOT EXISTS FOR (n:Lease) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT api_key_id IF NOT EXISTS FOR (n:ApiKey) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT api_key_prefix IF NOT EXISTS FOR (n:ApiKey) REQUIRE n.prefix IS UNIQUE",
)

_PAGES: tuple[LiteralString, ...] = (
    "CREATE INDEX touchpoint_journey IF NOT EXISTS FOR (n:Touchpoint) ON (n.record_key, n.occurred_at)",
    "CREATE INDEX quarantined_source IF NOT EXISTS FOR (n:Quarantined) ON (n.source)",
    "CREATE INDEX identity_event_profile IF NOT EXISTS FOR (n:IdentityEvent) ON (n.profile_id)",
)

_BLOCKS: tuple[LiteralString, ...] = (
    "CREATE INDEX block_name IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_name)",
    "CREATE INDEX block_sounds IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_sounds)",
    "CREATE INDEX block_surname IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_surname)",
    "CREATE INDEX block_birth IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_birth)",
    "CREATE INDEX block_birth_given IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_birth_given)",
    "CREATE INDEX block_name_year IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_name_year)",
    "CREATE INDEX block_surname_year IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_surname_year)",
    "CREATE INDEX block_given_month IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_given_month)",
    "CREATE INDEX block_address IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_address)",
    "CREATE INDEX block_postcode IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_postcode)",
    "CREATE INDEX block_postcode_surname IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_postcode_surname)",
    "CREATE INDEX block_postcode_given IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_postcode_given)",
    "CREATE INDEX block_place_surname IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_place_surname)",
    "CREATE INDEX block_place_given IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_place_given)",
    "CREATE INDEX block_place_month IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_place_month)",
    "CREATE INDEX block_mailbox IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_mailbox)",
    "CREATE INDEX block_phone_tail IF NOT EXISTS FOR (n:SourceRecord) ON (n.block_phone_tail)",
)

_STEWARDS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT judgement_id IF NOT EXISTS FOR (n:Judgement) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT judgement_standing IF NOT EXISTS FOR (n:Judgement) REQUIRE n.standing IS UNIQUE",
    "CREATE CONSTRAINT decision_id IF NOT EXISTS FOR (n:Decision) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX judgement_left IF NOT EXISTS FOR (n:Judgement) ON (n.left)",
    "CREATE INDEX judgement_right IF NOT EXISTS FOR (n:Judgement) ON (n.right)",
    "CREATE INDEX judgement_decision IF NOT EXISTS FOR (n:Judgement) ON (n.decision_id)",
    "CREATE INDEX judgement_superseded IF NOT EXISTS FOR (n:Judgement) ON (n.superseded_by)",
    "CREATE INDEX judgement_expiry IF NOT EXISTS FOR (n:Judgement) ON (n.expires_at)",
    "CREATE INDEX conflict_left IF NOT EXISTS FOR (n:Conflict) ON (n.left)",
    "CREATE INDEX conflict_right IF NOT EXISTS FOR (n:Conflict) ON (n.right)",
)

_PINS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT pin_id IF NOT EXISTS FOR (n:Pin) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX pin_record IF NOT EXISTS FOR (n:Pin) ON (n.record_key)",
    "CREATE INDEX pin_profile IF NOT EXISTS FOR (n:Pin) ON (n.profile_id)",
)

_SUPPRESSIONS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT suppression_key IF NOT EXISTS FOR (n:Suppression) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX suppression_version IF NOT EXISTS FOR (n:Suppression) ON (n.version)",
)

_LOGINS: tuple[LiteralString, ...] = (
    "CREATE INDEX touchpoint_device IF NOT EXISTS FOR (n:Touchpoint) ON (n.device_key, n.occurred_at)",
)

_SYNCS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT sync_name IF NOT EXISTS FOR (n:Sync) REQUIRE n.name IS UNIQUE",
)

_DUE: tuple[LiteralString, ...] = (
    "CREATE INDEX profile_turns_at IF NOT EXISTS FOR (n:Profile) ON (n.turns_at)",
)

_CHANGES: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT change_counter_id IF NOT EXISTS FOR (n:ChangeCounter) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX profile_changed IF NOT EXISTS FOR (n:Profile) ON (n.changed_in, n.id)",
    "CREATE INDEX identity_event_changed IF NOT EXISTS FOR (n:IdentityEvent) ON (n.changed_in, n.id)",
    "CREATE INDEX segment_entered IF NOT EXISTS FOR ()-[m:IN_SEGMENT]-() ON (m.entered_in)",
    "CREATE INDEX segment_left IF NOT EXISTS FOR ()-[m:IN_SEGMENT]-() ON (m.left_in)",
)

_HOUSEHOLDS: tuple[LiteralString, ...] = (
    "CREATE INDEX profile_household IF NOT EXISTS FOR (n:Profile) ON (n.household)",
)

# A page of one type of a long journey: a rare type would have to be looked for in all of it.
_TYPES: tuple[LiteralString, ...] = (
    "CREATE INDEX touchpoint_type IF NOT EXISTS FOR (n:Touchpoint) ON (n.record_key, n.type, n.occurred_at)",
)

_CONSENTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT consent_key IF NOT EXISTS FOR (n:Consent) REQUIRE n.key IS UNIQUE",
)

_ACTIONS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT action_name IF NOT EXISTS FOR (n:Action) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT delivery_id IF NOT EXISTS FOR (n:Delivery) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX delivery_due IF NOT EXISTS FOR (n:Delivery) ON (n.action, n.state, n.next_at)",
    "CREATE INDEX delivery_finished IF NOT EXISTS FOR (n:Delivery) ON (n.state, n.finished_at)",
)

_RECORD_CHANGES: tuple[LiteralString, ...] = (
    "CREATE INDEX source_record_changed IF NOT EXISTS FOR (n:SourceRecord) ON (n.changed_in, n.key)",
)

_METRICS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT metric_key IF NOT EXISTS FOR (n:Metric) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX metric_measured IF NOT EXISTS FOR (n:Metric) ON (n.measured_at)",
)

_QUALITY: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT quality_snapshot_key IF NOT EXISTS FOR (n:QualitySnapshot) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX quality_snapshot_measured IF NOT EXISTS FOR (n:QualitySnapshot) ON (n.measured_at)",
    "CREATE INDEX identity_event_at IF NOT EXISTS FOR (n:IdentityEvent) ON (n.change, n.at)",
)

_APPROVALS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT approval_id IF NOT EXISTS FOR (n:Approval) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT approval_waiting IF NOT EXISTS FOR (n:Approval) REQUIRE n.waiting IS UNIQUE",
    "CREATE INDEX approval_state IF NOT EXISTS FOR (n:Approval) ON (n.state, n.id)",
    "CREATE INDEX decision_author IF NOT EXISTS FOR (n:Decision) ON (n.author, n.id)",
    "CREATE INDEX decision_kind IF NOT EXISTS FOR (n:Decision) ON (n.kind, n.id)",
)

# Search by anything that is typed: whole and begun identifiers of any kind, ids of sources, words of golden records.
# The words follow a moment later: in the commit itself they doubled the time to write golden records.
_SEARCH: tuple[LiteralString, ...] = (
    "CREATE INDEX identifier_value IF NOT EXISTS FOR (n:Identifier) ON (n.value)",
    "CREATE INDEX source_record_record_id IF NOT EXISTS FOR (n:SourceRecord) ON (n.record_id)",
    "CREATE FULLTEXT INDEX profile_words IF NOT EXISTS FOR (n:Profile) ON EACH [n.given_name, n.middle_name, n.surname,"
    " n.native_name, n.organisation_name, n.birth_date, n.city, n.postcode]"
    " OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-folding', `fulltext.eventually_consistent`: true}}",
)

_REVIEWS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT review_key IF NOT EXISTS FOR (n:Review) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX review_rank IF NOT EXISTS FOR (n:Review) ON (n.rank)",
    "CREATE INDEX review_kind IF NOT EXISTS FOR (n:Review) ON (n.kind)",
    "CREATE INDEX review_profile IF NOT EXISTS FOR (n:Review) ON (n.profile_id)",
    "CREATE INDEX review_other IF NOT EXISTS FOR (n:Review) ON (n.other_id)",
    "CREATE CONSTRAINT triage_key IF NOT EXISTS FOR (n:Triage) REQUIRE n.key IS UNIQUE",
    "CREATE INDEX triage_assigned IF NOT EXISTS FOR (n:Triage) ON (n.assigned_to)",
    "CREATE INDEX triage_snoozed IF NOT EXISTS FOR (n:Triage) ON (n.snoozed_until)",
)

_RUNS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT resolve_run_id IF NOT EXISTS FOR (n:ResolveRun) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX resolve_run_started IF NOT EXISTS FOR (n:ResolveRun) ON (n.started_at)",
)

STEPS: tuple[tuple[LiteralString, ...], ...] = (
    _UNIQUE_KEYS,
    _PAGES,
    _BLOCKS,
    _STEWARDS,
    _PINS,
    _SUPPRESSIONS,
    _LOGINS,
    _SYNCS,
    _DUE,
    _CHANGES,
    _HOUSEHOLDS,
    _TYPES,
    _CONSENTS,
    _ACTIONS,
    _RECORD_CHANGES,
    _METRICS,
    _QUALITY,
    _APPROVALS,
    _SEARCH,
    _REVIEWS,
    _RUNS,
)
"""Step n leads from schema version n to n + 1. A published step never changes; a new need is a new step."""

_OPEN_SECONDS = 180
_BUILD_SECONDS = 3600  # an index over a graph that is already full takes its time
_ONLINE: tuple[LiteralString, ...] = ("CALL db.awaitIndexes(3600)",)

VERSION = len(STEPS)
"""The schema version that this Onefold writes and understands."""

_READ: LiteralString = (
    "MATCH (n:Installation {id: 'onefold'}) RETURN n.schema_version AS version, n.salt AS salt"
)


async def apply_schema(graph: Graph) -> bytes:
    """Bring the graph's schema to `VERSION` and return the salt of the installation.

    Safe to run at the same time from several processes, and a single read when nothing is to be done.
    Raises SchemaError when the graph was written by a newer Onefold.
    """
    # As a write, so that a cluster's leader answers, and with patience: a server just started is slow at first.
    [rows] = await graph.write_all([Statement(_READ)], seconds=_OPEN_SECONDS)
    version = int(rows[0]["version"]) if rows else 0
    if version > VERSION:
        raise SchemaError(
            f"The graph has schema version {version}, this Onefold knows {VERSION}. Install a newer Onefold."
        )
    if rows and version == VERSION:
        return base64.b64decode(rows[0]["salt"])
    for step in (*STEPS[version:], _ONLINE):
        await graph.write_all([Statement(statement) for statement in step], seconds=_BUILD_SECONDS)
    return await _record_version(graph)


_RECORD: LiteralString = """
MERGE (n:Installation {id: 'onefold'})
ON CREATE SET n.salt = $salt, n.created_at = $now
SET n.schema_version = $version
RETURN n.salt AS salt
"""


async def _record_version(graph: Graph) -> bytes:
    salt = base64.b64encode(secrets.token_bytes(32)).decode()
    rows = await graph.write(_RECORD, salt=salt, now=datetime.now(UTC), version=VERSION)
    return base64.b64decode(rows[0]["salt"])
