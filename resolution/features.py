"""What matching looks at: one record flattened into the plain ASCII columns that every scorer compares."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypedDict

import pyarrow as pa

from graph.blocking import BLOCK_COLUMNS, block_columns, mailbox_name, name_roots, street_key
from graph.facts import Identifier
from graph.names import fold, organisation_root, phonetic
from graph.placeholders import placeholder_reason
from graph.vocabulary import RecordKind
from graph.words import word_map
from resolution.model import default_model


class RecordRow(TypedDict):
    """One source record as resolution reads it: cleaned attributes and identifiers under their own key."""

    key: str
    kind: RecordKind
    source: str
    attributes: Mapping[str, str]
    identifiers: Sequence[Identifier]


PERSONAL_ID_KINDS: tuple[str, ...] = ("national_id", "ssn", "passport", "driving_licence", "tax_id")
"""Kinds that a person holds one of, the most reliable first: another value speaks against a match."""

TEXT_FEATURES: tuple[str, ...] = (
    "kind",
    "source",
    "given",
    "given_sound",
    "given_known",
    "middle_initial",
    "surname",
    "surname_sound",
    "birth_date",
    "gender",
    "sex",
    "generation",
    "house",
    "street",
    "address",
    "postcode",
    "city",
    "region",
    "email",
    "email_local",
    "phone",
    "card",
    "personal_id",
    "birth_place",
    "occupation",
    "organisation",
)
LIST_FEATURES: tuple[str, ...] = (
    "given_names",
    "given_roots",
    "surname_parts",
    "emails",
    "phones",
    "unique_ids",
    "organisation_words",
    "identifiers",
)
FEATURES: tuple[str, ...] = (*TEXT_FEATURES, *LIST_FEATURES)
"""The columns of a feature table beside `key`; text is folded ASCII, lists are sorted; missing is None."""

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in TEXT_FEATURES),
        *(pa.field(name, pa.list_(pa.string())) for name in LIST_FEATURES),
        *(pa.field(name, pa.string()) for name in BLOCK_COLUMNS),
    ]
)


@lru_cache(maxsize=1)
def established_names() -> frozenset[str]:
    """Given names that many people bear: one of them is seldom another one misspelt."""
    return frozenset(name for name, share in default_model().terms["given"].values.items() if share >= 3e-5)


@lru_cache(maxsize=200_000)
def _folded(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=200_000)
def _joined(text: str) -> str:
    return fold(text).replace(" ", "")


@lru_cache(maxsize=200_000)
def _sound(name: str) -> str:
    return phonetic(name)


def _names(attributes: Mapping[str, str]) -> dict[str, Any]:
    given = _folded(attributes.get("given_name", "")).split()
    middle = _folded(attributes.get("middle_name", "")).split()
    surname = _joined(attributes.get("surname", ""))
    parts = [
        word for word in _folded(attributes.get("surname", "").replace("-", " ")).split() if len(word) > 2
    ]
    names = [name for name in (*given, *middle) if len(name) > 1]
    rest = given[1:] or middle
    return {
        "given": given[0] if given else None,
        "given_sound": _sound(given[0]) or None if given else None,
        "given_known": "yes" if given and given[0] in established_names() else None,
        "middle_initial": rest[0][0] if rest else None,
        "given_names": sorted(set(names)) or None,
        "given_roots": sorted(name_roots(given[0])) if given else None,
        "surname": surname or None,
        "surname_sound": _sound(surname) or None if surname else None,
        "surname_parts": sorted(set(parts)) or None,
    }


def _sex(attributes: Mapping[str, str]) -> str | None:
    """F or M, as stated, else as the given name tells; None when neither does."""
    stated = attributes.get("gender")
    if stated:
        return stated if stated in ("F", "M") else None
    given = _folded(attributes.get("given_name", "")).partition(" ")[0]
    return word_map("given_names").get(given)


def _place(attributes: Mapping[str, str]) -> dict[str, str | None]:
    house = _joined(attributes.get("house_number", ""))
    street = street_key(attributes.get("street", ""))
    place = {name: _joined(attributes.get(name, "")) or None for name in ("postcode", "city", "region")}
    return {
        "house": house or None,
        "street": street or None,
        "address": f"{house} {street}" if house and street else None,
        **place,
    }


def _identifiers(identifiers: Iterable[Identifier]) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for identifier in sorted(set(identifiers)):
        if placeholder_reason(identifier) is None:
            values.setdefault(identifier.kind, []).append(identifier.value)
    emails, phones = values.get("email", []), values.get("phone", [])
    unique = sorted(f"{kind}:{value}" for kind in UNIQUE_ID_KINDS for value in values.get(kind, ()))
    personal = next((f"{kind}:{values[kind][0]}" for kind in PERSONAL_ID_KINDS if kind in values), None)
    return {
        "email": _ascii(emails[0]) if emails else None,
        "email_local": mailbox_name(emails[0]) or None if emails else None,
        "emails": emails or None,
        "phone": _ascii(phones[0]) if phones else None,
        "phones": phones or None,
        "card": values["loyalty_card"][0] if "loyalty_card" in values else None,
        "personal_id": _ascii(personal) if personal else None,
        "unique_ids": unique or None,
        "identifiers": [f"{kind}:{value}" for kind in sorted(values) for value in values[kind]] or None,
    }


UNIQUE_ID_KINDS: tuple[str, ...] = (*PERSONAL_ID_KINDS, "customer_number", "user_id", "registration_number")


def _ascii(text: str) -> str:
    return text if text.isascii() else _folded(text)


def features(row: RecordRow) -> dict[str, Any]:
    """The feature columns of one record, without its block columns; a missing value is None."""
    attributes = row["attributes"]
    described = row["kind"] is RecordKind.ORGANISATION
    words = organisation_root(attributes.get("organisation_name", "")).split() if described else []
    return {
        "key": row["key"],
        "kind": str(row["kind"]),
        "source": row["source"],
        **_names(attributes),
        **_place(attributes),
        **_identifiers(row["identifiers"]),
        "birth_date": attributes.get("birth_date"),
        "gender": attributes.get("gender"),
        "sex": _sex(attributes),
        "generation": attributes.get("generation"),
        "birth_place": _joined(attributes.get("birth_place", "")) or None,
        "occupation": _folded(attributes.get("occupation", "")) or None,
        "organisation": " ".join(words) or None,
        "organisation_words": sorted(set(words)) or None,
    }


def feature_table(rows: Iterable[RecordRow] | pa.Table) -> pa.Table:
    """All rows as one Arrow table under `SCHEMA`, block columns included; such a table stays as it is."""
    if isinstance(rows, pa.Table):
        return rows
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for row in rows:
        values = features(row)
        values.update(block_columns(row["kind"], row["attributes"], row["identifiers"]))
        for name, column in columns.items():
            column.append(values.get(name))
    return pa.table(columns, schema=SCHEMA)
