"""Answers for newline-delimited JSON: one object a line, read so that no line can harm another."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from loaders.lines import Line
from loaders.rows import BadRow, RejectionCode, Row, UnusableRowError

MAX_DEPTH = 64
_MAX_DIGITS = 400
_RAW_KEPT = 4_000


def read_ndjson(lines: Iterable[Line | BadRow]) -> Iterator[Row | BadRow]:
    """Yield one row per line.

    Numbers stay text, exactly as written; nested objects become columns with dotted names (`traits.email`), a
    list of objects likewise (a name that comes again gets its number as a suffix), other lists JSON text.
    """
    for line in lines:
        if isinstance(line, BadRow):
            yield line
            continue
        try:
            yield Row(line.number, parse_object(line.text))
        except UnusableRowError as error:
            yield BadRow(line.number, error.code, error.reason, line.text[:_RAW_KEPT])


def parse_object(text: str) -> dict[str, str]:
    """The columns of one JSON object; raises UnusableRowError with the code of what is wrong with it."""
    columns: dict[str, str] = {}
    _flatten(decode_object(text), "", columns)
    return columns


def decode_object(text: str) -> dict[str, Any]:
    """One JSON object with its numbers as text, exactly as written; otherwise as `parse_object`."""
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise UnusableRowError(
            RejectionCode.JSON_INVALID, f"Not JSON at character {error.pos + 1}."
        ) from error
    if not isinstance(value, dict):
        raise UnusableRowError(RejectionCode.JSON_NOT_OBJECT, "It is not a JSON object.")
    texts: list[str] | None = [] if "\\u" in text else None  # what else can be wrong is written with escapes
    if texts is not None or text.count("{") + text.count("[") > MAX_DEPTH:
        _examine(value, 1, texts)
    if texts:
        _check_text("".join(texts))
    return value


def _examine(value: Any, depth: int, texts: list[str] | None) -> None:
    """Measure the depth of a value, and collect its texts if they are wanted."""
    if depth > MAX_DEPTH and isinstance(value, dict | list):
        raise _too_deep()
    if isinstance(value, str) and texts is not None:
        texts.append(value)
    elif isinstance(value, list):
        for item in value:
            _examine(item, depth + 1, texts)
    elif isinstance(value, dict):
        for name, item in value.items():
            _examine(name, depth, texts)
            _examine(item, depth + 1, texts)


def _flatten(value: dict[str, Any], prefix: str, columns: dict[str, str]) -> None:
    for name, item in value.items():
        path = prefix + name.strip()
        if isinstance(item, dict):
            _flatten(item, f"{path}.", columns)
        elif isinstance(item, list) and item and all(isinstance(part, dict) for part in item):
            for part in item:
                _flatten(part, f"{path}.", columns)
        elif (text := _text(item)) is not None:
            _put(columns, path, text)


def _put(columns: dict[str, str], path: str, text: str) -> None:
    number, name = 1, path
    while name in columns:
        number += 1
        name = f"{path}_{number}"
    columns[name] = text


def _text(item: Any) -> str | None:
    match item:
        case None | []:
            return None
        case str():
            return item.strip() or None
        case bool():
            return "true" if item else "false"
        case _:
            return json.dumps(item, ensure_ascii=False)


def _check_text(content: str) -> None:
    if "\0" in content:
        raise UnusableRowError(RejectionCode.NUL_BYTE, "A text holds a NUL character.")
    try:
        content.encode()
    except UnicodeEncodeError as error:
        reason = "A text holds half of a surrogate pair."
        raise UnusableRowError(RejectionCode.LONE_SURROGATE, reason) from error


def _number(text: str) -> str:
    if len(text) > _MAX_DIGITS:
        reason = f"A number has more than {_MAX_DIGITS} digits."
        raise UnusableRowError(RejectionCode.JSON_NUMBER_UNUSABLE, reason)
    return text


def _constant(name: str) -> str:
    raise UnusableRowError(RejectionCode.JSON_NUMBER_UNUSABLE, f"{name} is not a JSON number.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise UnusableRowError(RejectionCode.JSON_DUPLICATE_KEY, "An object has the same key twice.")
    return value


def _too_deep() -> UnusableRowError:
    return UnusableRowError(
        RejectionCode.JSON_TOO_DEEP, f"Objects are nested deeper than {MAX_DEPTH} levels."
    )


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_number, parse_float=_number, parse_constant=_constant
)
