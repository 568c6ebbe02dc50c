"""Counts what the graph holds, and tells whether it can be used."""

from dataclasses import dataclass
from typing import LiteralString

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Census:
    """How much of everything there is; `profiles` by kind leaves retired ones out."""

    schema_version: int
    sources: int
    records: int
    pending: int
    identifiers: int
    touchpoints: int
    quarantined: int
    conflicts: int
    profiles: dict[str, int]


_CENSUS: LiteralString = """
MATCH (n:Installation {id: 'onefold'})
RETURN n.schema_version AS schema_version,
       COUNT { MATCH (:Source) } AS sources,
       COUNT { MATCH (:SourceRecord) } AS records,
       COUNT { MATCH (:Pending) } AS pending,
       COUNT { MATCH (:Identifier) } AS identifiers,
       COUNT { MATCH (:Touchpoint) } AS touchpoints,
       COUNT { MATCH (:Quarantined) } AS quarantined,
       COUNT { MATCH (:Conflict) } AS conflicts
"""
_PROFILES: LiteralString = """
MATCH (p:Profile) WHERE p.retired_at IS NULL
RETURN p.kind AS kind, count(p) AS profiles ORDER BY kind
"""


async def take_census(graph: Graph) -> Census:
    """Count everything; the labels' counts cost nothing, profiles are looked at one by one."""
    counts = (await graph.read(_CENSUS))[0]
    profiles = {row["kind"]: row["profiles"] for row in await graph.read(_PROFILES)}
    return Census(**counts, profiles=profiles)


_VERSION: LiteralString = "MATCH (n:Installation {id: 'onefold'}) RETURN n.schema_version AS version"


async def schema_version(graph: Graph) -> int | None:
    """The version of the graph's schema, None when it has none; raises GraphError when it cannot be reached."""
    rows = await graph.read(_VERSION)
    return rows[0]["version"] if rows else None


_SERVER: LiteralString = """
CALL dbms.components() YIELD name, versions, edition
WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS version, edition
"""


async def server_version(graph: Graph) -> str:
    """Version and edition of the Neo4j server, such as `2026.08.1 community`."""
    row = (await graph.read(_SERVER))[0]
    return f"{row['version']} {row['edition']}"
