"""Which records are worth comparing: one string per rule on a record; equal strings make a candidate pair."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from graph.facts import Identifier
from graph.names import fold, nickname_roots, organisation_root, phonetic
from graph.vocabulary import RecordKind

BLOCK_COLUMNS: tuple[str, ...] = (
    "block_email",
    "block_phone",
    "block_unique",
    "block_card",
    "block_address_given",
    "block_birth_given",
    "block_birth_surname",
    "block_name",
    "block_name_year",
    "block_postcode_surname",
    "block_postcode_given",
    "block_surname_city",
    "block_given_month",
    "block_mailbox",
    "block_phone_tail",
    "block_organisation",
)
"""The rules, the cheapest and surest first; each is a property of a source record with an index of its own."""

STREET_WORDS: Mapping[str, str] = {
    word: short
    for short, words in {
        "st": "street str strasse", "ave": "avenue av aven", "rd": "road", "dr": "drive", "ln": "lane",
        "blvd": "boulevard boul", "ct": "court crt", "pl": "place", "sq": "square", "ter": "terrace terr",
        "cres": "crescent crs cr", "cl": "close", "hwy": "highway", "pkwy": "parkway", "cir": "circle circuit cct",
        "way": "wy", "n": "north", "s": "south", "e": "east", "w": "west",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Long and foreign spellings of the words that streets end in, towards the short one."""


@lru_cache(maxsize=200_000)
def street_key(street: str) -> str:
    """A street's name folded, its type shortened, without spaces; empty when there is none."""
    return "".join(STREET_WORDS.get(word, word) for word in fold(street).split())


@lru_cache(maxsize=100_000)
def name_roots(given: str) -> frozenset[str]:
    """The formal names a folded given name may stand for, itself included."""
    return nickname_roots(given) | {given}


@lru_cache(maxsize=100_000)
def _root(given: str) -> str:
    return max(nickname_roots(given), key=lambda name: (len(name), name), default=given)


def mailbox_name(email: str) -> str:
    """The part of an e-mail address before the @, folded without separators; empty when too short to tell."""
    local = fold(email.partition("@")[0]).replace(" ", "")
    return local if len(local) > 2 else ""


def block_columns(
    kind: RecordKind, attributes: Mapping[str, str], identifiers: Iterable[Identifier]
) -> dict[str, str]:
    """The block strings of one record, present ones only; strings of organisations and people never meet."""
    values: dict[str, str] = {}
    for identifier in sorted(identifiers, reverse=True):
        values[identifier.kind] = identifier.value
    blocks = _identifier_blocks(values)
    if kind is RecordKind.ORGANISATION:
        blocks |= _organisation_blocks(attributes)
        return {name: f"o {text}" for name, text in blocks.items() if text}
    blocks |= _person_blocks(attributes, values)
    return {name: text for name, text in blocks.items() if text}


def _identifier_blocks(values: Mapping[str, str]) -> dict[str, str]:
    email, phone = values.get("email", ""), values.get("phone", "")
    unique = (
        "national_id",
        "ssn",
        "passport",
        "driving_licence",
        "tax_id",
        "customer_number",
        "user_id",
        "login",
    )
    return {
        "block_email": email,
        "block_phone": phone,
        "block_card": values.get("loyalty_card", ""),
        "block_unique": next((f"{kind} {values[kind]}" for kind in unique if kind in values), ""),
        "block_mailbox": mailbox_name(email) if len(mailbox_name(email)) > 4 else "",
    }


def _organisation_blocks(attributes: Mapping[str, str]) -> dict[str, str]:
    street, house = street_key(attributes.get("street", "")), attributes.get("house_number", "").lower()
    return {
        "block_organisation": organisation_root(attributes.get("organisation_name", "")).replace(" ", "")[:6],
        "block_address_given": f"{house} {street}" if house and street else "",
    }


def _person_blocks(attributes: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    given = fold(attributes.get("given_name", "")).partition(" ")[0]
    surname = fold(attributes.get("surname", "")).replace(" ", "")
    root, sound = _root(given) if given else "", phonetic(surname) if surname else ""
    initial = root[:1]
    born = attributes.get("birth_date", "")
    postcode = fold(attributes.get("postcode", "")).replace(" ", "")
    city = fold(attributes.get("city", "")).replace(" ", "")
    street, house = street_key(attributes.get("street", "")), fold(attributes.get("house_number", ""))
    day = born if len(born) == 10 else ""
    return {
        "block_address_given": _joined(house, street, initial),
        "block_birth_given": _joined(day, initial),
        "block_birth_surname": _joined(day, surname[:1]),
        "block_name": _joined(*sorted((root, surname))) if root and surname else "",
        "block_name_year": _joined(sound, initial, born[:4]),
        "block_postcode_surname": _joined(postcode, sound),
        "block_postcode_given": _joined(postcode, root),
        "block_surname_city": _joined(sound, city, initial),
        "block_given_month": _joined(root, born[:7] if len(born) >= 7 else ""),
        "block_phone_tail": _joined(values.get("phone", "")[-6:], initial),
    }


def _joined(*parts: str) -> str:
    return " ".join(parts) if all(parts) else ""
