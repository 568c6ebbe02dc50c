"""Which addresses a message may be sent to: never this network's own machinery, whatever a name resolves to."""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_allowed(scheme: str, host: str) -> bool:
    """Whether a URL of this scheme and host may be an action's: https anywhere, http on the loopback only."""
    return scheme == "https" or (scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def safe_addresses(scheme: str, found: Iterable[str]) -> list[str]:
    """Those of the addresses that a name resolved to which may be connected to.

    A private network may hold the CRM. Link-local addresses may not be spoken to, where clouds serve credentials, nor
    addresses that mean no single machine; and without TLS nobody but this machine.
    """
    return [one for one in found if _is_safe(scheme, ipaddress.ip_address(one.partition("%")[0]))]


def _is_safe(scheme: str, address: Address) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback:
        return True
    nobody = plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved
    return scheme == "https" and not nobody
