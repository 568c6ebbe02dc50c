"""Answers for one message as it arrives, by HTTP or from a topic: it is checked, and gets the id that it lacks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from loaders.event_identities import read_identity
from loaders.event_touchpoints import occurred_at, read_call
from loaders.events import read_object
from loaders.identifying import MAX_ID, digest
from loaders.journal_file import Message
from loaders.rows import MAX_LINE, RejectionCode, UnusableRowError
from loaders.suppressions import Suppressions
from loaders.traits import as_text


@dataclass(frozen=True, slots=True)
class Arrived:
    """The text of a message, and what is known of it besides.

    `call` is the type of one that names none; `place` tells it from all others for ever, where it stands somewhere.
    """

    source: str
    text: str
    at: datetime
    sent_at: str | None = None
    call: str | None = None
    place: str | None = None


class MessageReader:
    """Checks messages; those with a suppressed identifier are rejected, and nothing of them is kept."""

    def __init__(self, suppressions: Suppressions, salt: bytes) -> None:
        self._suppressions = suppressions
        self._salt = salt

    def read(self, arrived: Arrived) -> Message:
        """The message, with its rejection if it cannot be used. Raises SuppressionError."""
        source, at, sent_at, call = arrived.source, arrived.at, arrived.sent_at, arrived.call
        body = arrived.text.encode(errors="replace")
        message_id = _digest(body)
        try:
            if len(body) > MAX_LINE:
                raise UnusableRowError(
                    RejectionCode.LINE_TOO_LONG, f"The message has more than {MAX_LINE} bytes."
                )
            said = read_object(body)
            message_id = _message_id(said, arrived.place) or message_id
            if call and "type" not in said:
                said["type"] = call
                body = (
                    f'{{"type":"{call}"{"," if said.keys() - {"type"} else ""}'.encode() + body[1:].lstrip()
                )
            message = Message(source, message_id, body, at, sent_at)
            self._check(said, message)
        except UnusableRowError as error:
            kept = b"" if error.code is RejectionCode.SUPPRESSED else body
            return Message(source, message_id, kept, at, sent_at, (str(error.code), error.reason))
        return message

    def _check(self, said: dict[str, Any], message: Message) -> None:
        """Raise UnusableRowError for what the reader of events would not use either, or what is suppressed."""
        call = read_call(said)
        if call == "track" and not as_text(said.get("event")):
            raise UnusableRowError(RejectionCode.TOUCHPOINT_TYPE_MISSING, "The track call names no event.")
        occurred_at(said, message)
        identity = read_identity(said, self._salt, claimed=False)
        if self._suppressions.among(identity.identifiers):
            raise UnusableRowError(RejectionCode.SUPPRESSED, "The message holds a suppressed identifier.")


def unreadable(source: str, body: bytes, at: datetime, error: UnusableRowError) -> Message:
    """A body that no message can be read from, for quarantine."""
    return Message(source, _digest(body), body, at, None, (str(error.code), error.reason))


def _message_id(said: dict[str, Any], place: str | None) -> str | None:
    """The client's id. Without one, a message that says when it happened is the same when it comes again; one that
    does not is what stands at its place, or another each time."""
    stated = as_text(said.get("messageId"))
    if len(stated) > MAX_ID:
        raise UnusableRowError(
            RejectionCode.TOUCHPOINT_ID_MISSING, f"The message's id has more than {MAX_ID} characters."
        )
    if stated:
        return stated
    timed = said.get("timestamp") or said.get("originalTimestamp")
    return None if timed else place or uuid4().hex


def _digest(body: bytes) -> str:
    return digest(body.decode(errors="replace"))
