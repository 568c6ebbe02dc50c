"""Cleans an e-mail address so that every spelling of one mailbox becomes one value."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from email_validator import EmailNotValidError, validate_email

from graph.unusable import UnusableCode, UnusableValueError

_PLAIN = re.compile(r"(?!.*xn--)[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,24}")
_AT = re.compile(r"\s*[\[({]\s*(?:at|@)\s*[\])}]\s*")
_DISPLAY = re.compile(r"[^<>]*<\s*([^<>]+?)\s*>")

_SAME_MAILBOX: Mapping[str, str] = MappingProxyType(
    {
        "googlemail.com": "gmail.com",
        "protonmail.com": "proton.me",
        "pm.me": "proton.me",
        "me.com": "icloud.com",
        "mac.com": "icloud.com",
        "ya.ru": "yandex.ru",
        "yandex.com": "yandex.ru",
    }
)
"""Domains of one provider that deliver to the same mailbox."""

_TAGGED = frozenset(
    {
        "gmail.com", "proton.me", "icloud.com", "yandex.ru", "outlook.com", "hotmail.com", "hotmail.co.uk",
        "hotmail.fr", "hotmail.de", "live.com", "live.co.uk", "msn.com", "fastmail.com", "fastmail.fm",
        "zoho.com", "mailbox.org", "posteo.de", "tutanota.com", "runbox.com", "pobox.com", "hey.com",
    }
)  # fmt: skip
"""Providers that deliver name+tag to name."""


def clean_email(text: str) -> str:
    """The mailbox in lower case, by its provider's rules: gmail's dots, +tags, twin domains.

    Accepts `mailto:` and `Name <address>`, and mends slips of the keyboard that leave no doubt
    (`ada@@x.org`, `ada@x..org`, `ada@x,org`, `ada [at] x.org`). Raises UnusableValueError (invalid_email).
    """
    if displayed := _DISPLAY.fullmatch(text):
        text = displayed[1]
    address = _AT.sub("@", text.lower()).removeprefix("mailto:").partition("?")[0].strip(" <>()[]\"',;:.")
    if not _PLAIN.fullmatch(address):
        address = _validated(_mended(address))
    local, _, domain = address.rpartition("@")
    domain = _SAME_MAILBOX.get(domain, domain)
    if domain in _TAGGED:
        local = local.partition("+")[0] or local
    if domain == "gmail.com":
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def _mended(address: str) -> str:
    local, at, domain = address.partition("@")
    domain = re.sub(r"[.,]+", ".", domain.lstrip("@")).replace(" ", "")
    return f"{local.strip()}{at}{domain}"


def _validated(address: str) -> str:
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise UnusableValueError(UnusableCode.INVALID_EMAIL) from error
    return checked.normalized.lower()
