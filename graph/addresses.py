"""Postal addresses: their parts from columns or one line, and the form in which streets are compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from graph.countries import clean_country, clean_region, is_american_state
from graph.names import show_name
from graph.streets import street_key
from graph.text import fold
from graph.unusable import UnusableValueError

_UNIT = re.compile(
    r"(?i)[, ]+((?:apt|apartment|unit|suite|ste|flat|room|rm|floor|fl|top|stiege|tür|wohnung|whg|piso|puerta|bte|"
    r"appt|apartado)\b\.?\s*#?\s*[\w-]+|#\s*[\w-]+)\s*$"
)
_UNIT_FIRST = re.compile(
    r"(?i)^((?:flat|unit|apt|apartment|suite|room)\.?\s*#?\s*[\w-]+)[, ]+(?=.*\d|.*\w{3})"
)
_NUMBER_FIRST = re.compile(
    r"(\d+(?:\s?[-/–]\s?\d+)?(?:\s?[a-zA-Z](?=[\s,]))?(?:\s\d/\d)?)[\s,]+(?!(?:st|nd|rd|th)\b)(\D.*|\d+(?:st|nd|rd|th)\b.*)"
)
_NUMBER_LAST = re.compile(r"(\D.*?)[\s,]+(?:nr\.?|no\.?|n°|nº|#)?\s*(\d+(?:\s?[-/–]\s?\d+)*\s?[a-zA-Z]?)")
_POSTCODES = (
    re.compile(r"(?i)\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"),  # United Kingdom
    re.compile(r"(?i)\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"),  # Canada
    re.compile(r"(?i)\b\d{4}\s?[A-Z]{2}\b(?=\s+\w|$)"),  # Netherlands
    re.compile(r"\b\d{5}-\d{3,4}\b|\b\d{3}-\d{4}\b|\b\d{2}-\d{3}\b|\b\d{3} \d{2}\b"),
    re.compile(r"\b(?:[A-Z]{1,2}-)?\d{4,6}\b"),
)
_LINE_PARTS = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Parts of a postal address as they are shown; absent ones are empty."""

    house_number: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""


ADDRESS_PARTS = tuple(part.name for part in fields(Address))


def clean_address(parts: Mapping[str, str], country: str = "") -> Address:
    """The address from tidied columns: any of ADDRESS_PARTS, `street_line` and `address` (one line).

    Columns win over what their lines say; `country` (code) is assumed where none is written.
    Raises UnusableValueError for a country that does not exist.
    """
    found: dict[str, str] = {}
    if line := parts.get("address"):
        found.update(_present(split_line(line, country)))
    if street_line := parts.get("street_line"):
        found.update(_street_columns(street_line, country))
    if street := parts.get("street"):
        found.update(_street_columns(street, country) if "house_number" not in parts else {"street": street})
    found.update({name: parts[name] for name in ADDRESS_PARTS if name != "street" and parts.get(name)})
    return _shown(found, country)


@lru_cache(maxsize=1 << 16)
def split_street(line: str) -> Address:
    """House number, street and unit of a street line: `123 Main St Apt 4`, `Hauptstraße 12a`."""
    line, unit = _without_unit(line)
    if number_first := _NUMBER_FIRST.fullmatch(line):
        return Address(house_number=_number(number_first[1]), street=number_first[2].strip(" ,"), unit=unit)
    if number_last := _NUMBER_LAST.fullmatch(line):
        return Address(house_number=_number(number_last[2]), street=number_last[1].strip(" ,"), unit=unit)
    return Address(street=line, unit=unit)


@lru_cache(maxsize=1 << 16)
def split_line(line: str, country: str = "") -> Address:
    """An address written on one line, of the US or of a country that writes `street, postcode city`."""
    segments = [segment.strip() for segment in line.split(",") if segment.strip()]
    if len(segments) < _LINE_PARTS and _ends_american(line):
        return _american(line)
    country, segments = _country_of(segments, country)
    street, rest = _street_of(segments)
    postcode, rest = _postcode_of(rest)
    region, rest = _region_of(rest, country)
    city = rest[-1] if rest else ""
    return Address(street.house_number, street.street, street.unit, city, postcode, region, country)


def clean_postcode(text: str, country: str = "") -> str:
    """Upper case with the country's usual spacing; five digits for the US, whose short forms lose zeros."""
    code = " ".join(text.upper().removesuffix(".0").replace("\u2013", "-").split())
    if re.fullmatch(r"\d{5}-\d{4}", code):
        return code[:5]
    if country == "US" and code.isdigit():
        return code.zfill(5)[:5] if len(code) <= 5 or len(code) == 9 else code
    compact = re.sub(r"[\s-]", "", code)
    if re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", compact):
        return f"{compact[:-3]} {compact[-3:]}"
    if re.fullmatch(r"[A-Z]\d[A-Z]\d[A-Z]\d", compact):
        return f"{compact[:3]} {compact[3:]}"
    if re.fullmatch(r"\d{4}[A-Z]{2}", compact):
        return f"{compact[:4]} {compact[4:]}"
    return re.sub(r"^[A-Z]{1,2}-(?=\d)", "", code)


