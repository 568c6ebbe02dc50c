"""The static block list: identifier values that stand for nobody or for many."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from stdnum import iban

from graph.facts import Identifier
from graph.phones import is_service_number
from graph.words import word_set

_NOTHING = re.compile(
    r"(?i)[\W_]*|null|nil|none|n/?\.?a\.?|nan|undefined|unknown|unbekannt|anonymous|anonym|guest|missing|"
    r"not[ _-]?(?:available|applicable|known|provided|given|set)|tbd|tba|test|dummy|default|empty|blank|no|"
    r"-1|\[object object\]|true|false"
)
_ZEROS = re.compile(r"[0\W_]*")
_REPEATED = re.compile(r"([0-9A-Z])\1{5,}")
_COUNTING = re.compile(r"0?123456(?:7(?:8(?:90?)?)?)?|9876543(?:2(?:10?)?)?")
_NEVER_ISSUED = re.compile(r"(?:000|666)\d{6}|\d{3}00\d{4}|\d{5}0000")
_IN_ADVERTISEMENTS = frozenset({"078051120", "219099999", "457555462"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_NO_DOMAINS = re.compile(
    r"(?:.*\.)?(?:noemail|nomail|noaddress|none|null|fake|nowhere|test|na|donotuse|noreply)\.[a-z.]+"
)


@lru_cache(maxsize=1 << 16)
def placeholder_reason(identifier: Identifier) -> str | None:
    """Why a value can link nobody, one phrase, or None for an ordinary value. The value itself is kept."""
    if _NOTHING.fullmatch(identifier.value):
        return "stands for no value"
    if _ZEROS.fullmatch(identifier.value):
        return "zeros only"
    return _BY_KIND.get(identifier.kind, _number_reason)(identifier.value)


def _email_reason(value: str) -> str | None:
    local, _, domain = value.rpartition("@")
    name = re.sub(r"[\W_]", "", local.partition("+")[0])
    if name in word_set("role_mailboxes"):
        return "shared mailbox of a role"
    repeats = len(name) <= 3 and domain.startswith(f"{name}.")
    if repeats or name in word_set("made_up_mailboxes") or _NO_DOMAINS.fullmatch(domain):
        return "made-up address"
    return None


def _phone_reason(value: str) -> str | None:
    number = value.partition(";")[0]
    digits = number.lstrip("+")
    if len(set(digits[-7:])) == 1:
        return "repeated digits"
    if any(_COUNTING.fullmatch(digits[-size:]) for size in (7, 9, 10)):
        return "counting digits"
    return "service line" if is_service_number(number) else None


def _number_reason(value: str) -> str | None:
    if _REPEATED.fullmatch(value):
        return "repeated digits"
    return "counting digits" if _COUNTING.fullmatch(value) else None


def _ssn_reason(value: str) -> str | None:
    if value in _IN_ADVERTISEMENTS:
        return "number printed in advertisements"
    return "number never issued" if _NEVER_ISSUED.fullmatch(value) else _number_reason(value)


def _account_reason(value: str) -> str | None:
    if _IBAN.fullmatch(value) and not iban.is_valid(value):
        return "check digits do not fit"
    return _number_reason(value)


_BY_KIND: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {"email": _email_reason, "phone": _phone_reason, "ssn": _ssn_reason, "bank_account": _account_reason}
)
