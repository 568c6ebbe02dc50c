"""Keeps what is known of each source: owner, lawful basis, trust, fields with how often they are filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import orjson

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class SourceField:
    """One column of a source: where it is mapped to, and in how many rows of the last load it was filled."""

    column: str
    mapped_to: str
    filled: int
    rows: int


@dataclass(frozen=True, slots=True)
class Source:
    """A system that rows come from; one that is not authenticated (a browser) only claims its contacts."""

    name: str
    owner: str | None = None
    lawful_basis: str | None = None
    priority: int = 50
    authenticated: bool = True
    one_per_person: bool = False
    fields: tuple[SourceField, ...] = ()
    last_loaded_at: datetime | None = None


_WRITE: LiteralString = """
UNWIND $rows AS row
MERGE (s:Source {name: row.name})
SET s += row
"""


async def write_sources(graph: Graph, sources: Sequence[Source]) -> None:
    """Write what a mapping says of its sources; a source without `fields` keeps those it has."""
    rows = [_row(source) for source in sorted(sources, key=lambda source: source.name)]
    if rows:
        await graph.write(_WRITE, rows=rows)


def _row(source: Source) -> dict[str, object]:
    row: dict[str, object] = {
        "name": source.name,
        "owner": source.owner,
        "lawful_basis": source.lawful_basis,
        "priority": source.priority,
        "authenticated": source.authenticated,
        "one_per_person": source.one_per_person,
    }
    if source.fields:
        row["fields"] = orjson.dumps(list(source.fields)).decode()
    if source.last_loaded_at is not None:
        row["last_loaded_at"] = source.last_loaded_at.astimezone(UTC)
    return row


_LIST: LiteralString = """
MATCH (s:Source)
RETURN s {.*} AS source ORDER BY s.name
"""


async def list_sources(graph: Graph) -> list[Source]:
    """Every source by name."""
    return [_source(row["source"]) for row in await graph.read(_LIST)]


def _source(stored: dict[str, object]) -> Source:
    fields = tuple(SourceField(**entry) for entry in orjson.loads(str(stored.pop("fields", "[]"))))
    return Source(**stored, fields=fields)  # type: ignore[arg-type]
