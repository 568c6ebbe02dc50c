"""Why a single value cannot be used: one error and its stable codes."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class UnusableCode(StrEnum):
    """Stable reason codes of values that are refused (docs/errors.md lists them)."""

    EMPTY_VALUE = "empty_value"
    PLACEHOLDER_VALUE = "placeholder_value"
    VALUE_TOO_LONG = "value_too_long"
    VALUE_TOO_SHORT = "value_too_short"
    FORBIDDEN_CHARACTER = "forbidden_character"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    INVALID_EMAIL = "invalid_email"
    INVALID_PHONE = "invalid_phone"
    INVALID_NUMBER = "invalid_number"
    INVALID_NAME = "invalid_name"
    INVALID_GENDER = "invalid_gender"
    INVALID_COUNTRY = "invalid_country"
    INVALID_DATE = "invalid_date"
    IMPOSSIBLE_DATE = "impossible_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    INVALID_INSTANT = "invalid_instant"
    UNKNOWN_STATUS = "unknown_status"
    NO_IDENTIFIER = "no_identifier"


EXPLANATIONS: Mapping[UnusableCode, str] = MappingProxyType(
    {
        UnusableCode.EMPTY_VALUE: "Nothing is left once spaces and punctuation are taken away.",
        UnusableCode.PLACEHOLDER_VALUE: "The value says that nothing is known, such as n/a or 1900-01-01.",
        UnusableCode.VALUE_TOO_LONG: "The value is longer than 512 characters.",
        UnusableCode.VALUE_TOO_SHORT: "The value is too short to tell one person from another.",
        UnusableCode.FORBIDDEN_CHARACTER: "The value holds a NUL or half a surrogate pair: damaged text.",
        UnusableCode.UNKNOWN_KIND: "An identifier kind is written in small letters, digits and underscores.",
        UnusableCode.UNKNOWN_ATTRIBUTE: "The attribute is not one that a source record may carry.",
        UnusableCode.INVALID_EMAIL: "The value is not an e-mail address.",
        UnusableCode.INVALID_PHONE: "The value is not a phone number and has not 7 to 15 digits.",
        UnusableCode.INVALID_NUMBER: "The value does not look like a number of this kind.",
        UnusableCode.INVALID_NAME: "The value holds no letter, so it names nobody.",
        UnusableCode.INVALID_GENDER: "The value is none of the known spellings of a gender.",
        UnusableCode.INVALID_COUNTRY: "The value is neither the name nor the code of a country.",
        UnusableCode.INVALID_DATE: "The value cannot be read as a date.",
        UnusableCode.IMPOSSIBLE_DATE: "The calendar has no such day, such as 30 February.",
        UnusableCode.DATE_OUT_OF_RANGE: "The date lies before the year 1000 or in the future.",
        UnusableCode.INVALID_INSTANT: "The value cannot be read as a point in time from 1970 to 2100.",
        UnusableCode.UNKNOWN_STATUS: "The value neither grants, denies nor revokes a consent.",
        UnusableCode.NO_IDENTIFIER: "A consent hangs on an identifier, and the row has none of that kind.",
    }
)
"""One sentence for each code."""


class UnusableValueError(ValueError):
    """A value that cannot be used; `code` says why, the message never repeats the value."""

    def __init__(self, code: UnusableCode) -> None:
        super().__init__(EXPLANATIONS[code])
        self.code = code
