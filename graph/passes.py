"""Reads what a pass over a few records begins with: the records, and whether what they are decided by is still so."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from graph.neighbourhood import StoredRecord
from graph.stored_records import VIEW, stored_record
from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides what the configuration in force is: the newest model's version, the sources (name, priority,
    authenticated, one per person), and the digest under which the whole graph was last resolved."""

    version: str | None
    sources: tuple[tuple[str, int, bool, bool], ...]
    applied: str | None


_BEGINNING: LiteralString = (
    """
OPTIONAL MATCH (installation:Installation {id: 'onefold'})
RETURN installation.configuration AS applied,
  COLLECT {
    MATCH (model:ModelVersion) RETURN model.version ORDER BY model.published_at DESC, model.version DESC LIMIT 1
  } AS versions,
  COLLECT {
    MATCH (s:Source) RETURN [s.name, s.priority, s.authenticated, s.one_per_person] ORDER BY s.name
  } AS sources,
  COLLECT { UNWIND $keys AS key MATCH (r:SourceRecord {key: key}) RETURN """
    + VIEW
    + "} AS records"
)


async def beginning(graph: Graph, keys: Collection[str]) -> tuple[Standing, dict[str, StoredRecord]]:
    """All of it in one read; the records are by key."""
    row = (await graph.read(_BEGINNING, keys=sorted(set(keys))))[0]
    standing = Standing(next(iter(row["versions"]), None), tuple(map(tuple, row["sources"])), row["applied"])
    records = map(stored_record, row["records"])
    return standing, {record.key: record for record in records}
