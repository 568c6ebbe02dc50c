"""The words of the model as frozen values (docs/glossary.md explains each)."""

from enum import StrEnum
from typing import LiteralString


class Label(StrEnum):
    """Node labels of the graph."""

    SOURCE = "Source"
    SOURCE_RECORD = "SourceRecord"
    IDENTIFIER = "Identifier"
    TOUCHPOINT = "Touchpoint"
    PROFILE = "Profile"
    SEGMENT = "Segment"
    INDICATOR = "Indicator"
    JUDGEMENT = "Judgement"
    DECISION = "Decision"
    APPROVAL = "Approval"
    PIN = "Pin"
    CONSENT = "Consent"
    IDENTITY_EVENT = "IdentityEvent"
    CONFLICT = "Conflict"
    MODEL_VERSION = "ModelVersion"
    SUPPRESSION = "Suppression"
    QUARANTINED = "Quarantined"
    SYNC = "Sync"
    METRIC = "Metric"
    QUALITY_SNAPSHOT = "QualitySnapshot"
    RESOLVE_RUN = "ResolveRun"
    API_KEY = "ApiKey"
    INSTALLATION = "Installation"
    LEASE = "Lease"
    PENDING = "Pending"
    DUE = "Due"
    CHANGE_COUNTER = "ChangeCounter"
    ACTION = "Action"
    DELIVERY = "Delivery"
    REVIEW = "Review"
    REVIEW_DUE = "ReviewDue"
    REVIEWING = "Reviewing"
    TRIAGE = "Triage"


class Relationship(StrEnum):
    """Relationship types of the graph."""

    OF = "OF"
    HAS_IDENTIFIER = "HAS_IDENTIFIER"
    HAS_CONSENT = "HAS_CONSENT"
    MATCHES = "MATCHES"
    RESOLVES_TO = "RESOLVES_TO"
    IN_SEGMENT = "IN_SEGMENT"
    HAS_INDICATOR = "HAS_INDICATOR"


class RecordKind(StrEnum):
    """What a source record speaks of; kinds never merge with one another, but a visitor may join a person."""

    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"
    VISITOR = "VISITOR"


class IdentifierClass(StrEnum):
    """How far an identifier may link by itself."""

    UNIQUE = "unique"
    LOGIN = "login"
    CONTACT = "contact"
    DEVICE = "device"


class IdentifierState(StrEnum):
    """Whether an identifier's holders are linked by it, derived from its own records."""

    LINKING = "linking"
    DEMOTED = "demoted"
    BLOCKED = "blocked"


class ConsentStatus(StrEnum):
    """What somebody said of a purpose; the later ones are the more restrictive."""

    GRANTED = "GRANTED"
    DENIED = "DENIED"
    REVOKED = "REVOKED"


class Outcome(StrEnum):
    """How sure an answer is."""

    MATCH = "MATCH"
    POSSIBLE = "POSSIBLE"
    AMBIGUOUS = "AMBIGUOUS"
    NO_MATCH = "NO_MATCH"


class Verdict(StrEnum):
    """A steward's judgement on a pair of source records."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    UNSURE = "UNSURE"


class ReviewKind(StrEnum):
    """Why a pair of records is a question for a steward."""

    POSSIBLE = "POSSIBLE"
    AMBIGUOUS = "AMBIGUOUS"
    WEAK = "WEAK"
    OVERSIZED = "OVERSIZED"
    CONFLICT = "CONFLICT"
    LOCKED = "LOCKED"


class DecisionKind(StrEnum):
    """What a steward decided; detaching a record is a split with one record on its side."""

    JUDGE = "judge"
    MERGE = "merge"
    SPLIT = "split"
    LOCK = "lock"
    UNLOCK = "unlock"
    PIN = "pin"
    UNPIN = "unpin"
    UNDO = "undo"


class ApprovalState(StrEnum):
    """What became of a decision that a second person has to approve."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    STALE = "stale"


class Role(StrEnum):
    """What an API key may do."""

    READER = "reader"
    CRM = "crm"
    ANALYST = "analyst"
    STEWARD = "steward"
    INGEST = "ingest"
    PRIVACY = "privacy"
    ADMIN = "admin"


class IdentityChange(StrEnum):
    """What happened to a profile, one entry of the ledger each."""

    CREATED = "created"
    GREW = "grew"
    SHRANK = "shrank"
    MERGED = "merged"
    SPLIT = "split"
    RETIRED = "retired"
    HANDED_OVER = "handed over"


class IndicatorFunction(StrEnum):
    """What an indicator works out of touchpoints."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most_frequent"
    DISTINCT = "distinct"
    DISTINCT_COUNT = "distinct_count"
    RECENCY = "recency"
    TREND = "trend"
    Z_SCORE = "z_score"


class DeliveryState(StrEnum):
    """What became of something that an action has to tell."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class ChangeKind(StrEnum):
    """What an item of the change feed is about."""

    IDENTITY = "identity"
    PROFILE = "profile"
    SEGMENT = "segment"


ATTRIBUTES: tuple[LiteralString, ...] = (
    "given_name",
    "middle_name",
    "surname",
    "generation",
    "native_name",
    "gender",
    "birth_date",
    "birth_place",
    "occupation",
    "house_number",
    "street",
    "unit",
    "city",
    "postcode",
    "region",
    "country",
    "organisation_name",
)
"""The cleaned attributes a source record may carry; every value is a string, absent when unknown."""
