"""The registered identifier kinds, and the one way in which identifiers are cleaned and keyed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType

from graph.emails import clean_email
from graph.facts import Identifier
from graph.phones import clean_phone
from graph.placeholders import placeholder_reason
from graph.text import fold, tidy
from graph.unusable import UnusableCode, UnusableValueError
from graph.vocabulary import IdentifierClass
from graph.words import word_map

__all__ = [
    "KINDS",
    "IdentifierKind",
    "UnusableValueError",
    "canonical_kind",
    "clean_identifier",
    "identifier_key",
    "kind_of",
    "placeholder_reason",
]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """A kind of identifier: how far it links, and which kind gives way first (lowest priority).

    `exclusive` kinds are held once by a person: two different values speak for two persons.
    `clean` turns tidied text (and a country code for national numbers) into the canonical value.
    """

    name: str
    identifier_class: IdentifierClass
    priority: int
    description: str
    clean: Callable[[str, str | None], str]
    exclusive: bool = False


def _email(text: str, _country: str | None) -> str:
    return clean_email(text)


def _exact(text: str, _country: str | None) -> str:
    """Opaque ids of machines keep their case: they are compared as they are."""
    return text


def _device(text: str, _country: str | None) -> str:
    return text.lower()


def _number(text: str, _country: str | None) -> str:
    """Letters and digits in upper case: numbers that people copy from cards and papers."""
    number = _PUNCTUATION.sub("", text).upper() if text != "-1" else text
    if not number:
        raise UnusableValueError(UnusableCode.EMPTY_VALUE)
    return number


def _document(text: str, _country: str | None) -> str:
    return _with_digits(text, shortest=4)


def _state_number(text: str, _country: str | None) -> str:
    """Numbers of a state are long: the last four digits alone tell nobody apart."""
    return _with_digits(text, shortest=6)


def _with_digits(text: str, *, shortest: int) -> str:
    number = _number(text, None)
    if not any(map(str.isdecimal, number)):
        raise UnusableValueError(UnusableCode.INVALID_NUMBER)
    if len(number) < shortest:
        raise UnusableValueError(UnusableCode.VALUE_TOO_SHORT)
    return number


_UNIQUE, _LOGIN, _CONTACT, _DEVICE = IdentifierClass

KINDS: Mapping[str, IdentifierKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            IdentifierKind("customer_number", _UNIQUE, 100, "Number a company gave its customer.", _number),
            IdentifierKind("national_id", _UNIQUE, 95, "Number a state gave a person.", _state_number, True),
            IdentifierKind("ssn", _UNIQUE, 94, "Social security number.", _state_number, True),
            IdentifierKind(
                "tax_id", _UNIQUE, 92, "Tax number of a person or organisation.", _state_number, True
            ),
            IdentifierKind(
                "registration_number", _UNIQUE, 91, "Number in a register of organisations.", _document
            ),
            IdentifierKind("passport", _UNIQUE, 90, "Passport number, its country in front.", _document),
            IdentifierKind("driving_licence", _UNIQUE, 88, "Driving licence, its state in front.", _document),
            IdentifierKind("user_id", _LOGIN, 80, "Account a person logs in with.", _exact),
            IdentifierKind("email", _CONTACT, 70, "E-mail address.", _email),
            IdentifierKind("phone", _CONTACT, 60, "Phone number, mobile or fixed.", clean_phone),
            IdentifierKind("bank_account", _CONTACT, 55, "Bank account; couples may share one.", _document),
            IdentifierKind("loyalty_card", _CONTACT, 50, "Loyalty card; a household may share one.", _number),
            IdentifierKind("device", _DEVICE, 20, "Device or advertising id.", _device),
            IdentifierKind("cookie", _DEVICE, 10, "Browser cookie or anonymous id.", _exact),
        )
    }
)
"""Registered kinds by name."""


@lru_cache(maxsize=1 << 10)
def canonical_kind(name: str) -> str:
    """The registered name for a kind as people write it (`E-Mail` → email); other names in snake_case.

    Raises UnusableValueError (unknown_kind) for a name that starts with no letter.
    """
    words = fold(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))
    written = "_".join(words.split())
    if not _NAME.fullmatch(written):
        raise UnusableValueError(UnusableCode.UNKNOWN_KIND)
    return word_map("identifier_aliases").get(words, written)


@lru_cache(maxsize=1 << 10)
def kind_of(name: str) -> IdentifierKind:
    """The registered kind, or the default for other names: a contact of low priority, kept as written."""
    name = canonical_kind(name)
    registered = KINDS.get(name)
    if registered is not None:
        return registered
    return IdentifierKind(name, IdentifierClass.CONTACT, 30, "Kind that only the mapping knows.", _exact)


def clean_identifier(kind: str, raw: str, *, country: str | None = None) -> Identifier:
    """The canonical identifier for a value as it came.

    `country` (ISO 3166 code) is where national phone numbers are read. Raises UnusableValueError
    with a code when the value cannot be used.
    """
    rule = kind_of(kind)
    text = tidy(raw)
    if not text:
        raise UnusableValueError(UnusableCode.EMPTY_VALUE)
    return Identifier(rule.name, rule.clean(text, country))


def identifier_key(identifier: Identifier, salt: bytes) -> str:
    """`kind:digest`, the name of an identifier in keys, ledger and logs: it does not give the value away."""
    digest = blake2b(identifier.value.encode(), key=salt, digest_size=16).hexdigest()
    return f"{identifier.kind}:{digest}"
