"""Keeps what is known of each source: owner, lawful basis, trust, fields with how often they are filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import orjson

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class SourceField:
    """One column of a source: where it is mapped to, and in how many of the rows of the last load it was filled."""

    column: str
    mapped_to: str
    filled: int
    rows: int

    @property
    def fill_rate(self) -> float:
        """The part of the rows in which it was filled, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """A system that rows come from; one that is not authenticated (a browser) only claims its contacts.

    `mapping` is the text of the mapping it was read under last. `rows` and `rejected` count those of the last load.
    `newest_at` is the latest instant that its rows speak of (occurred or observed), so far.
    """

    name: str
    owner: str | None = None
    lawful_basis: str | None = None
    priority: int = 50
    authenticated: bool = True
    one_per_person: bool = False
    fields: tuple[SourceField, ...] = ()
    last_loaded_at: datetime | None = None
    mapping: str | None = None
    rows: int = 0
    rejected: int = 0
    newest_at: datetime | None = None

    @property
    def rejected_share(self) -> float:
        """The part of the rows of the last load that could not be used, 0 to 1."""
        return self.rejected / self.rows if self.rows else 0.0


_WRITE: LiteralString = """
UNWIND $rows AS row
MERGE (s:Source {name: row.name})
WITH s, row, s.newest_at AS newest_at
SET s += row
SET s.newest_at = CASE WHEN newest_at > row.newest_at THEN newest_at ELSE coalesce(row.newest_at, newest_at) END
"""


async def write_sources(graph: Graph, sources: Sequence[Source]) -> None:
    """Write what a mapping says of its sources; one that was not loaded keeps what it has of that."""
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
    if source.mapping is not None:
        row["mapping"] = source.mapping
    if source.last_loaded_at is not None:
        row["last_loaded_at"] = source.last_loaded_at.astimezone(UTC)
        row |= {"rows": source.rows, "rejected": source.rejected}
    if source.newest_at is not None:
        row["newest_at"] = source.newest_at.astimezone(UTC)
    return row


_DECLARE: LiteralString = """
MERGE (s:Source {name: $name})
ON CREATE SET s.priority = $priority, s.one_per_person = false
SET s.authenticated = $authenticated
"""


async def declare_source(graph: Graph, name: str, *, authenticated: bool) -> None:
    """Say whether a source is authenticated; what else is known of it stays, a new one is an ordinary source."""
    await graph.write(_DECLARE, name=name, authenticated=authenticated, priority=Source(name).priority)


_HEAR: LiteralString = """
UNWIND $heard AS row
MERGE (s:Source {name: row.name})
ON CREATE SET s.priority = $priority, s.authenticated = true, s.one_per_person = false
SET s.last_loaded_at = $at, s.newest_at = CASE WHEN s.newest_at > row.newest_at THEN s.newest_at ELSE row.newest_at END
"""


async def hear_sources(graph: Graph, newest: Mapping[str, datetime], at: datetime) -> None:
    """Note that sources sent events which were applied at `at`, by name with the latest instant that they speak of."""
    if newest:
        heard = [{"name": name, "newest_at": newest[name].astimezone(UTC)} for name in sorted(newest)]
        await graph.write(_HEAR, heard=heard, at=at.astimezone(UTC), priority=Source("").priority)


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


_CLAIMED: LiteralString = "MATCH (s:Source) WHERE NOT s.authenticated RETURN s.name AS name"


async def claimed_sources(graph: Graph) -> frozenset[str]:
    """The names of the sources whose contacts are only claimed."""
    return frozenset(row["name"] for row in await graph.read(_CLAIMED))


_FIND: LiteralString = """
MATCH (s:Source {name: $name})
RETURN s {.*} AS source
"""


async def find_source(graph: Graph, name: str) -> Source | None:
    """One source, None when it is unknown."""
    rows = await graph.read(_FIND, name=name)
    return _source(rows[0]["source"]) if rows else None
