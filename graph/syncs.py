"""Keeps how far each database, API or folder has been read, beside the data that were read from it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Sync:
    """What the last sync of `name` that succeeded had reached; `watermark` is text of loaders/watermarks.py."""

    name: str
    watermark: str | None = None
    succeeded_at: datetime | None = None
    changed: int = 0
    removed: int = 0


_READ: LiteralString = """
MATCH (s:Sync {name: $name})
RETURN s {.name, .watermark, .succeeded_at, .changed, .removed} AS sync
"""


async def read_sync(graph: Graph, name: str) -> Sync:
    """How far a source was read; one that never was has no watermark."""
    rows = await graph.read(_READ, name=name)
    return Sync(**rows[0]["sync"]) if rows else Sync(name)


_WRITE: LiteralString = """
MERGE (s:Sync {name: $name})
SET s = {name: $name, watermark: $watermark, succeeded_at: $succeeded_at, changed: $changed, removed: $removed}
"""


async def write_sync(graph: Graph, sync: Sync) -> None:
    """Keep how far a source was read. Called after its rows are in the graph, never before."""
    at = (sync.succeeded_at or datetime.now(UTC)).astimezone(UTC)
    await graph.write(
        _WRITE,
        name=sync.name,
        watermark=sync.watermark,
        succeeded_at=at,
        changed=sync.changed,
        removed=sync.removed,
    )


_STANDING: LiteralString = """
MATCH (r:SourceRecord)
WHERE r.key STARTS WITH $prefix AND r.removed_at IS NULL AND r.source = $source
RETURN r.record_id AS record_id
"""


async def standing_record_ids(graph: Graph, source: str) -> AsyncIterator[str]:
    """Yield the ids of a source's records, but for those that were removed."""
    async for row in graph.stream(_STANDING, source=source, prefix=f"{source}:"):
        yield row["record_id"]
