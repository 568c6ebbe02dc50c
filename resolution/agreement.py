"""Whether two records agree on a given name or a birth date: the guards of a shared contact, and of clusters."""

from collections.abc import Mapping
from functools import lru_cache

from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity, levenshtein_distance

from graph.names import fold, nickname_roots, phonetic
from graph.neighbourhood import StoredRecord
from graph.organisations import organisation_root
from resolution.features import established_names

Attributes = Mapping[str, str]

_FULL_DATE = len("yyyy-mm-dd")
_FAMILY = 2
"""So many shared facts make records that contradict each other relatives, and no misspellings."""

_ALIKE = 0.88
"""Jaro-Winkler similarity from which two spellings are taken for one name."""


def names_agree(one: Attributes, other: Attributes) -> bool | None:
    """Whether the given names (or the names of organisations) are compatible; None when one is unknown."""
    organisations = one.get("organisation_name"), other.get("organisation_name")
    if organisations[0] and organisations[1]:
        return _alike(organisation_root(organisations[0]), organisation_root(organisations[1]))
    if any(organisations):
        return None if not (one.get("given_name") and other.get("given_name")) else False
    given, others = fold(one.get("given_name", "")), fold(other.get("given_name", ""))
    if not given or not others:
        return None
    return _given_names_alike(given, others) or _swapped(one, other)


def _given_names_alike(given: str, other: str) -> bool:
    if len(given) == 1 or len(other) == 1:
        return given[0] == other[0]
    if nickname_roots(given) & nickname_roots(other):
        return True
    first, second = given.partition(" ")[0], other.partition(" ")[0]
    return first == second or (_alike(given, other) and not _both_established(first, second))


def _both_established(one: str, other: str) -> bool:
    """Whether both are names that many people bear, and no two spellings of one."""
    return {one, other} <= established_names() and phonetic(one) != phonetic(other)


def _swapped(one: Attributes, other: Attributes) -> bool:
    """Whether one record has given name and surname in each other's place."""
    surnames = fold(one.get("surname", "")), fold(other.get("surname", ""))
    given = fold(one.get("given_name", "")), fold(other.get("given_name", ""))
    return all(surnames) and _alike(given[0], surnames[1]) and _alike(surnames[0], given[1])


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 2 and jaro_winkler_similarity(one, other) >= _ALIKE)


def birth_dates_agree(one: Attributes, other: Attributes) -> bool | None:
    """Whether the birth dates are compatible; None when one is unknown, or when they differ by a typing error.

    Equal parts agree as far as both go ("1978" and "1978-12-11"). One edit, or day and month swapped, says nothing.
    """
    date, others = one.get("birth_date", ""), other.get("birth_date", "")
    if not date or not others:
        return None
    shared = min(len(date), len(others))
    if date[:shared] == others[:shared]:
        return True
    swapped = f"{date[:4]}-{date[8:10]}-{date[5:7]}" if len(date) == 10 else date
    if swapped == others or damerau_levenshtein_distance(date, others) <= 1:
        return None
    return False


@lru_cache(maxsize=1 << 18)
def dates_contradict(date: str, other: str) -> bool:
    """Whether two full dates (yyyy-mm-dd) are of two people: another year, and no slip of the pen explains it."""
    if date[:4] == other[:4]:
        return False
    same_parts = (date[5:7] == other[5:7]) + (date[8:] == other[8:])
    return same_parts < 2 and levenshtein_distance(date, other) > 2


def relatives(one: StoredRecord, other: StoredRecord) -> bool:
    """Whether the two share what a family shares, and their birth dates contradict each other: parent and child."""
    dates = one.attributes.get("birth_date", ""), other.attributes.get("birth_date", "")
    if any(len(date) != _FULL_DATE for date in dates) or not dates_contradict(*dates):
        return False
    return _family_facts(one, other) >= _FAMILY


def _family_facts(one: StoredRecord, other: StoredRecord) -> int:
    """How many of surname, address and contacts two records share."""
    shared = {held.key for held in one.identifiers} & {held.key for held in other.identifiers}
    same_surname = _same(one, other, "surname")
    same_address = _same(one, other, "street") and _same(one, other, "house_number")
    return len(shared) + same_surname + same_address


def _same(one: StoredRecord, other: StoredRecord, name: str) -> bool:
    value = one.attributes.get(name)
    return value is not None and fold(value) == fold(other.attributes.get(name, ""))
