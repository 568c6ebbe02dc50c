"""Answers for turning one row into facts: a cleaned record, its touchpoint, or the deletion of a record."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from graph.attributes import INPUTS, clean_attributes
from graph.cleaning import CLEANING
from graph.facts import Consent, Identifier, SourceRecord, Tombstone, Touchpoint
from graph.identifiers import canonical_kind, kind_of
from graph.logins import login_device
from graph.vocabulary import IdentifierClass, RecordKind
from loaders.consenting import Consenting
from loaders.identifying import Identifying, digest, present
from loaders.interactions import read_touchpoint
from loaders.mapping import AttributeMapping, KindMapping, Mapping
from loaders.rows import RejectionCode, Row, UnusableRowError

_EXTRA_KEPT = 1_000
_RECORDS_CACHED = 50_000
_PERSON_NAMES = ("given_name", "surname", "native_name")
_YES = ("true", "1", "yes", "y", "t", "on", "verified", "confirmed")
_JOINTS = {"birth_date": "-", "address": ", "}


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What one row says: a record with or without a touchpoint, or a tombstone; a group call its group as well; and
    what is consented to.

    A `partial` statement adds to what is known of its record and takes nothing away; others replace it.
    """

    source: str
    record: SourceRecord | None = None
    touchpoint: Touchpoint | None = None
    tombstone: Tombstone | None = None
    partial: bool = False
    group: SourceRecord | None = None
    consents: tuple[Consent, ...] = ()


