"""Answers for a record as a client states it, without a mapping: cleaned like the rows of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from graph.attributes import clean_attributes
from graph.cleaning import CLEANING
from graph.facts import Consent, Identifier, SourceRecord
from graph.identifiers import clean_identifier, identifier_key
from graph.unusable import UnusableValueError
from graph.vocabulary import ConsentStatus, RecordKind
from loaders.consenting import LONGEST_PURPOSE
from loaders.facts import usual_kind
from loaders.identifying import bounded, digest
from loaders.rows import RejectionCode, UnusableRowError

_LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """A consent as a client states it, by the identifier of `identifier_kind`, else by the record's first."""

    purpose: str
    status: ConsentStatus
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    identifier_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a client says of somebody: `attributes` under the names of `graph.attributes.INPUTS`, `identifiers` as
    (kind, value, country or None), all as written; `observed_at` is when it was true. Without `record_id` the content
    is the id."""

    source: str
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    identifiers: Sequence[tuple[str, str, str | None]] = ()
    record_id: str | None = None
    kind: RecordKind | None = None
    observed_at: datetime | None = None
    consents: Sequence[Decision] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """The record, and the problems (name, code) of single values that were not taken over."""

    record: SourceRecord
    problems: tuple[tuple[str, str], ...] = ()


def stated(statement: Statement) -> Stated:
    """Clean a statement.

    Raises UnusableRowError: source_missing, record_id_too_long, nothing_usable.
    """
    source = statement.source.strip().replace(":", "_")
    if not source or len(source) > _LONGEST_SOURCE:
        raise UnusableRowError(
            RejectionCode.SOURCE_MISSING, f"A source has a name of 1 to {_LONGEST_SOURCE} characters."
        )
    cleaned = clean_attributes(statement.attributes)
    problems = [(one.attribute, str(one.code)) for one in cleaned.problems]
    identifiers = _identifiers(statement.identifiers, cleaned.attributes.get("country"), problems)
    if not (cleaned.attributes or identifiers):
        raise UnusableRowError(RejectionCode.NOTHING_USABLE, "The record holds no usable value.")
    kind = statement.kind or usual_kind(cleaned.attributes, identifiers)
    said = {"attributes": dict(statement.attributes), "identifiers": _written(statement)}
    text = orjson.dumps(said).decode()
    observed_at = statement.observed_at.astimezone(UTC) if statement.observed_at else None
    content = [
        CLEANING,
        kind,
        cleaned.attributes,
        [[one.kind, one.value] for one in identifiers],
        text,
        observed_at,
    ]
    record = SourceRecord(
        source=source,
        record_id=bounded(statement.record_id.strip()) if statement.record_id else digest(said),
        kind=kind,
        attributes=cleaned.attributes,
        identifiers=identifiers,
        extra={"problems": " ".join(f"{name}:{code}" for name, code in problems)} if problems else {},
        raw=text,
        content_hash=digest(content),
        observed_at=observed_at,
    )
    return Stated(record, tuple(problems))


def _written(statement: Statement) -> list[tuple[str, ...]]:
    """The identifiers without the countries that nobody named."""
    return [tuple(part for part in one if part is not None) for one in statement.identifiers]


def decided(statement: Statement, record: SourceRecord, salt: bytes) -> tuple[Consent, ...]:
    """The consents that a statement about `record` holds; raises UnusableRowError (consent_unusable)."""
    return tuple(_consent(one, record, salt) for one in statement.consents)


def _consent(said: Decision, record: SourceRecord, salt: bytes) -> Consent:
    purpose = said.purpose.strip()
    holder = next((one for one in record.identifiers if said.identifier_kind in (None, one.kind)), None)
    if holder is None or not 0 < len(purpose) <= LONGEST_PURPOSE:
        raise UnusableRowError(
            RejectionCode.CONSENT_UNUSABLE,
            f"A consent needs a purpose of 1 to {LONGEST_PURPOSE} characters and an identifier of the record.",
        )
    at = said.decided_at or record.observed_at
    return Consent(
        source=record.source,
        identifier=holder,
        identifier_key=identifier_key(holder, salt),
        purpose=purpose,
        status=said.status,
        decided_at=at and at.astimezone(UTC),
        expires_at=said.expires_at and said.expires_at.astimezone(UTC),
    )


def _identifiers(
    given: Sequence[tuple[str, str, str | None]], country: str | None, problems: list[tuple[str, str]]
) -> tuple[Identifier, ...]:
    found: set[Identifier] = set()
    for kind, value, own in given:
        try:
            found.add(clean_identifier(kind, value, country=own or country))
        except UnusableValueError as error:
            problems.append((kind, str(error.code)))
    return tuple(sorted(found))
