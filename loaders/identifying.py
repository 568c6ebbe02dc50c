"""Answers for what identifies a row: its record id, its cleaned identifiers, when it was true."""

from collections.abc import Mapping as Map
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from graph.countries import clean_country
from graph.dates import clean_instant
from graph.facts import Identifier
from graph.identifiers import clean_identifier, identifier_key, kind_of
from graph.unusable import UnusableValueError
from graph.vocabulary import IdentifierClass
from loaders.mapping import CONTENT, IdentifierMapping, Mapping, is_country_code
from loaders.rows import RejectionCode, UnusableRowError

MAX_ID = 500
_NOTHING = frozenset({"nan", "null", "none", "n/a", "#n/a", "\\n", "undefined", "nil", "<na>", "nat"})


def present(text: str | None) -> str | None:
    """The text of an id cell, None when it says that there is none."""
    return None if text is None or text.casefold() in _NOTHING else text


def digest(content: Any) -> str:
    """Hex digest (128 bit) of any JSON-like content."""
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


class Identifying:
    """Reads ids and identifiers from rows, as a mapping says; `salt` keys the digests of personal ids."""

    def __init__(self, mapping: Mapping, salt: bytes) -> None:
        self._record = mapping.record
        self._content_serves = mapping.record.without_id == CONTENT and mapping.touchpoint is None
        self._salt = salt
        self._specs = [
            (kind, column, spec) for kind, spec in mapping.identifiers.items() for column in spec.columns
        ]
        self._kind_of_column = {column: kind for kind, column, _ in self._specs}

    def record_id(self, values: Map[str, str], *, is_deletion: bool = False) -> tuple[str, bool]:
        """The id of the row's record in its source, and whether it is that of a device.

        With `first_of` the id names its column, so that two columns never collide; where the column holds a
        contact (a login e-mail) the id is a keyed digest. A full statement without an id gets one from its
        content, unless the mapping rejects it. Raises UnusableRowError when there is none.
        """
        if self._record.first_of:
            return self._first_of(values)
        columns = self._record.id or ()
        if columns == (CONTENT,):
            return digest(dict(values)), False
        parts = [present(values.get(column)) for column in columns]
        if any(part is None for part in parts):
            if not self._content_serves or is_deletion:
                raise _missing()
            return digest(dict(values)), False
        return bounded("|".join(part for part in parts if part)), False

    def _first_of(self, values: Map[str, str]) -> tuple[str, bool]:
        for column in self._record.first_of:
            text = present(values.get(column))
            if text is None:
                continue
            kind = self._kind_of_column.get(column)
            if kind is None:
                return bounded(f"{column}:{text}"), False
            identifier = read_identifier(kind, text, None)
            if isinstance(identifier, str):
                continue
            linking = kind_of(kind).identifier_class
            if linking is IdentifierClass.CONTACT:
                return f"{column}:{identifier_key(identifier, self._salt).partition(':')[2]}", False
            return bounded(f"{column}:{identifier.value}"), linking is IdentifierClass.DEVICE
        raise _missing()

    def identifiers(self, values: Map[str, str]) -> tuple[tuple[Identifier, ...], list[str]]:
        """The usable identifiers, sorted, and the problems (`kind:code`) of the others."""
        found: set[Identifier] = set()
        problems: list[str] = []
        for kind, column, spec in self._specs:
            cell = present(values.get(column))
            for text in cell.split(spec.separator) if cell and spec.separator else [cell]:
                if not text or not text.strip():
                    continue
                identifier = read_identifier(kind, text, _country(spec, values))
                if isinstance(identifier, str):
                    problems.append(f"{kind}:{identifier}")
                elif spec.namespace:
                    found.add(Identifier(identifier.kind, f"{spec.namespace}:{identifier.value}"))
                else:
                    found.add(identifier)
        return tuple(sorted(found)), problems

    def observed_at(self, values: Map[str, str]) -> datetime | None:
        """When the source says that the row was last true, if it says so usably."""
        text = values.get(self._record.observed_at or "")
        try:
            return clean_instant(text) if text else None
        except UnusableValueError:
            return None


@lru_cache(maxsize=1 << 16)
def read_identifier(kind: str, text: str, country: str | None) -> Identifier | str:
    """The identifier, or the code of what is wrong with it."""
    try:
        return clean_identifier(kind, text, country=country)
    except UnusableValueError as error:
        return str(error.code)


def _country(spec: IdentifierMapping, values: Map[str, str]) -> str | None:
    if spec.country is None or is_country_code(spec.country):
        return spec.country
    written = values.get(spec.country)
    try:
        return clean_country(written) if written else None
    except UnusableValueError:
        return None


def bounded(text: str) -> str:
    """The text as a record id; raises UnusableRowError when it is too long for one."""
    if len(text) > MAX_ID:
        raise UnusableRowError(
            RejectionCode.RECORD_ID_TOO_LONG, f"The record id has more than {MAX_ID} characters."
        )
    return text


def _missing() -> UnusableRowError:
    return UnusableRowError(RejectionCode.RECORD_ID_MISSING, "The row has no record id.")
