"""Answers for messages at the door: each is checked, and kept before anybody is told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from loaders.event_bodies import Envelope
from loaders.journal import Journal, Message, Receipt
from loaders.messages import Arrived, MessageReader, unreadable
from loaders.rows import UnusableRowError
from loaders.suppressions import Suppressions


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
        self._reader = MessageReader(suppressions, salt)

    async def take(self, source: str, envelope: Envelope, call: str | None = None) -> list[Answer]:
        """Keep the messages of an envelope, on disk when this returns; answers for each in their order.

        `call` is the type of messages that name none. Raises JournalError, SuppressionError: then none is kept.
        """
        at = datetime.now(UTC)
        arrived = [Arrived(source, text, at, envelope.sent_at, call) for text in envelope.messages]
        messages = [self._reader.read(one) for one in arrived]
        return [_answer(*one) for one in zip(messages, await self._journal.append(messages), strict=True)]

    async def refuse(self, source: str, body: bytes, error: UnusableRowError) -> None:
        """Keep a body that no message can be read from, for quarantine."""
        await self._journal.append([unreadable(source, body, datetime.now(UTC), error)])


def _answer(message: Message, receipt: Receipt) -> Answer:
    if message.rejection:
        return Answer(Outcome.REJECTED, message.rejection[0])
    return Answer(Outcome.DUPLICATE if receipt is Receipt.DUPLICATE else Outcome.ACCEPTED)


def counted(answers: Sequence[Answer]) -> dict[str, int]:
    """How many messages had each outcome."""
    return {str(outcome): sum(one.outcome is outcome for one in answers) for outcome in Outcome}
