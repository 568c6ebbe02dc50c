"""Copies of what Onefold wrote, as portions that a bare driver writes again: same nodes, properties, relationships."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import LiteralString

from benchmarks.stage import BATCH, Portion, Rows
from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS
from graph.connection import Graph

_RECORDS: LiteralString = "MATCH (r:SourceRecord) RETURN properties(r) AS row"
_IDENTIFIERS: LiteralString = "MATCH (i:Identifier) RETURN properties(i) AS row"
_TOUCHPOINTS: LiteralString = "MATCH (t:Touchpoint) RETURN properties(t) AS row"
_HELD: LiteralString = """
MATCH (r:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)
RETURN {record: r.key, identifier: i.key, since: h.since} AS row
"""

_MERGE_RECORDS: LiteralString = (
    "UNWIND $rows AS row MERGE (r:SourceRecord {key: row.key}) SET r = row, r:Pending"
)
_MERGE_IDENTIFIERS: LiteralString = "UNWIND $rows AS row MERGE (i:Identifier {key: row.key}) SET i = row"
_MERGE_HELD: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record}) MATCH (i:Identifier {key: row.identifier})
MERGE (r)-[h:HAS_IDENTIFIER]->(i) ON CREATE SET h.since = row.since
"""
_MERGE_TOUCHPOINTS: LiteralString = """
UNWIND $rows AS row
MERGE (t:Touchpoint {key: row.key}) SET t = row
WITH t, row
MATCH (r:SourceRecord {key: row.record_key})
MERGE (t)-[:OF]->(r)
"""


async def _rows(graph: Graph, query: LiteralString) -> Rows:
    return [row["row"] async for row in graph.stream(query)]


async def copy_of_records(graph: Graph) -> list[Portion]:
    """Every record with its identifiers, in portions."""
    links = await _Links.read(graph)
    return [links.of(records) for records in batches(await _rows(graph, _RECORDS), BATCH)]


async def copy_of_touchpoints(graph: Graph) -> list[Portion]:
    """Every touchpoint in portions, each with the records that no earlier one had."""
    links = await _Links.read(graph)
    records = {row["key"]: row for row in await _rows(graph, _RECORDS)}
    portions = []
    for touchpoints in batches(await _rows(graph, _TOUCHPOINTS), BATCH):
        keys = sorted({row["record_key"] for row in touchpoints} & records.keys())
        new = [records.pop(key) for key in keys]
        portions.append([*links.of(new), (_MERGE_TOUCHPOINTS, touchpoints)])
    return portions


class _Links:
    def __init__(self, identifiers: Rows, held: Rows) -> None:
        self._identifiers = {row["key"]: row for row in identifiers}
        self._held: defaultdict[str, Rows] = defaultdict(list)
        for row in held:
            self._held[row["record"]].append(row)

    @classmethod
    async def read(cls, graph: Graph) -> "_Links":
        return cls(await _rows(graph, _IDENTIFIERS), await _rows(graph, _HELD))

    def of(self, records: Rows) -> Portion:
        held = [row for record in records for row in self._held[record["key"]]]
        keys = sorted({row["identifier"] for row in held})
        return [
            (_MERGE_RECORDS, records),
            (_MERGE_IDENTIFIERS, [self._identifiers[key] for key in keys]),
            (_MERGE_HELD, held),
        ]


_PROFILES: LiteralString = "MATCH (p:Profile) RETURN properties(p) AS row"
_EVENTS: LiteralString = "MATCH (e:IdentityEvent) RETURN properties(e) AS row"
_BLOCKS: LiteralString = ", ".join(f".{column}" for column in BLOCK_COLUMNS)
_MEMBERS: LiteralString = (
    "MATCH (r:SourceRecord)-[m:RESOLVES_TO]->(p:Profile)"
    " RETURN {key: r.key, id: p.id, since: m.since, blocks: r {" + _BLOCKS + "}} AS row"
)
_EDGES: LiteralString = """
MATCH (l:SourceRecord)-[e:MATCHES]->(r:SourceRecord)
RETURN {left: l.key, right: r.key, properties: properties(e)} AS row
"""
_MERGE_PROFILES: LiteralString = "UNWIND $rows AS row MERGE (p:Profile {id: row.id}) SET p = row"
_MERGE_EVENTS: LiteralString = "UNWIND $rows AS row MERGE (e:IdentityEvent {id: row.id}) SET e = row"
_MERGE_MEMBERS: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key}) MATCH (p:Profile {id: row.id})
MERGE (r)-[m:RESOLVES_TO]->(p) ON CREATE SET m.since = row.since
SET r += row.blocks
REMOVE r:Pending
"""
_MERGE_EDGES: LiteralString = """
UNWIND $rows AS row
MATCH (l:SourceRecord {key: row.left}) MATCH (r:SourceRecord {key: row.right})
MERGE (l)-[e:MATCHES]->(r) SET e = row.properties
"""


async def copy_of_beliefs(graph: Graph) -> list[Portion]:
    """All that a resolve wrote: profiles, memberships, match edges and the ledger, in portions."""
    return [portion async for portion in _beliefs(graph)]


async def _beliefs(graph: Graph) -> AsyncIterator[Portion]:
    for read, merge in (
        (_PROFILES, _MERGE_PROFILES),
        (_MEMBERS, _MERGE_MEMBERS),
        (_EDGES, _MERGE_EDGES),
        (_EVENTS, _MERGE_EVENTS),
    ):
        for rows in batches(await _rows(graph, read), BATCH):
            yield [(merge, rows)]


_FORGET: tuple[LiteralString, ...] = (
    "MATCH ()-[e:MATCHES]->() WITH e LIMIT 20000 DELETE e RETURN count(*) AS deleted",
    "MATCH (n:Profile|IdentityEvent|Conflict|ModelVersion) WITH n LIMIT 10000 DETACH DELETE n"
    " RETURN count(*) AS deleted",
)
_PEND: LiteralString = (
    "MATCH (r:SourceRecord) WHERE NOT r:Pending WITH r LIMIT 10000 SET r:Pending REMOVE r.resolved_at, r.carried_id, "
    + ", ".join(f"r.{column}" for column in BLOCK_COLUMNS)
    + " RETURN count(*) AS deleted"
)
_LINK: LiteralString = (
    "MATCH (i:Identifier) WHERE i.state <> 'linking' SET i.state = 'linking', i.reason = null"
)


async def forget_beliefs(graph: Graph) -> None:
    """Leave the facts as they were before the first resolve."""
    for statement in (*_FORGET, _PEND):
        while (await graph.write(statement))[0]["deleted"]:
            pass
    await graph.write(_LINK)
