"""Answers for the touchpoint of a message: what happened, when by a clock that can be trusted, and where."""

from collections.abc import Iterator
from collections.abc import Mapping as Map
from datetime import datetime
from typing import Any

from graph.dates import clean_instant
from graph.facts import Touchpoint
from graph.unusable import UnusableValueError
from loaders.event_identities import as_map
from loaders.identifying import MAX_ID, digest
from loaders.interactions import read_amount
from loaders.journal_file import Message
from loaders.rows import RejectionCode, UnusableRowError
from loaders.traits import as_text

_TEXT_KEPT = 500
_VALUE_KEPT = 4_000
_CALLS = frozenset({"identify", "track", "page", "screen", "group", "alias", "merge"})
_NAMED = ("name", "category", "groupId", "previousId")
_CONTEXT = {
    "page": ("url", "path", "title", "referrer", "search"),
    "campaign": ("name", "source", "medium", "term", "content"),
    "device": ("type", "model", "manufacturer"),
    "os": ("name",),
    "app": ("name", "version"),
}


def read_call(said: Map[str, Any]) -> str:
    """Which call a message is of; raises UnusableRowError (message_type_unknown)."""
    call = as_text(said.get("type"))
    if call not in _CALLS:
        raise UnusableRowError(
            RejectionCode.MESSAGE_TYPE_UNKNOWN, f"The message's type is none of {', '.join(sorted(_CALLS))}."
        )
    return call


def occurred_at(said: Map[str, Any], message: Message) -> datetime:
    """When it happened, corrected for a clock that goes wrong: `receivedAt - (sentAt - originalTimestamp)`.

    Without a time it is when it was received, and never later than that. Raises UnusableRowError
    (occurred_at_unusable).
    """
    stated = _instant(said.get("timestamp") or said.get("originalTimestamp"))
    if stated is None:
        return message.received_at
    try:
        sent = _instant(said.get("sentAt") or message.sent_at)
    except UnusableRowError:
        sent = None
    at = stated if sent is None else message.received_at - (sent - stated)
    return min(at, message.received_at)


def _instant(value: Any) -> datetime | None:
    if not (text := as_text(value)):
        return None
    try:
        return clean_instant(text)
    except (UnusableValueError, OverflowError) as error:
        raise UnusableRowError(
            RejectionCode.OCCURRED_AT_UNUSABLE, "The message's time cannot be read."
        ) from error


def read_touchpoint(said: Map[str, Any], message: Message, record_key: str, at: datetime) -> Touchpoint:
    """The touchpoint of a message; raises UnusableRowError when its id or its event's name is missing."""
    call = read_call(said)
    kind = as_text(said.get("event")) if call == "track" else call
    if not kind:
        raise UnusableRowError(RejectionCode.TOUCHPOINT_TYPE_MISSING, "The track call names no event.")
    if not message.message_id or len(message.message_id) > MAX_ID:
        raise UnusableRowError(
            RejectionCode.TOUCHPOINT_ID_MISSING, "The message has no id, or one that is too long."
        )
    context, properties = as_map(said.get("context")), dict(_properties(said))
    campaign = properties.get("campaign_name") or properties.get("campaign_source")
    channel = _channel(said, context)
    revenue = read_amount(amount) if (amount := properties.get("revenue")) else None
    content = [record_key, at, kind, channel, campaign, revenue, properties]
    return Touchpoint(
        source=message.source,
        message_id=message.message_id,
        record_key=record_key,
        occurred_at=at,
        type=kind[:_TEXT_KEPT],
        channel=channel,
        campaign=campaign[:_TEXT_KEPT] if campaign else None,
        revenue=revenue,
        properties=properties,
        content_hash=digest(content),
    )


def _channel(said: Map[str, Any], context: Map[str, Any]) -> str:
    """What the client says, else where its context comes from: a page, a device, or nothing of both."""
    if isinstance(stated := said.get("channel"), str) and stated:
        return stated[:_TEXT_KEPT]
    return "web" if context.get("page") else "mobile" if context.get("device") else "server"


def _properties(said: Map[str, Any]) -> Iterator[tuple[str, str]]:
    """What is kept with the touchpoint: the call's own words, its context under page_…, campaign_…, its properties."""
    for name in _NAMED:
        if text := as_text(said.get(name)):
            yield name, text[:_VALUE_KEPT]
    context = as_map(said.get("context"))
    for place, names in _CONTEXT.items():
        found = as_map(context.get(place))
        for name in names:
            if text := as_text(found.get(name)):
                yield f"{place}_{name}", text[:_VALUE_KEPT]
    yield from _flat(as_map(said.get("properties")), "")


def _flat(properties: Map[str, Any], above: str) -> Iterator[tuple[str, str]]:
    """Names of nested objects are joined by dots; lists stay JSON."""
    for name, value in properties.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        elif text := as_text(value):
            yield above + name, text[:_VALUE_KEPT]
