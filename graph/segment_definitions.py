"""Keeps how segments are defined, by the configuration or through the API, and which have to be worked out anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from graph.transactions import Graph

_DEFINE: LiteralString = """
MERGE (s:Segment {name: $name})
WITH s, s.rule AS former
SET s.description = $description, s.rule = $rule, s.author = $author,
  s.stale = CASE WHEN former IS NULL THEN 'segment defined' WHEN former <> $rule THEN 'rule changed' ELSE s.stale END
"""


async def define_segment(
    graph: Graph, name: str, description: str, rule: str, author: str | None = None
) -> None:
    """Store a segment's definition; if it is new or has another rule, the segment is stale until it is refreshed.

    One with an author was saved through the API; the others follow the configuration.
    """
    await graph.write(_DEFINE, name=name, description=description, rule=rule, author=author)


@dataclass(frozen=True, slots=True)
class SavedDefinition:
    """A segment that was saved through the API; `rule` is JSON text."""

    name: str
    description: str
    rule: str


_SAVED: LiteralString = """
MATCH (s:Segment) WHERE s.author IS NOT NULL AND s.rule IS NOT NULL
RETURN s.name AS name, s.description AS description, s.rule AS rule ORDER BY name
"""


async def saved_definitions(graph: Graph) -> list[SavedDefinition]:
    """The segments saved through the API, by name."""
    return [SavedDefinition(**row) for row in await graph.read(_SAVED)]


_STALE: LiteralString = """
MATCH (s:Segment) WHERE s.stale IS NOT NULL
RETURN s.name AS name, s.stale AS cause, s.rule IS NOT NULL AS defined ORDER BY name
"""


async def stale_segments(graph: Graph) -> dict[str, str]:
    """The segments whose members have to be worked out anew, and the cause that their changes will name."""
    return {row["name"]: row["cause"] for row in await graph.read(_STALE)}


_MAKE_STALE: LiteralString = "MATCH (s:Segment) WHERE s.stale IS NULL SET s.stale = 'facts changed'"


async def make_stale(graph: Graph) -> None:
    """Have all segments worked out anew."""
    await graph.write(_MAKE_STALE)


_REFRESHED: LiteralString = """
MATCH (s:Segment {name: $name})
SET s.stale = null, s.refreshed_at = $at
"""


async def refreshed(graph: Graph, name: str, at: datetime) -> None:
    """Note that a segment's members fit its rule at `at`."""
    await graph.write(_REFRESHED, name=name, at=at)


_DROP: LiteralString = """
MATCH (s:Segment) WHERE NOT s.name IN $names AND s.rule IS NOT NULL AND s.author IS NULL
SET s.rule = null, s.stale = 'segment removed'
"""


async def drop_segments(graph: Graph, keep: Iterable[str]) -> None:
    """Forget what the configuration defined, all but those in `keep`; they are stale until they are emptied."""
    await graph.write(_DROP, names=sorted(keep))


_FORGET: LiteralString = """
MATCH (s:Segment {name: $name}) WHERE s.author IS NOT NULL AND s.rule IS NOT NULL
SET s.rule = null, s.author = null, s.stale = 'segment removed'
RETURN s.name AS name
"""


async def forget_segment(graph: Graph, name: str) -> bool:
    """Forget a segment that was saved through the API; answers whether there was one."""
    return bool(await graph.write(_FORGET, name=name))
