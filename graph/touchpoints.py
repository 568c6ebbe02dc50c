"""Writes touchpoints, each hanging on exactly one source record (graph/journeys.py reads them)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString

import orjson

from graph.facts import Touchpoint
from graph.records import WriteCounts
from graph.transactions import Graph, Statement

_SAME_CONTENT: LiteralString = """
UNWIND $rows AS row
MATCH (t:Touchpoint {key: row.key})
RETURN t.key AS key, t.accepted_at = $at AS again, t.content_hash = row.content_hash AS same
"""

# Sorted by record and key: two writers lock the records in the same order and never wait in a circle.
_WRITE: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record_key})
MERGE (t:Touchpoint {key: row.key})
WITH r, t, row, coalesce(t.accepted_at, $at) AS accepted_at,
  [type IN [row.type, t.type] WHERE type IS NOT NULL | 'type:' + type] AS news
SET t = row, t.accepted_at = accepted_at
SET r.news = CASE WHEN r:Pending AND r.news IS NULL THEN null
  ELSE coalesce(r.news, []) + [said IN news WHERE NOT said IN coalesce(r.news, [])] END
SET r:Pending
WITH r, t WHERE NOT EXISTS { (t)-[:OF]->(r) }
CREATE (t)-[:OF]->(r)
"""

_DETACH: LiteralString = """
UNWIND $rows AS row
MATCH (t:Touchpoint {key: row.key})-[of:OF]->(r:SourceRecord)
WHERE r.key <> row.record_key
SET r:Pending, r.news = null
DELETE of
"""


async def write_touchpoints(
    graph: Graph, touchpoints: Sequence[Touchpoint], accepted_at: datetime | None = None
) -> WriteCounts:
    """Write touchpoints whose records exist already; the same content again is no write.

    One touchpoint per key. The records touched are marked `:Pending`. When a source says that a touchpoint
    belongs to another record than before, it is hung there.
    """
    by_key = {touchpoint.key: touchpoint for touchpoint in touchpoints}
    at = (accepted_at or datetime.now(UTC)).astimezone(UTC)
    rows = [{"key": key, "content_hash": by_key[key].content_hash} for key in sorted(by_key)]
    counts = WriteCounts.of(by_key, await graph.read(_SAME_CONTENT, rows=rows, at=at))
    if changed := [by_key[key] for key in counts.created | counts.updated]:
        changed.sort(key=lambda touchpoint: (touchpoint.record_key, touchpoint.key))
        written = [_properties(touchpoint) for touchpoint in changed]
        statements = [Statement(_WRITE, {"rows": written, "at": at})]
        moved = [
            {"key": row["key"], "record_key": row["record_key"]}
            for row in written
            if row["key"] in counts.updated
        ]
        if moved:
            statements.append(Statement(_DETACH, {"rows": moved}))
        await graph.write_all(statements)
    return counts


_REMOVE: LiteralString = """
UNWIND $keys AS key
MATCH (t:Touchpoint {key: key})
OPTIONAL MATCH (t)-[:OF]->(r:SourceRecord)
SET r:Pending, r.news = null
DETACH DELETE t
RETURN DISTINCT key
"""


async def remove_touchpoints(graph: Graph, keys: Sequence[str]) -> int:
    """Take away touchpoints that their source never meant; answers how many. Their records are then `:Pending`."""
    return len(await graph.write(_REMOVE, keys=sorted(set(keys))))


def _properties(touchpoint: Touchpoint) -> dict[str, Any]:
    return {
        "key": touchpoint.key,
        "record_key": touchpoint.record_key,
        "source": touchpoint.source,
        "message_id": touchpoint.message_id,
        "occurred_at": touchpoint.occurred_at.astimezone(UTC),
        "type": touchpoint.type,
        "channel": touchpoint.channel,
        "campaign": touchpoint.campaign,
        "revenue": touchpoint.revenue,
        "properties": orjson.dumps(dict(touchpoint.properties), option=orjson.OPT_SORT_KEYS).decode(),
        "content_hash": touchpoint.content_hash,
        "device_key": touchpoint.device_key,
    }
