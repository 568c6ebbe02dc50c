"""Postal addresses as they are shown: every part from its column or from a line."""

import re
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache

from graph.address_lines import Address, ends_with_state, split_line, split_street
from graph.capitals import show_place
from graph.countries import clean_country, clean_region, is_region
from graph.streets import street_key
from graph.text import tidy

__all__ = ["ADDRESS_PARTS", "Address", "clean_address", "clean_postcode", "street_key"]

ADDRESS_PARTS = tuple(part.name for part in fields(Address))

_POSTBOX = re.compile(r"p\.?\s*o\.?\s*box|post office box|postbox", re.IGNORECASE)
_ZIP_PLUS = re.compile(r"(\d{5})-\d{4}")
_BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")
_CANADIAN = re.compile(r"([A-Z]\d[A-Z])(\d[A-Z]\d)")
_DUTCH = re.compile(r"(\d{4})([A-Z]{2})")


def clean_address(parts: Mapping[str, str], country: str = "") -> Address:
    """The address from tidied columns: any of ADDRESS_PARTS, `street_line` and `address` (one line).

    Columns win over what lines say; `country` (code) is assumed where none is written. Raises
    UnusableValueError (invalid_country).
    """
    nation = clean_country(parts["country"]) if parts.get("country") else country
    found: dict[str, str] = {}
    if line := parts.get("address"):
        found |= _present(split_line(line, nation))
    if line := parts.get("street_line"):
        found |= _street_parts(line, nation)
    if street := parts.get("street"):
        found |= {"street": street} if parts.get("house_number") else _street_parts(street, nation)
    found |= {name: parts[name] for name in ADDRESS_PARTS if name != "street" and parts.get(name)}
    found["country"] = nation or found.get("country", "")
    return _shown(Address(**found))


@lru_cache(maxsize=1 << 16)
def clean_postcode(text: str, country: str = "") -> str:
    """Upper case with the usual spacing; five digits for the US, whose short forms have lost zeros."""
    code = " ".join(text.upper().removesuffix(".0").replace("\u2013", "-").split())
    if plus := _ZIP_PLUS.fullmatch(code):
        return plus[1]
    if country == "US" and code.isdecimal() and len(code) in (4, 5, 8, 9):
        return code.zfill(5)[:5] if len(code) <= 5 else code.zfill(9)[:5]
    compact = re.sub(r"[\s-]", "", code)
    for pattern in (_BRITISH, _CANADIAN, _DUTCH):
        if match := pattern.fullmatch(compact):
            return f"{match[1]} {match[2]}"
    return re.sub(r"^[A-Z]{1,2}-(?=\d)", "", code)


def _present(address: Address) -> dict[str, str]:
    return {name: value for name in ADDRESS_PARTS if (value := getattr(address, name))}


def _street_parts(line: str, nation: str) -> dict[str, str]:
    """A street column may hold a whole address: then all of it counts."""
    whole = "," in line or ends_with_state(line)
    return _present(split_line(line, nation) if whole else split_street(line))


def _shown(found: Address) -> Address:
    region = clean_region(found.region, found.country) if found.region else ""
    assumed = found.country or ("US" if is_region(region, "US") else "")
    return Address(
        house_number=_house_number(found.house_number),
        street=show_place(_POSTBOX.sub("PO Box", found.street.strip(" ,"))),
        unit=found.unit,
        city=show_place(found.city.strip(" ,.")),
        postcode=clean_postcode(found.postcode, assumed),
        region=region if len(region) <= 3 else show_place(region),
        country=found.country,
    )


@lru_cache(maxsize=1 << 14)
def _house_number(text: str) -> str:
    return tidy(re.sub(r"\s+|(?<=\d)\.0$", "", text.replace("–", "-")).lower())
