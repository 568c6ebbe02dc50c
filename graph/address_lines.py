"""Takes addresses apart that are written on one line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import usaddress

from graph.countries import clean_country, is_region
from graph.text import fold
from graph.unusable import UnusableValueError
from graph.words import word_map


@dataclass(frozen=True, slots=True)
class Address:
    """Parts of a postal address; absent ones are empty."""

    house_number: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""


_UNIT_WORDS = (
    r"(?:apt|apartment|unit|suite|ste|flat|room|rm|floor|flr|top|stiege|tür|wohnung|whg|piso|puerta|appt|"
    r"penthouse|lok|kv|dpto|depto)\b\.?|m\."
)
_UNIT = re.compile(rf"(?:(?:{_UNIT_WORDS})\s*#?\s*[\w-]{{1,8}}|#\s*[\w-]{{1,8}}|\d+[ºª].*)", re.IGNORECASE)
_UNIT_LAST = re.compile(rf"(.*\w)[ ,]+({_UNIT.pattern})", re.IGNORECASE)
_NUMBER = r"\d+(?:\s?[-/–]\s?\d+)*[a-z]?"
_ORDINAL = r"\d+(?:st|nd|rd|th)\b"
_BARE_NUMBER = re.compile(
    rf"(?:(?:no|nr|n°|nº|bld|bldg|dom|haus|house)\b\.?|#)?\s*({_NUMBER})", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(rf"(?:no\.?\s|#)?({_NUMBER}(?:\s\d/\d)?)[\s,]+(\D.*|{_ORDINAL}.*)", re.IGNORECASE)
_NUMBER_LAST = re.compile(
    rf"((?:\D|{_ORDINAL}).*?)[\s,]+(?:nr\.?|no\.?|n°|nº|#)?\s*({_NUMBER}(?:\s[a-z])?)", re.IGNORECASE
)
_NUMBER_INSIDE = re.compile(rf"(\D+?)\s+({_NUMBER})\s+(\D+)", re.IGNORECASE)
_GERMAN_STREET = re.compile(r"\w+(?:str|strasse|weg|gasse|platz|allee|straat|gatan|gade|vej|laan|utca)")
_POSTCODES = (
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE),  # United Kingdom
    re.compile(r"\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b", re.IGNORECASE),  # Canada
    re.compile(r"\b\d{4}\s?[A-Z]{2}\b(?=\s+\w|$)"),  # Netherlands
    re.compile(r"\b\d{5}-\d{3,4}\b|\b\d{4}-\d{3}\b|\b\d{3}-\d{4}\b|\b\d{2}-\d{3}\b|\b\d{3} \d{2}\b"),
    re.compile(r"(?:\b[A-Z]{1,2}-)?\b\d{4,6}\b"),
)
_BRITISH = _POSTCODES[0]
_STATE_LAST = re.compile(r"\d+\S*(?: \S+){2,} ([A-Z]{2})\.?(?: \d{5}(?:-\d{4})?)?")


@lru_cache(maxsize=1 << 16)
def split_street(line: str) -> Address:
    """House number, street and unit of a street line: `123 Main St Apt 4`, `Hauptstraße 12a`."""
    unit = ""
    if last := _UNIT_LAST.fullmatch(line):
        line, unit = last[1], last[2]
    if first := _NUMBER_FIRST.fullmatch(line):
        return Address(first[1], first[2], unit)
    if last := _NUMBER_LAST.fullmatch(line):
        return Address(last[2], last[1], unit)
    if (inside := _NUMBER_INSIDE.fullmatch(line)) and _has_street_word(inside[3]):
        return Address(inside[2], inside[3], unit or inside[1])
    return Address(street=line, unit=unit)


@lru_cache(maxsize=1 << 16)
def split_line(line: str, country: str = "") -> Address:
    """An address on one line; `country` (code) is assumed where the line names none."""
    segments = [" ".join(segment.split()) for segment in line.split(",") if segment.strip(" .")]
    nation, segments = _nation_of(segments)
    nation = nation or country
    if len(segments) == 1 and nation in ("", "US") and ends_with_state(segments[0]):
        return _american(segments[0])
    if len(segments) == 1 and not any(map(str.isdigit, segments[0])) and not _has_street_word(segments[0]):
        return Address(city=segments[0], country=nation)
    street, rest = _street_of(segments)
    rest, code, near = _postcode_of(rest)
    region, rest, near = _region_of(rest, near, nation)
    if region and not rest and nation in ("", "US"):
        return _american(", ".join(segments))
    city = _city_of(rest, near)
    if _BRITISH.fullmatch(code) and len(rest) > 1:
        city, region = rest[0], rest[1]
    return replace(street, city=city, postcode=code, region=region, country=nation)


def ends_with_state(line: str) -> bool:
    """Whether a line without commas starts with a number and ends like an address of the US."""
    last = _STATE_LAST.fullmatch(line)
    return last is not None and is_region(last[1], "US")


def _nation_of(segments: list[str]) -> tuple[str, list[str]]:
    """The country a last segment names; a bare postcode may stand behind it."""
    for index in range(len(segments) - 1, max(0, len(segments) - 3), -1):
        segment = segments[index]
        if len(segment) == 2 and segment not in ("UK", "US", "GB"):
            break
        try:
            return clean_country(segment), segments[:index] + segments[index + 1 :]
        except UnusableValueError:
            if not any(pattern.fullmatch(segment) for pattern in _POSTCODES):
                break
    return "", segments


def _street_of(segments: list[str]) -> tuple[Address, list[str]]:
    """The street line and the segments behind it; what stands before it is a building or unit."""
    if not segments:
        return Address(), []
    index = _street_index(segments)
    units, rest = segments[:index], segments[index + 1 :]
    street = split_street(segments[index])
    if units and not street.house_number and (number := _BARE_NUMBER.fullmatch(units[-1])):
        street, units = replace(street, house_number=number[1]), units[:-1]
    while rest and (
        _UNIT.fullmatch(rest[0]) or (_BARE_NUMBER.fullmatch(rest[0]) and not street.house_number)
    ):
        number = _BARE_NUMBER.fullmatch(rest[0])
        if number and not street.house_number:
            street = replace(street, house_number=number[1])
        else:
            units.append(rest[0])
        rest = rest[1:]
    return replace(street, unit=", ".join([*units, street.unit]).strip(", ")), rest


def _street_index(segments: Sequence[str]) -> int:
    """Where the street line is: numbered with a street word, else behind leading units, else numbered."""
    for index, segment in enumerate(segments):
        if any(map(str.isdigit, segment)) and _has_street_word(segment):
            return index
    index = 0
    while index < len(segments) - 1 and (
        _UNIT.fullmatch(segments[index]) or _BARE_NUMBER.fullmatch(segments[index])
    ):
        index += 1
    return index


def _has_street_word(text: str) -> bool:
    spellings = word_map("street_words")
    words = [word for word in fold(text).split() if len(word) > 1]
    return any(
        word in spellings or word in spellings.values() or _GERMAN_STREET.fullmatch(word) for word in words
    )


def _postcode_of(segments: list[str]) -> tuple[list[str], str, int]:
    """Segments without the postcode, the postcode, and the segment that it stood in (-1: alone)."""
    for index in range(len(segments) - 1, -1, -1):
        for pattern in _POSTCODES:
            if match := pattern.search(segments[index]):
                left = f"{segments[index][: match.start()]} {segments[index][match.end() :]}"
                left = " ".join(left.split()).strip(" -")
                kept = [*segments[:index], *([left] if left else []), *segments[index + 1 :]]
                return kept, match[0], index if left else -1
    return segments, "", -1


def _region_of(segments: list[str], near: int, nation: str) -> tuple[str, list[str], int]:
    """A state at the end: `Las Vegas NV`, `Las Vegas, NV` or `NV` alone."""
    if not segments or nation not in ("", "US", "CA", "AU"):
        return "", segments, near
    head, _, tail = segments[-1].rpartition(" ")
    if is_region(segments[-1], nation or "US") and (len(segments) > 1 or len(segments[-1]) == 2):
        return segments[-1], segments[:-1], -1
    if head and tail.isupper() and is_region(tail, nation or "US"):
        return tail, [*segments[:-1], head], near
    return "", segments, near


def _city_of(segments: Sequence[str], near: int) -> str:
    """The segment that the postcode stood in, else the last."""
    if 0 <= near < len(segments):
        return segments[near]
    return segments[-1] if segments else ""


def _american(line: str) -> Address:
    """By usaddress, which tells a street from a city without a comma between them."""
    found: dict[str, list[str]] = {}
    for token, label in usaddress.parse(line):
        part = next((part for prefix, part in _LABELS if label.startswith(prefix)), "")
        found.setdefault(part, []).append(token.strip(" ,"))
    words = {part: " ".join(tokens) for part, tokens in found.items() if part}
    return Address(**words, country="US")


_LABELS = (
    ("AddressNumber", "house_number"),
    ("StreetName", "street"),
    ("USPSBox", "street"),
    ("Occupancy", "unit"),
    ("Subaddress", "unit"),
    ("PlaceName", "city"),
    ("StateName", "region"),
    ("ZipCode", "postcode"),
)
