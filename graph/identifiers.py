"""The registered identifier kinds, and the one way in which identifiers are cleaned and keyed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

from graph.emails import clean_email
from graph.facts import Identifier
from graph.phones import clean_phone
from graph.placeholders import placeholder_reason
from graph.text import tidy
from graph.unusable import UnusableCode, UnusableValueError
from graph.vocabulary import IdentifierClass

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
    aliases: tuple[str, ...] = ()
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
    number = _PUNCTUATION.sub("", text).upper()
    if not number:
        raise UnusableValueError(UnusableCode.EMPTY_VALUE)
    return number


def _document(text: str, _country: str | None) -> str:
    number = _number(text, None)
    if not any(character.isdigit() for character in number):
        raise UnusableValueError(UnusableCode.INVALID_NUMBER)
    if len(number) < 4:
        raise UnusableValueError(UnusableCode.VALUE_TOO_SHORT)
    return number


_REGISTERED = (
    IdentifierKind("customer_number", IdentifierClass.UNIQUE, 100, "Number a company gave its customer.", _number,
                   ("customer_id", "customer_no", "client_id", "client_number", "member_id", "member_number",
                    "patient_id", "crm_id")),
    IdentifierKind("national_id", IdentifierClass.UNIQUE, 95, "Number a state gave a person for life.", _document,
                   ("national_id_number", "nin", "id_number", "personal_number", "nino"), exclusive=True),
    IdentifierKind("ssn", IdentifierClass.UNIQUE, 94, "Social security number.", _document,
                   ("ssn_number", "social_security_number", "social_security", "soc_sec_id", "soc_sec"),
                   exclusive=True),
    IdentifierKind("tax_id", IdentifierClass.UNIQUE, 92, "Tax number of a person or organisation.", _document,
                   ("tax_id_number", "tax_number", "vat_id", "vat_number", "vat", "tin", "ein", "itin"),
                   exclusive=True),
    IdentifierKind("registration_number", IdentifierClass.UNIQUE, 91, "Number of an organisation in a register.",
                   _document, ("company_number", "registration_id", "lei", "lei_number", "duns", "duns_number")),
    IdentifierKind("passport", IdentifierClass.UNIQUE, 90, "Passport number, with its country in front if known.",
                   _document, ("passport_number", "passport_no")),
    IdentifierKind("driving_licence", IdentifierClass.UNIQUE, 88,
                   "Driving licence number, with its state or country in front if known.", _document,
                   ("drivers_license", "drivers_license_number", "driver_license", "driving_license",
                    "drivers_licence", "licence_number", "license_number")),
    IdentifierKind("user_id", IdentifierClass.LOGIN, 80, "Account a person logs in with.", _exact,
                   ("userid", "user", "login", "login_id", "username", "account_id", "uid")),
    IdentifierKind("email", IdentifierClass.CONTACT, 70, "E-mail address.", _email,
                   ("e_mail", "mail", "email_address", "e_mail_address", "mail_address", "login_email")),
    IdentifierKind("phone", IdentifierClass.CONTACT, 60, "Phone number, mobile or fixed.", clean_phone,
                   ("phone_number", "tel", "telephone", "telephone_number", "mobile", "mobile_phone",
                    "mobile_number", "cell", "cell_phone", "msisdn", "landline", "handy", "telefon")),
    IdentifierKind("bank_account", IdentifierClass.CONTACT, 55, "Bank account number; couples may share one.",
                   _document, ("iban", "account_number", "bank_account_number")),
    IdentifierKind("loyalty_card", IdentifierClass.CONTACT, 50, "Loyalty card number; a household may share one.",
                   _number, ("card", "card_number", "loyalty_number", "loyalty_card_number", "loyalty_id")),
    IdentifierKind("device", IdentifierClass.DEVICE, 20, "Device or advertising id.", _device,
                   ("device_id", "idfa", "gaid", "idfv", "advertising_id", "android_id", "ios_id")),
    IdentifierKind("cookie", IdentifierClass.DEVICE, 10, "Browser cookie or anonymous id.", _exact,
                   ("cookie_id", "anonymous_id", "anonymousid", "client_cookie", "ga_client_id", "visitor_id")),
)  # fmt: skip

KINDS: Mapping[str, IdentifierKind] = MappingProxyType({kind.name: kind for kind in _REGISTERED})
"""Registered kinds by name."""

_ALIASES = {alias: kind.name for kind in _REGISTERED for alias in (kind.name, *kind.aliases)}


def canonical_kind(name: str) -> str:
    """The registered name for a kind as people write it (`E-Mail` → email); other names in snake_case.

    Raises UnusableValueError (unknown_kind) for a name that is no word.
    """
    written = re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_")
    if not _NAME.fullmatch(written):
        raise UnusableValueError(UnusableCode.UNKNOWN_KIND)
    return _ALIASES.get(written, written)


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
