"""Cleans a phone number: E.164 where the country is known or plain, its digits otherwise."""

import re
from functools import lru_cache

import phonenumbers

from graph.unusable import UnusableCode, UnusableValueError

_AMERICAN_GROUPS = re.compile(r"(?:1[ .-]*)?\(?([2-9]\d\d)\)?[ ./-]+(\d{3})[ .-]*(\d{4})(?=\D|$)")
_EXTENSION = re.compile(r"(?i)[\s,;#]*(?:ext(?:ension)?|x|;ext=)[\s.:=]*(\d{1,7})\s*$")
_LABEL = re.compile(
    r"(?i)^\s*(?:t[eé]l(?:efono|éfono|efon|ephone|éphone)?|phone|callto|whatsapp|mob(?:ile?|il)?|m[oó]vil|handy|cell|fax|fon)"
    r"\b[\s.:]*"
)
_REMARK = re.compile(r"\s*\([^\W\d_][^\d()]*\)\s*$")
_EXPONENT = re.compile(r"(?i)\s*\d[.,]\d+e\+?\d+\s*")
_FRACTION = re.compile(r"(?<=\d{7})\.0$")
_SERVICE_TYPES = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
    }
)


@lru_cache(maxsize=1 << 16)
def clean_phone(text: str, country: str | None = None) -> str:
    """`+17029191300`, with `;ext=12` for an extension; digits alone where no country can be told.

    `country` is an ISO 3166 code that national numbers are read in. Raises UnusableValueError
    for text that has not 7 to 15 digits.
    """
    text = _REMARK.sub("", _LABEL.sub("", text))
    if _EXPONENT.fullmatch(text):  # a spreadsheet has rounded the number away
        raise UnusableValueError(UnusableCode.INVALID_PHONE)
    text = _FRACTION.sub("", text)
    extension = _EXTENSION.search(text)
    number = text[: extension.start()] if extension else text
    if re.search(r"[^\W\d_]{3,}|@", number):
        raise UnusableValueError(UnusableCode.INVALID_PHONE)
    cleaned = _international(number, country) or _digits(number)
    if country is None:  # a prefix that no country has is no reason to read the digits differently
        cleaned = _international(cleaned, None) or cleaned
    return f"{cleaned};ext={extension[1]}" if extension else cleaned


@lru_cache(maxsize=1 << 16)
def is_service_number(phone: str) -> bool:
    """Whether a cleaned number is a company's service line (toll-free, premium, shared cost)."""
    if not phone.startswith("+"):
        return False
    try:
        return phonenumbers.number_type(phonenumbers.parse(phone)) in _SERVICE_TYPES
    except phonenumbers.NumberParseException:
        return False


def _international(written: str, country: str | None) -> str | None:
    """E.164 text of a number that names its country, or whose country is given or plain to see."""
    number = re.sub(r"[^\d+]", "", written.replace("(0)", "") if "+" in written[:3] else written)
    number = number[:1] + number[1:].replace("+", "")  # a plus in the middle says nothing
    if number.startswith(("+", "00")):
        return _parsed(f"+{number.lstrip('+0')}", None)
    region = country.upper() if country else "US"
    if country and number.startswith(str(phonenumbers.country_code_for_region(region))):
        number = _parsed_with_code(number) or number
    plain = country is not None or _AMERICAN_GROUPS.fullmatch(written.strip())
    return (
        _parsed(number, region, certain=True)
        or _parsed_with_code(number)
        or (_parsed(number, region) if plain else None)
    )


def _parsed_with_code(digits: str) -> str | None:
    """Exports often lose the plus: 4915112345678 is +49 151 12345678."""
    if len(digits) < 11 or digits.startswith("0"):
        return None
    return _parsed(f"+{digits}", None, certain=True)


def _parsed(number: str, region: str | None, *, certain: bool = False) -> str | None:
    """E.164 text, if the number has a possible length or, when `certain`, is one that is given out."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length != phonenumbers.ValidationResult.IS_POSSIBLE or (
        certain and not phonenumbers.is_valid_number(parsed)
    ):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _digits(number: str) -> str:
    digits = "".join(str(int(character)) for character in number if character.isdecimal())
    if not 7 <= len(digits) <= 15:
        raise UnusableValueError(UnusableCode.INVALID_PHONE)
    return digits
