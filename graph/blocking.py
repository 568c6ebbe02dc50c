"""Which records are worth comparing: one string per rule on a record; equal strings make a candidate pair."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import LiteralString

from graph.facts import Identifier
from graph.names import fold, nickname_roots, organisation_root, phonetic
from graph.scripts import mixes_scripts
from graph.vocabulary import RecordKind

Block = tuple[str, str]
"""A block column and a value of it."""

BLOCK_COLUMNS: tuple[LiteralString, ...] = (
    "block_name",
    "block_sounds",
    "block_surname",
    "block_birth",
    "block_birth_given",
    "block_name_year",
    "block_surname_year",
    "block_given_month",
    "block_address",
    "block_postcode",
    "block_postcode_surname",
    "block_postcode_given",
    "block_place_surname",
    "block_place_given",
    "block_place_month",
    "block_mailbox",
    "block_phone_tail",
)
"""The rules; each is a property of a source record with an index of its own. Shared identifiers need no rule:
their holders meet at the identifier. Wide rules serve small graphs: a block with too many holders is not compared,
so that in a large graph the narrow rules take over."""

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
    """The part of an e-mail address before the @, folded without separators; empty when too short to tell, and
    when letters of two scripts make it look like another address."""
    written = email.partition("@")[0]
    if mixes_scripts(written):
        return ""
    local = fold(written).replace(" ", "")
    return local if len(local) > 2 else ""


def block_columns(
    kind: RecordKind, attributes: Mapping[str, str], identifiers: Iterable[Identifier]
) -> dict[str, str]:
    """The block strings of one record, present ones only; strings of organisations and people never meet."""
    values: dict[str, str] = {}
    for identifier in sorted(identifiers, reverse=True):
        values[identifier.kind] = identifier.value
    if kind is RecordKind.ORGANISATION:
        blocks = _organisation_blocks(attributes, values)
        return {name: f"o {text}" for name, text in blocks.items() if text}
    blocks = _name_blocks(attributes) | _place_blocks(attributes) | _contact_blocks(attributes, values)
    return {name: text for name, text in blocks.items() if text}


def _organisation_blocks(attributes: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    words = organisation_root(attributes.get("organisation_name", "")).split()
    return {
        "block_name": "".join(words)[:6],
        "block_sounds": " ".join(sorted(word[:4] for word in words)),
        "block_address": _joined(
            fold(attributes.get("house_number", "")), street_key(attributes.get("street", ""))
        ),
        "block_postcode": _folded(attributes, "postcode"),
        "block_phone_tail": values.get("phone", "")[-7:],
    }


def _name_blocks(attributes: Mapping[str, str]) -> dict[str, str]:
    given, surname = _given(attributes), _folded(attributes, "surname")
    root, sound = _root(given), phonetic(surname)
    born = attributes.get("birth_date", "")
    day, month = born if len(born) == 10 else "", born[:7] if len(born) >= 7 else ""
    return {
        "block_name": " ".join(sorted((root, surname))) if root and surname else "",
        "block_sounds": " ".join(sorted((phonetic(root)[:3], sound[:3]))) if root and surname else "",
        "block_surname": surname,
        "block_birth": day,
        "block_birth_given": _joined(day, root[:1]),
        "block_name_year": _joined(sound, root[:1], born[:4]),
        "block_surname_year": _joined(sound, born[:4]),
        "block_given_month": _joined(root, month),
    }


def _place_blocks(attributes: Mapping[str, str]) -> dict[str, str]:
    root, sound = _root(_given(attributes)), phonetic(_folded(attributes, "surname"))
    postcode, place = _folded(attributes, "postcode"), _folded(attributes, "city")
    place = place or _folded(attributes, "birth_place")
    house, street = fold(attributes.get("house_number", "")), street_key(attributes.get("street", ""))
    return {
        "block_address": _joined(house, street, root[:1]),
        "block_postcode": postcode,
        "block_postcode_surname": _joined(postcode, sound),
        "block_postcode_given": _joined(postcode, root),
        "block_place_surname": _joined(place, sound),
        "block_place_given": _joined(place, root),
        "block_place_month": _joined(place, attributes.get("birth_date", "")[:7]),
    }


def _contact_blocks(attributes: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    mailbox, phone = mailbox_name(values.get("email", "")), values.get("phone", "")
    return {
        "block_mailbox": mailbox if len(mailbox) > 4 else "",
        "block_phone_tail": _joined(phone[-6:], _root(_given(attributes))[:1]),
    }


def _given(attributes: Mapping[str, str]) -> str:
    return fold(attributes.get("given_name", "")).partition(" ")[0]


def _folded(attributes: Mapping[str, str], name: str) -> str:
    return fold(attributes.get(name, "")).replace(" ", "")


def _joined(*parts: str) -> str:
    return " ".join(parts) if all(parts) else ""
