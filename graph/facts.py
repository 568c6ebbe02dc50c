"""What loaders hand over and the graph keeps: records, identifiers, touchpoints, rejected rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.vocabulary import ConsentStatus, RecordKind


def record_key(source: str, record_id: str) -> str:
    """The unique key of a source record: its source and its id in that source."""
    return f"{source}:{record_id}"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One cleaned identifier: `kind` is a registered kind (graph/identifiers.py), `value` its canonical text."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one source says of one person, organisation or visitor.

    `attributes` holds cleaned values under the names of `vocabulary.ATTRIBUTES`; `extra` keeps mapped values
    outside that list (shown, usable in segments, never matched); `raw` is the input row as JSON text;
    `content_hash` is a digest of everything above it and of the version of the cleaning rules, so that the same
    content is a duplicate.
    `observed_at` is when the source says that the record was last true (UTC), if it says so. `verified` names the
    attributes, as mapped, and identifier kinds that the source has checked, sorted.
    `trait_times` marks a partial statement of a client: when each trait of `raw` was stated, as ISO text in UTC, so
    that the latest wins (graph/traits.py); `attributes` and `extra` then follow from those traits.
    """

    source: str
    record_id: str
    kind: RecordKind
    attributes: Mapping[str, str]
    identifiers: tuple[Identifier, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    raw: str = "{}"
    content_hash: str = ""
    observed_at: datetime | None = None
    verified: tuple[str, ...] = ()
    trait_times: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """Unique key of the record in the graph."""
        return record_key(self.source, self.record_id)


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """One dated interaction of exactly one source record; `message_id` is unique within its source.

    `device_key` is the identifier key of the device that somebody used who was logged in: what an anonymous visitor of
    that device did in between is theirs (graph/logins.py).
    """

    source: str
    message_id: str
    record_key: str
    occurred_at: datetime
    type: str
    channel: str | None = None
    campaign: str | None = None
    revenue: float | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    content_hash: str = ""
    device_key: str | None = None

    @property
    def key(self) -> str:
        """Unique key of the touchpoint in the graph."""
        return f"{self.source}:{self.message_id}"


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody said of one purpose, by one of their identifiers (`identifier_key` is its key in the graph).

    `decided_at` (UTC) is when, if the source says so; another instant is another decision, and the former one stays.
    `expires_at` is the first instant at which it no longer counts.
    """

    source: str
    identifier: Identifier
    identifier_key: str
    purpose: str
    status: ConsentStatus
    decided_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """Unique key of the decision in the graph."""
        when = self.decided_at.isoformat() if self.decided_at else ""
        return "|".join((self.source, self.identifier_key, self.purpose, when))


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A row with a delete marker: the source no longer knows this record."""

    source: str
    record_id: str

    @property
    def key(self) -> str:
        """Unique key of the record to remove."""
        return record_key(self.source, self.record_id)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used: `code` is a stable reason (docs/errors.md), `line` counts from 1.

    `form` is that of the input, `row` or `event`. Without `raw` nothing of it is kept.
    """

    source: str
    file: str
    line: int
    code: str
    reason: str
    raw: str
    form: str = "row"