def _shown(found: Mapping[str, str], country: str) -> Address:
    nation = clean_country(found["country"]) if found.get("country") else country
    region = clean_region(found.get("region", ""), nation)
    assumed = nation or ("US" if is_american_state(region) else "")
    return Address(
        house_number=_number(found.get("house_number", "")),
        street=show_name(found.get("street", "")),
        unit=found.get("unit", ""),
        city=show_name(found.get("city", "")),
        postcode=clean_postcode(found.get("postcode", ""), assumed),
        region=show_name(region) if len(region) > 3 else region,
        country=nation,
    )


def _present(address: Address) -> dict[str, str]:
    return {name: value for name in ADDRESS_PARTS if (value := getattr(address, name))}


def _street_columns(line: str, country: str) -> dict[str, str]:
    """A street column may hold a whole address: then all of it counts."""
    if "," in line:
        return _present(split_line(line, country))
    return _present(split_street(line))


def _number(text: str) -> str:
    return re.sub(r"\s*([-/])\s*", r"\1", text.replace("–", "-")).removesuffix(".0").replace(" ", "").lower()


def _without_unit(line: str) -> tuple[str, str]:
    if last := _UNIT.search(line):
        return line[: last.start()].strip(" ,"), last[1]
    if first := _UNIT_FIRST.match(line):
        return line[first.end() :].strip(" ,"), first[1]
    return line, ""


def _country_of(segments: list[str], country: str) -> tuple[str, list[str]]:
    if len(segments) > 1:
        try:
            if len(segments[-1]) > 2 or segments[-1] in ("US", "UK", "GB"):
                return clean_country(segments[-1]), segments[:-1]
        except UnusableValueError:
            pass
    return country, segments


def _street_of(segments: list[str]) -> tuple[Address, list[str]]:
    """The first segment with a number is the street line; a unit of its own may follow or lead it."""
    if not segments:
        return Address(), []
    head, rest = segments[0], segments[1:]
    while rest and (_UNIT.fullmatch(f" {rest[0]}") or not re.search(r"\w{3}", head)):
        head, rest = f"{head}, {rest[0]}", rest[1:]
    return split_street(head), rest


def _postcode_of(segments: list[str]) -> tuple[str, list[str]]:
    for index in range(len(segments) - 1, -1, -1):
        for pattern in _POSTCODES:
            if match := pattern.search(segments[index]):
                left = f"{segments[index][: match.start()]} {segments[index][match.end() :]}".strip(" ,-")
                kept = [*segments[:index], left, *segments[index + 1 :]]
                return match[0], [" ".join(segment.split()) for segment in kept if segment]
    return "", segments


def _region_of(segments: list[str], country: str) -> tuple[str, list[str]]:
    """A state at the end of the line: `Las Vegas NV` or `Las Vegas, NV`."""
    if not segments or country not in ("", "US", "CA", "AU"):
        return "", segments
    words = segments[-1].split()
    nation = country or "US"
    if len(segments) > 1 and is_region(segments[-1], nation):
        return segments[-1], segments[:-1]
    if len(words) > 1 and words[-1].isupper() and is_region(words[-1], nation):
        return words[-1], [*segments[:-1], " ".join(words[:-1])]
    return "", segments


def is_region(text: str, country: str) -> bool:
    """Whether a text names a state or province of the US, Canada or Australia."""
    return (
        is_american_state(text) if country == "US" else clean_region(text, country) != text or len(text) == 2
    )


def _ends_american(line: str) -> bool:
    """Ends with a state, or a state and a ZIP code."""
    end = re.search(r"\b([A-Za-z]{2})\.?(?:\s+\d{5}(?:-\d{4})?)?\s*$", line)
    return end is not None and is_american_state(end[1]) and bool(re.match(r"\s*\d", line))


def _american(line: str) -> Address:
    import usaddress

    found: dict[str, list[str]] = {}
    for token, label in usaddress.parse(line):
        found.setdefault(label, []).append(token.strip(" ,"))

    def words(*labels: str) -> str:
        return " ".join(token for label in labels for token in found.get(label, ()))

    return Address(
        house_number=words("AddressNumber", "AddressNumberSuffix"),
        street=words("StreetNamePreDirectional", "StreetNamePreModifier", "StreetNamePreType", "StreetName",
                     "StreetNamePostType", "StreetNamePostDirectional", "USPSBoxType", "USPSBoxID"),
        unit=words("OccupancyType", "OccupancyIdentifier"),
        city=words("PlaceName"),
        postcode=words("ZipCode"),
        region=words("StateName"),
        country="US",
    )  # fmt: skip


__all__ = [
    "ADDRESS_PARTS",
    "Address",
    "clean_address",
    "clean_postcode",
    "fold",
    "split_line",
    "split_street",
    "street_key",
]
