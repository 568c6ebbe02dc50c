"""Keeps which identifiers must never be taken in again: keyed hashes, with who asked for it and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Suppression:
    """An identifier that is refused, by its key (the value itself is nowhere); `until` is when that was lifted."""

    key: str
    kind: str
    since: datetime
    author: str = ""
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SuppressionChanges:
    """What changed from version `since` (0: from nothing) to `version`: keys refused now, keys that no longer are."""

    since: int
    version: int
    added: frozenset[str]
    lifted: frozenset[str]


# The installation is written first: two writers take turns, so that a version is one change.
_SUPPRESS: LiteralString = """
MATCH (n:Installation {id: 'onefold'})
SET n.suppressions_version = coalesce(n.suppressions_version, 0) + 1
WITH n.suppressions_version AS version
UNWIND $rows AS row
MERGE (s:Suppression {key: row.key})
WITH s, row, version, s.since IS NULL OR s.until IS NOT NULL AS fresh
WHERE fresh
SET s = {key: row.key, kind: row.kind, since: $at, author: $author, reason: $reason, version: version}
RETURN s.key AS key
"""


async def suppress(
    graph: Graph, identifiers: Sequence[Identifier], *, author: str, reason: str, at: datetime
) -> int:
    """Refuse identifiers from `at` on; answers how many were not refused already."""
    keyed = {identifier_key(one, graph.salt): one.kind for one in identifiers}
    rows = [{"key": key, "kind": keyed[key]} for key in sorted(keyed)]
    return len(await graph.write(_SUPPRESS, rows=rows, at=at.astimezone(UTC), author=author, reason=reason))


_LIFT: LiteralString = """
MATCH (n:Installation {id: 'onefold'})
SET n.suppressions_version = coalesce(n.suppressions_version, 0) + 1
WITH n.suppressions_version AS version
UNWIND $keys AS key
MATCH (s:Suppression {key: key}) WHERE s.until IS NULL
SET s.until = $at, s.version = version
RETURN s.key AS key
"""


async def lift_suppressions(graph: Graph, keys: Sequence[str], at: datetime) -> int:
    """Take identifiers in again; answers how many were refused until now."""
    return len(await graph.write(_LIFT, keys=sorted(set(keys)), at=at.astimezone(UTC)))


_PAGE: LiteralString = """
MATCH (s:Suppression)
WHERE s.key > $after AND s.until IS NULL AND ($kind IS NULL OR s.kind = $kind)
RETURN s {.key, .kind, .since, .author, .reason} AS row ORDER BY s.key LIMIT $size
"""


async def read_suppressions(
    graph: Graph, *, size: int, after: str = "", kind: str | None = None
) -> list[Suppression]:
    """One page of what is refused now, by key, those after `after`, of one kind if named."""
    rows = await graph.read(_PAGE, size=size, after=after, kind=kind)
    return [Suppression(**row["row"]) for row in rows]


_FIND: LiteralString = """
UNWIND $keys AS key
MATCH (s:Suppression {key: key}) WHERE s.until IS NULL
RETURN s.key AS key
"""


async def suppressed_among(graph: Graph, identifiers: Iterable[Identifier]) -> list[str]:
    """The keys of those identifiers that are refused, sorted."""
    keys = sorted({identifier_key(one, graph.salt) for one in identifiers})
    return sorted(row["key"] for row in await graph.read(_FIND, keys=keys)) if keys else []


_VERSION: LiteralString = """
MATCH (n:Installation {id: 'onefold'})
RETURN coalesce(n.suppressions_version, 0) AS version
"""

_CHANGES: LiteralString = """
MATCH (s:Suppression)
WHERE $since < s.version <= $version
RETURN s.key AS key, s.until IS NOT NULL AS lifted
"""


async def read_suppression_changes(graph: Graph, since: int) -> SuppressionChanges:
    """What changed after version `since`; a list that has not changed costs one small read.

    A list that is older than `since` (a backup was restored) is answered whole.
    """
    rows: list[dict[str, Any]] = await graph.read(_VERSION)
    version = int(rows[0]["version"]) if rows else 0
    since = since if since <= version else 0
    if version == since:
        return SuppressionChanges(since, version, frozenset(), frozenset())
    found = [row async for row in graph.stream(_CHANGES, since=since, version=version)]
    lifted = frozenset(str(row["key"]) for row in found if row["lifted"])
    added = frozenset(str(row["key"]) for row in found) - lifted
    return SuppressionChanges(since, version, added, lifted)
