"""Reads the identifiers that two records both hold now, with all who hold them."""

from dataclasses import dataclass
from typing import LiteralString

from graph.facts import Identifier
from graph.transactions import Graph
from graph.vocabulary import IdentifierState


@dataclass(frozen=True, slots=True)
class StoredShare:
    """An identifier on two records: its state and why, how many records hold it, and the keys of some or all."""

    key: str
    identifier: Identifier
    state: IdentifierState
    reason: str | None
    holder_count: int
    holder_keys: tuple[str, ...]


_SHARED: LiteralString = """
MATCH (:SourceRecord {key: $left})-[ours:HAS_IDENTIFIER]->(i:Identifier)
    <-[theirs:HAS_IDENTIFIER]-(:SourceRecord {key: $right})
WHERE ours.until IS NULL AND theirs.until IS NULL
CALL (i) {
  MATCH (i)<-[held:HAS_IDENTIFIER]-(r:SourceRecord) WHERE held.until IS NULL
  WITH r.key AS key ORDER BY key LIMIT $limit
  RETURN collect(key) AS holder_keys
}
RETURN i.key AS key, i.kind AS kind, i.value AS value, i.state AS state, i.reason AS reason, holder_keys,
    COUNT { (i)<-[held:HAS_IDENTIFIER]-(:SourceRecord) WHERE held.until IS NULL } AS holder_count
ORDER BY kind, value
"""


async def shared_identifiers(graph: Graph, left: str, right: str, limit: int) -> list[StoredShare]:
    """The identifiers on both records, by kind and value, with the keys of at most `limit` holders each."""
    rows = await graph.read(_SHARED, left=left, right=right, limit=limit)
    return [
        StoredShare(
            key=row["key"],
            identifier=Identifier(row["kind"], row["value"]),
            state=IdentifierState(row["state"]),
            reason=row["reason"],
            holder_count=row["holder_count"],
            holder_keys=tuple(row["holder_keys"]),
        )
        for row in rows
    ]
