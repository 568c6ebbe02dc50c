"""The static block list: identifier values that stand for nobody or for many."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from graph.facts import Identifier
from graph.phones import is_service_number
from graph.words import word_set

_NOTHING = re.compile(
    r"(?i)[\W_]*|null|nil|none|n/?\.?a\.?|nan|undefined|unknown|unbekannt|anonymous|anonym|guest|missing|"
    r"not[ _-]?(?:available|applicable|known|provided|given|set)|tbd|tba|test|dummy|default|empty|blank|no|"
    r"-1|\[object object\]|true|false"
)
_ZEROS = re.compile(r"[0\W_]*")
_REPEATED = re.compile(r"(.)\1{3,}")
_COUNTING = "01234567890123456789"

_NO_DOMAINS = re.compile(
    r"(?:.*\.)?(?:noemail|nomail|noaddress|none|null|fake|nowhere|test|na|donotuse|noreply)\.[a-z.]+"
)


def placeholder_reason(identifier: Identifier) -> str | None:
    """Why a value can link nobody, one phrase, or None for an ordinary value. The value itself is kept."""
    if _NOTHING.fullmatch(identifier.value):
        return "stands for no value"
    if _ZEROS.fullmatch(identifier.value):
        return "zeros only"
    return _BY_KIND.get(identifier.kind, _number_reason)(identifier.value)


def _email_reason(value: str) -> str | None:
    local, _, domain = value.rpartition("@")
    name = re.sub(r"[^a-z0-9]", "", local.partition("+")[0])
    if name in word_set("role_mailboxes"):
        return "shared mailbox of a role"
    if name in word_set("made_up_mailboxes") or not name or _NO_DOMAINS.fullmatch(domain):
        return "made-up address"
    return None


def _phone_reason(value: str) -> str | None:
    digits = value.partition(";")[0].lstrip("+")
    if len(set(digits[-7:])) == 1:
        return "repeated digits"
    if digits[-9:] in _COUNTING or digits[-9:] in _COUNTING[::-1]:
        return "counting digits"
    return "service line" if is_service_number(value.partition(";")[0]) else None


def _number_reason(value: str) -> str | None:
    if _REPEATED.fullmatch(value):
        return "repeated digits"
    if value.isdigit() and len(value) >= 5 and (value in _COUNTING or value in _COUNTING[::-1]):
        return "counting digits"
    return None


def _ssn_reason(value: str) -> str | None:
    if value in {"078051120", "219099999", "457555462"}:
        return "number printed in advertisements"
    if re.fullmatch(r"(?:000|666)\d{6}|\d{3}00\d{4}|\d{5}0000", value):
        return "number never issued"
    return _number_reason(value)


_BY_KIND: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {"email": _email_reason, "phone": _phone_reason, "ssn": _ssn_reason}
)