class RowMapper:
    """Applies a mapping to rows; cleaning is cached, so that repeated values and users cost little."""

    def __init__(self, mapping: Mapping, salt: bytes) -> None:
        self._mapping = mapping
        self._salt = salt
        self._identifying = Identifying(mapping, salt)
        self._consenting = Consenting(mapping, salt)
        self._matched = {name: spec for name, spec in mapping.attributes.items() if name in INPUTS}
        self._extra = {name: spec for name, spec in mapping.attributes.items() if name not in INPUTS}
        birth = mapping.attributes.get("birth_date")
        self._date_order = (birth.order if birth else None) or "ymd"
        aside = ("touchpoint.", "source")
        columns = (column for column, target in mapping.columns() if not target.startswith(aside))
        self._record_columns = tuple(dict.fromkeys(columns))
        self._records: dict[tuple[str | None, ...], tuple[SourceRecord, tuple[Consent, ...]]] = {}

    def facts(self, row: Row) -> RowFacts:
        """The facts of one row; raises UnusableRowError when it has no id or says nothing."""
        source = self._source(row.values)
        deleted = self._mapping.record.deleted
        if deleted and _is_one_of(row.values.get(deleted.column), deleted.values):
            record_id, _ = self._identifying.record_id(row.values, is_deletion=True)
            return RowFacts(source, tombstone=Tombstone(source, record_id))
        if self._mapping.touchpoint is None:
            record, consents = self._record(source, row.values)
            return RowFacts(source, record, consents=consents)
        record, consents = self._remembered(source, row.values)
        device_key = login_device(record, self._salt)
        touchpoint = read_touchpoint(self._mapping.touchpoint, record, device_key, row.values)
        return RowFacts(source, record, touchpoint, partial=True, consents=consents)

    def identifiers(self, row: Row) -> tuple[Identifier, ...]:
        """The usable identifiers of a row, also of one that gives no facts."""
        return self._identifying.identifiers(row.values)[0]

    def _source(self, values: Map[str, str]) -> str:
        column = self._mapping.source.column
        name = self._mapping.source.name if column is None else present(values.get(column))
        if not name or len(name) > 200:
            raise UnusableRowError(
                RejectionCode.SOURCE_MISSING, "The row does not say which source it is of."
            )
        return name.replace(":", "_")

    def _remembered(self, source: str, values: Map[str, str]) -> tuple[SourceRecord, tuple[Consent, ...]]:
        """The record of an event row and its consents: the same user's rows give the same record."""
        key = (source, *(values.get(column) for column in self._record_columns))
        known = self._records.get(key)
        if known is None or self._mapping.record.id == ("content",):
            if len(self._records) >= _RECORDS_CACHED:
                self._records.clear()
            known = self._records[key] = self._record(source, values)
        return known

    def _record(self, source: str, values: Map[str, str]) -> tuple[SourceRecord, tuple[Consent, ...]]:
        identifiers, problems = self._identifying.identifiers(values)
        record_id, by_device = self._identifying.record_id(values)
        raw = {name: text for name, spec in self._matched.items() if (text := _joined(name, spec, values))}
        cleaned = clean_attributes(raw, date_order=self._date_order)
        extra = {
            name: text[:_EXTRA_KEPT]
            for name, spec in self._extra.items()
            if (text := _joined(name, spec, values))
        }
        if not (cleaned.attributes or identifiers or extra or self._mapping.touchpoint):
            raise UnusableRowError(RejectionCode.NOTHING_USABLE, "No mapped column holds a usable value.")
        problems += [f"{problem.attribute}:{problem.code}" for problem in cleaned.problems]
        observed_at = self._identifying.observed_at(values)
        consents, unclear = self._consenting.read(source, values, identifiers, observed_at)
        if problems := [*problems, *unclear]:
            extra["problems"] = " ".join(problems)
        kind = self._kind(values, cleaned.attributes, identifiers, by_device)
        text = "{}" if self._mapping.touchpoint else orjson.dumps(dict(values)).decode()
        verified = self._verified(values, cleaned.attributes, identifiers)
        content = [
            CLEANING,
            kind,
            cleaned.attributes,
            [[i.kind, i.value] for i in identifiers],
            extra,
            text,
            observed_at,
            *verified,
        ]
        record = SourceRecord(
            source=source,
            record_id=record_id,
            kind=kind,
            attributes=cleaned.attributes,
            identifiers=identifiers,
            extra=extra,
            raw=text,
            content_hash=digest(content),
            observed_at=observed_at,
            verified=verified,
        )
        return record, consents

    def _verified(
        self, values: Map[str, str], attributes: Map[str, str], identifiers: tuple[Identifier, ...]
    ) -> tuple[str, ...]:
        """The mapped names whose values the source has checked."""
        held = {identifier.kind for identifier in identifiers}
        said = {
            name for name, spec in self._matched.items() if attributes and _says_yes(spec.verified, values)
        }
        for name, spec in self._mapping.identifiers.items():
            if canonical_kind(name) in held and _says_yes(spec.verified, values):
                said.add(canonical_kind(name))
        return tuple(sorted(said))

    def _kind(
        self,
        values: Map[str, str],
        attributes: Map[str, str],
        identifiers: tuple[Identifier, ...],
        by_device: bool,
    ) -> RecordKind:
        rule = self._mapping.record.kind
        if isinstance(rule, KindMapping):
            value = values.get(rule.column)
            if _is_one_of(value, rule.organisation):
                return RecordKind.ORGANISATION
            if _is_one_of(value, rule.person):
                return RecordKind.PERSON
        elif rule != "auto":
            return RecordKind(rule.upper())
        usual = usual_kind(attributes, identifiers)
        return RecordKind.VISITOR if by_device and usual is RecordKind.PERSON else usual


def usual_kind(attributes: Map[str, str], identifiers: Sequence[Identifier]) -> RecordKind:
    """What a record speaks of when nobody says: an organisation where only its name is known, a visitor where nothing
    but devices and cookies is."""
    if "organisation_name" in attributes and not any(name in attributes for name in _PERSON_NAMES):
        return RecordKind.ORGANISATION
    devices = [kind_of(one.kind).identifier_class is IdentifierClass.DEVICE for one in identifiers]
    return RecordKind.VISITOR if devices and all(devices) and not attributes else RecordKind.PERSON


def _joined(name: str, spec: AttributeMapping, values: Map[str, str]) -> str:
    if len(spec.columns) == 1:
        return values.get(spec.columns[0], "")
    return _JOINTS.get(name, " ").join(text for column in spec.columns if (text := values.get(column)))


def _says_yes(verified: bool | str, values: Map[str, str]) -> bool:
    """A constant, or a column that holds a word for yes."""
    return verified if isinstance(verified, bool) else _is_one_of(values.get(verified), _YES)


def _is_one_of(value: str | None, words: tuple[str, ...]) -> bool:
    return value is not None and value.casefold() in {word.casefold() for word in words}
