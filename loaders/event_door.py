"""Answers for messages at the door: each is checked, gets what it lacks, and is kept before anybody is told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from loaders.event_bodies import Envelope
from loaders.event_identities import read_identity
from loaders.event_touchpoints import occurred_at, read_call
from loaders.events import read_object
from loaders.identifying import MAX_ID, digest
from loaders.journal import Journal, Message, Receipt
from loaders.rows import MAX_LINE, RejectionCode, UnusableRowError
from loaders.suppressions import Suppressions
from loaders.traits import as_text


class Outcome(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message, and why it was rejected if it was."""

    outcome: Outcome
    code: str | None = None


class EventDoor:
    """Takes messages into a journal; those with a suppressed identifier are refused, and nothing of them is kept."""

    def __init__(self, journal: Journal, suppressions: Suppressions, salt: bytes) -> None:
        self._journal = journal
        self._suppressions = suppressions
        self._salt = salt

    async def take(self, source: str, envelope: Envelope, call: str | None = None) -> list[Answer]:
        """Keep the messages of an envelope, on disk when this returns; answers for each in their order.

        `call` is the type of messages that name none. Raises JournalError, SuppressionError: then none is kept.
        """
        at = datetime.now(UTC)
        messages = [self._message(source, text, envelope.sent_at, call, at) for text in envelope.messages]
        return [_answer(*one) for one in zip(messages, await self._journal.append(messages), strict=True)]

    async def refuse(self, source: str, body: bytes, error: UnusableRowError) -> None:
        """Keep a body that no message can be read from, for quarantine."""
        rejection = (str(error.code), error.reason)
        at = datetime.now(UTC)
        await self._journal.append([Message(source, _digest(body), body, at, None, rejection)])

    def _message(
        self, source: str, text: str, sent_at: str | None, call: str | None, at: datetime
    ) -> Message:
        body = text.encode(errors="replace")
        message_id = _digest(body)
        try:
            if len(body) > MAX_LINE:
                raise UnusableRowError(
                    RejectionCode.LINE_TOO_LONG, f"The message has more than {MAX_LINE} bytes."
                )
            said = read_object(body)
            message_id = _message_id(said) or message_id
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


def _message_id(said: dict[str, Any]) -> str | None:
    """The client's id. Without one, a message that says when it happened is the same when it comes again; one that
    does not is another each time."""
    stated = as_text(said.get("messageId"))
    if len(stated) > MAX_ID:
        raise UnusableRowError(
            RejectionCode.TOUCHPOINT_ID_MISSING, f"The message's id has more than {MAX_ID} characters."
        )
    if stated:
        return stated
    return None if said.get("timestamp") or said.get("originalTimestamp") else uuid4().hex


def _digest(body: bytes) -> str:
    return digest(body.decode(errors="replace"))


def _answer(message: Message, receipt: Receipt) -> Answer:
    if message.rejection:
        return Answer(Outcome.REJECTED, message.rejection[0])
    return Answer(Outcome.DUPLICATE if receipt is Receipt.DUPLICATE else Outcome.ACCEPTED)


def counted(answers: Sequence[Answer]) -> dict[str, int]:
    """How many messages had each outcome."""
    return {str(outcome): sum(one.outcome is outcome for one in answers) for outcome in Outcome}
