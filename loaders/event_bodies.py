"""Answers for the body of a request or a Kafka message: cut into messages, each verbatim and on its own."""

import json
import re
from dataclasses import dataclass

from loaders.rows import RejectionCode, UnusableRowError

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
# Lenient on purpose: it only finds where values end. What is wrong inside one is for the reader of that one.
_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The texts of the messages of one body, and what it says of all of them."""

    messages: tuple[str, ...]
    sent_at: str | None = None
    write_key: str | None = None


def open_envelope(body: bytes) -> Envelope:
    """The messages of `{"batch": […]}`, or the one message that the body is.

    Raises UnusableRowError when no message can be told from another: encoding_invalid, json_invalid,
    json_not_object, json_too_deep.
    """
    try:
        text = body.decode("utf-8-sig")
        return _opened(text)
    except UnicodeDecodeError as error:
        raise UnusableRowError(RejectionCode.ENCODING_INVALID, "The body is not UTF-8.") from error
    except RecursionError as error:
        raise UnusableRowError(RejectionCode.JSON_TOO_DEEP, "The body is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise UnusableRowError(
            RejectionCode.JSON_INVALID, f"The body is not JSON at character {error.pos + 1}."
        ) from error


def _opened(text: str) -> Envelope:
    start = _skip(text, 0)
    if text[start : start + 1] != "{":
        _LENIENT.decode(text)
        raise UnusableRowError(RejectionCode.JSON_NOT_OBJECT, "The body is not a JSON object.")
    messages: list[str] | None = None
    said: dict[str, object] = {}
    at = _skip(text, start + 1)
    while text[at : at + 1] != "}":
        name, end = _LENIENT.raw_decode(text, at)
        if not isinstance(name, str):
            raise json.JSONDecodeError("Expecting property name", text, at)
        at = _expect(text, end, ":")
        if name == "batch":
            items, at = _items(text, at)
            messages = [*(messages or ()), *items]
        else:
            said[name], at = _LENIENT.raw_decode(text, at)
        at = _next(text, at, "}")
    if _skip(text, at + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, at)
    one = (text.strip(),)
    return Envelope(
        one if messages is None else tuple(messages), _text(said.get("sentAt")), _text(said.get("writeKey"))
    )


def _items(text: str, at: int) -> tuple[list[str], int]:
    """The texts of the items of the list at a place, and where it ends."""
    if text[at : at + 1] != "[":
        raise UnusableRowError(RejectionCode.JSON_NOT_OBJECT, "The batch is not a list of messages.")
    items: list[str] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        end = _end(text, at)
        items.append(text[at:end])
        at = _next(text, end, "]")
    return items, at + 1


def _end(text: str, at: int) -> int:
    """Where the value at a place ends; one that is too deep to be decoded is told by its brackets."""
    try:
        return _LENIENT.raw_decode(text, at)[1]
    except RecursionError:
        depth = 0
        for found in _STRUCTURE.finditer(text, at):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group(), 0)
            if not depth:
                return found.end()
        raise json.JSONDecodeError("Expecting the end of a value", text, at) from None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _next(text: str, at: int, closing: str) -> int:
    """Where the next part begins, or the closing bracket stands."""
    at = _skip(text, at)
    if text[at : at + 1] == closing:
        return at
    after = _expect(text, at, ",")
    if text[after : after + 1] == closing:
        raise json.JSONDecodeError("Expecting value", text, after)
    return after


def _expect(text: str, at: int, character: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != character:
        raise json.JSONDecodeError(f"Expecting {character}", text, at)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
