"""Answers for turning one message of an SDK into facts: what it says of whom, and the touchpoint that it is."""

from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from graph.facts import Identifier, SourceRecord
from graph.identifiers import identifier_key
from graph.vocabulary import RecordKind
from loaders.consenting import preferences
from loaders.event_identities import Identity, as_map, read_identity
from loaders.event_touchpoints import occurred_at, read_call, read_touchpoint
from loaders.facts import RowFacts
from loaders.identifying import bounded, read_identifier
from loaders.journal_file import Message
from loaders.ndjson import decode_object
from loaders.rows import RejectionCode, UnusableRowError
from loaders.traits import as_text, derived


class EventReader:
    """Reads messages as Segment's and RudderStack's clients send them (docs/events.md).

    `salt` keys the digests of personal ids; `claimed` names the sources whose contacts nobody has checked.
    """

    def __init__(self, salt: bytes, claimed: Collection[str] = ()) -> None:
        self._salt = salt
        self._claimed = frozenset(claimed)

    def facts(self, message: Message) -> RowFacts:
        """The facts of one message: the same message gives the same facts, whenever it is read.

        Raises UnusableRowError with the code of what is wrong with it.
        """
        said = read_object(message.body)
        call = read_call(said)
        identity = read_identity(said, self._salt, claimed=message.source in self._claimed)
        at = occurred_at(said, message)
        record = _record(message.source, identity, _traits(said, call), at)
        touchpoint = read_touchpoint(said, message, record.key, at)
        device = identity.device if identity.kind is RecordKind.PERSON else None
        if device:
            touchpoint = replace(touchpoint, device_key=identifier_key(device, self._salt))
        group = _group(message.source, said, at) if call == "group" else None
        consents = preferences(
            message.source, as_map(said.get("context")), record.identifiers, at, self._salt
        )
        return RowFacts(message.source, record, touchpoint, partial=True, group=group, consents=consents)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a message; raises UnusableRowError with the code of what is wrong with it."""
    try:
        return decode_object(body.decode())
    except UnicodeDecodeError as error:
        raise UnusableRowError(RejectionCode.ENCODING_INVALID, "The message is not UTF-8.") from error


def _traits(said: Map[str, Any], call: str) -> Map[str, Any]:
    """What the call states of the person. Only `identify` does: other calls repeat what their client remembers."""
    if call != "identify":
        return {}
    return {**as_map(as_map(said.get("context")).get("traits")), **as_map(said.get("traits"))}


def _record(source: str, identity: Identity, traits: Map[str, Any], at: datetime) -> SourceRecord:
    """A partial statement; `at` is when each trait was stated."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return derived(
        SourceRecord(
            source=source,
            record_id=identity.record_id,
            kind=identity.kind,
            attributes={},
            identifiers=tuple(sorted(identity.identifiers)),
            raw=orjson.dumps(traits, option=orjson.OPT_SORT_KEYS).decode(),
            observed_at=at if traits else None,
            trait_times=dict.fromkeys(sorted(traits), stamp),
        )
    )


def _group(source: str, said: Map[str, Any], at: datetime) -> SourceRecord | None:
    """The organisation that a group call speaks of."""
    group_id = as_text(said.get("groupId"))
    if not group_id:
        raise UnusableRowError(RejectionCode.RECORD_ID_MISSING, "The group call names no groupId.")
    identity = Identity(bounded(f"groupId:{group_id}"), RecordKind.ORGANISATION)
    if isinstance(named := read_identifier("group_id", group_id, None), Identifier):
        identity.identifiers.add(named)
    return _record(source, identity, as_map(said.get("traits")), at)
