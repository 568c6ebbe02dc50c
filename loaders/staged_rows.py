"""Answers for the facts of rows as columns of the staging, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from graph.facts import Consent, Identifier, SourceRecord, Tombstone, Touchpoint
from graph.staging import SCHEMA
from graph.vocabulary import ATTRIBUTES, ConsentStatus, RecordKind
from loaders.batches import Entry
from loaders.facts import RowFacts

_NO_RECORD = (None,) * (len(ATTRIBUTES) + 8)
_NO_TOUCHPOINT = (None,) * 10


def staged(entries: Iterable[tuple[int, Entry]]) -> pa.Table:
    """Entries with their ordinals as a table of `graph.staging.SCHEMA`."""
    known: dict[int, tuple[Any, ...]] = {}
    rows = [_row(ordinal, entry, known) for ordinal, entry in entries]
    columns = zip(*rows, strict=True) if rows else ((),) * len(SCHEMA)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)]
    return pa.table(arrays, schema=SCHEMA)


def _row(ordinal: int, entry: Entry, known: dict[int, tuple[Any, ...]]) -> tuple[Any, ...]:
    facts, record = entry.facts, entry.facts.record
    fact = record or facts.tombstone
    if fact is None or facts.group or (record and record.trait_times is not None):
        raise ValueError("Only what mapped rows say is staged, not messages of clients.")
    said = _NO_RECORD
    if record is not None:  # many events name the same user: the very same record
        said = known.get(id(record)) or known.setdefault(id(record), _record(record))
    text = None if record is not None and record.raw == entry.raw else entry.raw
    told = _NO_TOUCHPOINT if facts.touchpoint is None else _touchpoint(facts.touchpoint)
    begin = (ordinal, entry.file, entry.line, text, fact.source, fact.key, fact.record_id)
    consents = [_consent(one) for one in facts.consents] or None
    return (*begin, facts.partial, record is None, *said, consents, *told)


def _consent(one: Consent) -> dict[str, Any]:
    return {
        "consent_key": one.key,
        "identifier_key": one.identifier_key,
        "identifier_kind": one.identifier.kind,
        "identifier_value": one.identifier.value,
        "purpose": one.purpose,
        "status": one.status.value,
        "decided_at": one.decided_at,
        "expires_at": one.expires_at,
    }


def _record(record: SourceRecord) -> tuple[Any, ...]:
    return (
        record.kind.value,
        *map(record.attributes.get, ATTRIBUTES),
        [one.kind for one in record.identifiers],
        [one.value for one in record.identifiers],
        _json(record.extra),
        record.raw,
        record.content_hash,
        record.observed_at,
        record.verified,
    )


def _touchpoint(one: Touchpoint) -> tuple[Any, ...]:
    said = (one.key, one.message_id, one.occurred_at, one.type, one.channel, one.campaign, one.revenue)
    return (*said, _json(one.properties), one.content_hash, one.device_key)


def _json(values: Mapping[str, str]) -> str:
    return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS).decode() if values else "{}"


def unstaged(batches: Iterable[pa.RecordBatch]) -> Iterator[Entry]:
    """The entries of a staging, in its order; a superseded touchpoint is left out."""
    before: tuple[tuple[str, str], SourceRecord] | None = None
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        names = batch.schema.names
        for values in zip(*columns, strict=True):
            row = dict(zip(names, values, strict=True))
            if row["deleted"]:
                gone = Tombstone(row["source"], row["record_id"])
                yield Entry(row["line"], row["row"], RowFacts(row["source"], tombstone=gone), row["file"])
                continue
            content = row["key"], row["content_hash"]
            if before is None or before[0] != content:
                before = content, _unstaged_record(row)
            record = before[1]
            facts = RowFacts(
                row["source"],
                record,
                _unstaged_touchpoint(row),
                partial=row["partial"],
                consents=tuple(_unstaged_consent(row["source"], one) for one in row["consents"] or ()),
            )
            yield Entry(row["line"], record.raw if row["row"] is None else row["row"], facts, row["file"])


def _unstaged_record(row: Mapping[str, Any]) -> SourceRecord:
    kinds: Sequence[str] = row["identifier_kinds"]
    return SourceRecord(
        source=row["source"],
        record_id=row["record_id"],
        kind=RecordKind(row["kind"]),
        attributes={name: text for name in ATTRIBUTES if (text := row[name]) is not None},
        identifiers=tuple(map(Identifier, kinds, row["identifier_values"])),
        extra=orjson.loads(row["extra"]),
        raw=row["raw"],
        content_hash=row["content_hash"],
        observed_at=_utc(row["observed_at"]),
        verified=tuple(row["verified"]),
    )


def _unstaged_consent(source: str, said: Mapping[str, Any]) -> Consent:
    return Consent(
        source,
        Identifier(said["identifier_kind"], said["identifier_value"]),
        said["identifier_key"],
        said["purpose"],
        ConsentStatus(said["status"]),
        _utc(said["decided_at"]),
        _utc(said["expires_at"]),
    )


def _unstaged_touchpoint(row: Mapping[str, Any]) -> Touchpoint | None:
    occurred_at = _utc(row["occurred_at"])
    if occurred_at is None or row["superseded"]:
        return None
    return Touchpoint(
        source=row["source"],
        message_id=row["message_id"],
        record_key=row["key"],
        occurred_at=occurred_at,
        type=row["type"],
        channel=row["channel"],
        campaign=row["campaign"],
        revenue=row["revenue"],
        properties=orjson.loads(row["properties"]),
        content_hash=row["touchpoint_hash"],
        device_key=row["device_key"],
    )


def _utc(instant: datetime | None) -> datetime | None:
    """Arrow names the zone by a `ZoneInfo`, which the driver cannot take."""
    return instant and instant.replace(tzinfo=UTC)
