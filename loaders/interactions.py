"""Answers for the touchpoint that a row of an event file holds."""

import re
from collections.abc import Mapping as Map
from functools import lru_cache

from graph.dates import clean_instant
from graph.facts import SourceRecord, Touchpoint
from graph.unusable import UnusableValueError
from loaders.identifying import MAX_ID, digest, present
from loaders.mapping import CONTENT, FixedText, TouchpointMapping
from loaders.rows import RejectionCode, UnusableRowError

_TEXT_KEPT = 500
_VALUE_KEPT = 4_000


def read_touchpoint(
    mapping: TouchpointMapping, record: SourceRecord, device_key: str | None, values: Map[str, str]
) -> Touchpoint:
    """The touchpoint of a row that is of `record`, who was logged in on the device of `device_key` if there is one.

    Raises UnusableRowError when its id, instant or type cannot be used.
    """
    kind = _text(mapping.type, values)
    if kind is None:
        raise UnusableRowError(RejectionCode.TOUCHPOINT_TYPE_MISSING, "The touchpoint has no type.")
    try:
        occurred_at = clean_instant(values.get(mapping.occurred_at, ""), mapping.order)
    except UnusableValueError as error:
        raise UnusableRowError(RejectionCode.OCCURRED_AT_UNUSABLE, str(error)) from error
    message_id = _message_id(mapping, values)
    channel, campaign = _text(mapping.channel, values), _text(mapping.campaign, values)
    properties = {name: values[name][:_VALUE_KEPT] for name in mapping.properties if name in values}
    revenue = None
    if amount := values.get(mapping.revenue or ""):
        revenue = read_amount(amount)
        if revenue is None:
            properties["revenue"] = amount[:_VALUE_KEPT]  # kept as it was written
    content = [record.key, occurred_at, kind, channel, campaign, revenue, properties]
    return Touchpoint(
        source=record.source,
        message_id=message_id,
        record_key=record.key,
        occurred_at=occurred_at,
        type=kind,
        channel=channel,
        campaign=campaign,
        revenue=revenue,
        properties=properties,
        content_hash=digest([*content, device_key] if device_key else content),
        device_key=device_key,
    )


@lru_cache(maxsize=1 << 14)
def read_amount(text: str) -> float | None:
    """An amount of money as a number, with or without currency, in English or continental spelling."""
    number = re.sub(r"[^\d.,+-]", "", text)
    if re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})*,\d{1,2}|[+-]?\d+,\d{1,2}", number):
        number = number.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", number):
        number = number.replace(",", "")
    try:
        return float(text) if re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d{1,3})?", text) else float(number)
    except ValueError:
        return None


def _message_id(mapping: TouchpointMapping, values: Map[str, str]) -> str:
    if mapping.id == (CONTENT,):
        return digest(dict(values))
    parts = [present(values.get(column)) for column in mapping.id]
    joined = "|".join(part for part in parts if part)
    if None in parts or len(joined) > MAX_ID:
        raise UnusableRowError(
            RejectionCode.TOUCHPOINT_ID_MISSING, "The touchpoint has no id, or one that is too long."
        )
    return joined


def _text(mapped: str | FixedText | None, values: Map[str, str]) -> str | None:
    if mapped is None:
        return None
    text = mapped.fixed if isinstance(mapped, FixedText) else values.get(mapped)
    return text[:_TEXT_KEPT] if text else None
