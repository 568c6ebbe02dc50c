"""Answers for values of databases and columnar files as the text that a person would have written."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from loaders.rows import BadRow, RejectionCode, Row

_RAW_KEPT = 4_000


def row_of(line: int, values: Mapping[str, str]) -> Row | BadRow:
    """The row of named texts, or why it cannot be used: a NUL character, half a surrogate pair."""
    content = "".join(values.values())
    if "\0" in content:
        return _bad(line, RejectionCode.NUL_BYTE, "A text holds a NUL character.", values)
    try:
        content.encode()
    except UnicodeEncodeError:
        return _bad(line, RejectionCode.LONE_SURROGATE, "A text holds half of a surrogate pair.", values)
    return Row(line, dict(values))


def _bad(line: int, code: RejectionCode, reason: str, values: Mapping[str, str]) -> BadRow:
    return BadRow(line, code, reason, json.dumps(dict(values), ensure_ascii=False)[:_RAW_KEPT])


def cells_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Named values as texts; those that say nothing are absent, instants with a zone are told in UTC."""
    texts: dict[str, str] = {}
    for name, value in values.items():
        zoned = isinstance(value, datetime) and value.tzinfo is not None
        if text := cell_text(value.astimezone(UTC) if zoned else value):
            texts[name] = text
    return texts


def cell_text(value: Any) -> str | None:
    """Instants in ISO 8601, whole floats without a fraction, nested values as JSON; None for null, NaN and blanks."""
    text: str | None
    match value:
        case None:
            text = None
        case str():
            text = value.strip() or None
        case bool():
            text = "true" if value else "false"
        case float():
            text = _float_text(value)
        case bytes() | memoryview():
            text = bytes(value).decode(errors="replace").strip() or None
        case dict() | list():
            text = json.dumps(value, default=str, ensure_ascii=False)
        case date() | time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text


def _float_text(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() else repr(value)
