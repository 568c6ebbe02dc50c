"""Who may do what: one table of operations, routes and guarded fields; what is not in it is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from api.sensitivity import Sensitivity
from graph.errors import PermissionDeniedError
from graph.vocabulary import Role

Roles = frozenset[Role]

EVERY_ROLE: Roles = frozenset(Role)
LOOKING_UP: Roles = EVERY_ROLE - {Role.INGEST, Role.ANALYST}
READING: Roles = EVERY_ROLE - {Role.INGEST}
ANALYSING: Roles = frozenset({Role.READER, Role.ANALYST, Role.STEWARD, Role.PRIVACY, Role.ADMIN})
REPAIRING: Roles = frozenset({Role.STEWARD, Role.INGEST, Role.PRIVACY, Role.ADMIN})
SEEING_RAW: Roles = frozenset({Role.STEWARD, Role.PRIVACY, Role.ADMIN})
DECIDING: Roles = frozenset({Role.STEWARD, Role.ADMIN})
SEGMENTING: Roles = frozenset({Role.ANALYST, Role.STEWARD, Role.ADMIN})
MEASURING: Roles = SEGMENTING
ADMINISTERING: Roles = frozenset({Role.ADMIN})
OPERATING: Roles = frozenset({Role.ANALYST, Role.ADMIN})
TAKING_IN: Roles = frozenset({Role.INGEST, Role.CRM, Role.STEWARD, Role.ADMIN})
ANYBODY: Roles | None = None
"""No key needed: the answer says nothing about the data."""

ROOTS = ("Query", "Mutation", "Subscription")

SEND_EVENTS = "POST /v1/{call}"
"""All routes of the event API: for write keys, and the only thing that those may do."""

RULES: Mapping[str, Roles | None] = MappingProxyType(
    {
        "Query.node": READING,
        "Query.profile": READING,
        "Query.profiles": READING,
        "Query.lookup": LOOKING_UP,
        "Query.lookups": LOOKING_UP,
        "Query.checkRecord": LOOKING_UP,
        "Query.searchProfiles": LOOKING_UP,
        "Query.previewRecord": LOOKING_UP,
        "Query.whyRecords": LOOKING_UP,
        "Query.howProfile": LOOKING_UP,
        "Query.whyRecordInProfile": LOOKING_UP,
        "Query.clusterGraph": LOOKING_UP,
        "Query.search": LOOKING_UP,
        "Query.segments": READING,
        "Query.funnels": ANALYSING,
        "Query.measureFunnel": ANALYSING,
        "Query.commonPaths": ANALYSING,
        "Query.transitions": ANALYSING,
        "Query.nextTouchpoints": READING,
        "Query.segment": ANALYSING,
        "Query.changes": READING,
        "Query.actions": OPERATING,
        "Query.deliveries": OPERATING,
        "Query.whySegment": READING,
        "Query.previewSegment": SEGMENTING,
        "Query.segmentOverlaps": ANALYSING,
        "Query.indicators": READING,
        "Query.lookAlikes": ANALYSING,
        "Query.metrics": ANALYSING,
        "Query.quality": ANALYSING,
        "Query.sources": EVERY_ROLE,
        "Query.ingest": EVERY_ROLE,
        "Query.quarantine": REPAIRING,
        "Query.quarantineCounts": REPAIRING,
        "Query.judgements": DECIDING,
        "Query.reviews": DECIDING,
        "Query.review": DECIDING,
        "Query.reviewCounts": DECIDING,
        "Query.decisions": DECIDING,
        "Query.decision": DECIDING,
        "Query.approvals": DECIDING,
        "Query.approval": DECIDING,
        "Query.approvalsWaiting": DECIDING,
        "Query.viewer": EVERY_ROLE,
        "Query.version": EVERY_ROLE,
        "Subscription.profileChanged": READING,
        "Subscription.segmentChanged": READING,
        "Subscription.identityChanged": READING,
        "Mutation.replayDeliveries": ADMINISTERING,
        "Mutation.identify": TAKING_IN,
        "Mutation.replayQuarantine": REPAIRING,
        "Mutation.judge": DECIDING,
        "Mutation.assignReviews": DECIDING,
        "Mutation.snoozeReviews": DECIDING,
        "Mutation.mergeProfiles": DECIDING,
        "Mutation.splitProfile": DECIDING,
        "Mutation.detachRecord": DECIDING,
        "Mutation.lockProfile": DECIDING,
        "Mutation.unlockProfile": DECIDING,
        "Mutation.undoDecision": DECIDING,
        "Mutation.approveDecision": DECIDING,
        "Mutation.declineDecision": DECIDING,
        "Mutation.saveSegment": SEGMENTING,
        "Mutation.forgetSegment": SEGMENTING,
        "Mutation.measureQuality": MEASURING,
        "Mutation.pinValue": DECIDING,
        "Mutation.unpinValue": DECIDING,
        "Indicator.distribution": ANALYSING,
        "Identification.candidates": LOOKING_UP,
        "Identification.profile": READING,
        "POST /graphql": EVERY_ROLE,
        "GET /graphql": ANYBODY,
        SEND_EVENTS: frozenset({Role.INGEST}),
        "GET /v1/lookup": LOOKING_UP,
        "POST /v1/lookup": LOOKING_UP,
        "POST /v1/check": LOOKING_UP,
        "GET /v1/profiles/{profile_id}": READING,
        "GET /v1/changes": READING,
        "GET /health/live": ANYBODY,
        "GET /health/ready": ANYBODY,
        "GET /metrics": OPERATING,
        "GET /openapi.json": ANYBODY,
    }
)


SEEING: Mapping[Sensitivity, Roles] = MappingProxyType(
    {Sensitivity.PERSONAL: READING - {Role.ANALYST}, Sensitivity.RAW: SEEING_RAW}
)
"""Which roles see what is sensitive; to others it is redacted (api/sensitivity.py)."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: the id and role of the API key, the source of a write key, and the only operations that a key with
    scopes is for."""

    key_id: str
    role: Role
    source: str | None = None
    scopes: frozenset[str] = frozenset()

    def may(self, operation: str) -> bool:
        """Whether the table lets this viewer do `operation`; events are for write keys, and those for nothing else."""
        roles = RULES.get(operation, frozenset[Role]())
        fits = (operation == SEND_EVENTS) == (self.source is not None)
        return roles is None or (fits and self.role in roles and self._in_scope(operation))

    def _in_scope(self, operation: str) -> bool:
        """Whether a key's scopes have the operation; the door to GraphQL is open to a scope behind it."""
        within = operation in self.scopes or ("." in operation and operation.partition(".")[0] not in ROOTS)
        behind = operation == "POST /graphql" and any(
            scope.partition(".")[0] in ROOTS for scope in self.scopes
        )
        return not self.scopes or within or behind

    def sees(self, sensitivity: Sensitivity) -> bool:
        """Whether this viewer is shown values of this sensitivity."""
        return self.role in SEEING[sensitivity]

    def require(self, operation: str) -> None:
        """Raise PermissionDeniedError unless the table lets this viewer do `operation`."""
        if not self.may(operation):
            who = f"The role {self.role.value}" if self.source is None else "A write key"
            raise PermissionDeniedError(f"{who} may not use {operation}.")


LOCAL = Viewer("local", Role.ADMIN)
"""Whoever sits at the machine and uses the command line."""
