"""Puts records side by side: a row for each attribute that one of them says, and which values differ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.steward.rendering import is_hidden

Record = Mapping[str, Any]
"""A source record of the API with its `attributes`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one record says; whether that differs from what it is held against."""

    value: Any
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute and what each record says of it, in their order; `golden` is the value that the profile shows."""

    attribute: str
    cells: tuple[Cell, ...]
    golden: Any = None


def compared(left: Record, right: Record) -> tuple[Row, ...]:
    """Two records against each other: both cells of a row differ, or neither."""
    rows: list[Row] = []
    for name in _said([left, right]):
        ours, theirs = left["attributes"][name], right["attributes"][name]
        differs = _differ(ours, theirs)
        rows.append(Row(name, (Cell(ours, differs), Cell(theirs, differs))))
    return tuple(rows)


def against_golden(records: Sequence[Record], golden: Mapping[str, Any]) -> tuple[Row, ...]:
    """Records against the golden values, by attribute in snake_case."""
    return tuple(
        Row(
            name,
            tuple(_cell(one["attributes"][name], golden.get(snake(name))) for one in records),
            golden.get(snake(name)),
        )
        for name in _said(records)
    )


def snake(name: str) -> str:
    """The name of an attribute as golden values have it: `givenName` is given_name."""
    return re.sub(r"[A-Z]", lambda found: f"_{found.group().lower()}", name)


def _said(records: Sequence[Record]) -> list[str]:
    """The attributes of which a record says something, in the order of the document."""
    names = records[0]["attributes"] if records else ()
    return [name for name in names if any(one["attributes"][name] is not None for one in records)]


def _cell(value: Any, golden: Any) -> Cell:
    return Cell(value, _differ(value, golden))


def _differ(one: Any, other: Any) -> bool:
    """Whether two values are known and not the same; what is hidden cannot be told apart."""
    if one is None or other is None or is_hidden(one) or is_hidden(other):
        return False
    return str(one).casefold() != str(other).casefold()
