"""Answers for what a reader hands over: usable rows, and rows that cannot be used, each with its line."""

from dataclasses import dataclass
from enum import StrEnum

MAX_LINE = 1 << 20
"""Longest line, in bytes, and longest quoted field, in characters, that is read as data."""


class RejectionCode(StrEnum):
    """Why a row is in quarantine; stable, documented in docs/errors.md."""

    LINE_TOO_LONG = "line_too_long"
    ENCODING_INVALID = "encoding_invalid"
    NUL_BYTE = "nul_byte"
    QUOTE_UNCLOSED = "quote_unclosed"
    QUOTE_MISPLACED = "quote_misplaced"
    CELLS_MISSING = "cells_missing"
    CELLS_SURPLUS = "cells_surplus"
    JSON_INVALID = "json_invalid"
    JSON_NOT_OBJECT = "json_not_object"
    JSON_TOO_DEEP = "json_too_deep"
    JSON_NUMBER_UNUSABLE = "json_number_unusable"
    JSON_DUPLICATE_KEY = "json_duplicate_key"
    LONE_SURROGATE = "lone_surrogate"
    SOURCE_MISSING = "source_missing"
    RECORD_ID_MISSING = "record_id_missing"
    RECORD_ID_TOO_LONG = "record_id_too_long"
    NOTHING_USABLE = "nothing_usable"
    TOUCHPOINT_ID_MISSING = "touchpoint_id_missing"
    TOUCHPOINT_TYPE_MISSING = "touchpoint_type_missing"
    OCCURRED_AT_UNUSABLE = "occurred_at_unusable"
    CONSENT_UNUSABLE = "consent_unusable"
    SUPPRESSED = "suppressed"
    MESSAGE_TYPE_UNKNOWN = "message_type_unknown"
    WRITE_FAILED = "write_failed"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` counts from 1 in the file, `values` maps column to text; empty cells are absent."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read or used; `raw` is its text as far as it could be read."""

    line: int
    code: RejectionCode
    reason: str
    raw: str


class UnusableRowError(ValueError):
    """Raised while one row is read or mapped; the reader or mapper turns it into a `BadRow`."""

    def __init__(self, code: RejectionCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
