"""Answers for a mapping in the making: lines for each table, with the reason beside each."""

import json
from dataclasses import dataclass, field

from loaders.columns import Column, Sample
from loaders.synonyms import TRUTH

TABLES = ("source", "record", "attributes", "identifiers", "touchpoint", "file")
_CATEGORY_VALUES = 60


@dataclass(slots=True)
class Draft:
    """What is known of a file and the lines drafted so far, by table."""

    sample: Sample
    meanings: dict[str, str]
    source: str
    lines: dict[str, list[str]] = field(default_factory=lambda: {table: list[str]() for table in TABLES})
    used: set[str] = field(default_factory=set[str])

    def columns(self, *concepts: str) -> list[Column]:
        """The filled columns that mean any of these, in the order of the concepts."""
        return [
            self.sample.columns[name]
            for concept in concepts
            for name, meaning in self.meanings.items()
            if meaning == concept and self.sample.columns[name].filled
        ]

    def first(self, *concepts: str) -> Column | None:
        """The first such column."""
        return next(iter(self.columns(*concepts)), None)

    def put(self, table: str, key: str, value: object, why: str = "") -> None:
        """Add one line; the columns in it count as used."""
        self._note(value)
        comment = f"  # {why}" if why else ""
        self.lines[table].append(f"{key} = {toml_value(value)}{comment}")

    def say(self, table: str, comment: str) -> None:
        """Add a comment line."""
        self.lines[table].append(f"# {comment}")

    def left(self) -> list[Column]:
        """The columns that nothing was made of, without those that look like the answer."""
        return [
            column
            for name, column in self.sample.columns.items()
            if name not in self.used and self.meanings.get(name) != TRUTH
        ]

    def categories(self) -> list[Column]:
        """Left columns with few different values: worth keeping beside the record."""
        return [column for column in self.left() if 1 < column.distinct <= _CATEGORY_VALUES]

    def share(self, column: Column) -> str:
        """How full a column is, in words."""
        return f"{100 * column.filled // max(self.sample.rows, 1)} % filled, {column.distinct} different"

    def _note(self, value: object) -> None:
        match value:
            case str():
                self.used |= {value} & self.sample.columns.keys()
            case dict() | list():
                for item in value.values() if isinstance(value, dict) else value:
                    self._note(item)
            case _:
                pass


def toml_value(value: object) -> str:
    """A value as TOML; tables are written inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(toml_value(item) for item in value)}]"
        case dict():
            return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
        case _:
            return str(value)
