"""Reads the extra values of profiles: what their records say beyond the fixed attributes."""

import json
from collections.abc import Collection
from typing import LiteralString

from graph.transactions import Graph

_READ: LiteralString = """
UNWIND $ids AS id
MATCH (:Profile {id: id})<-[m:RESOLVES_TO]-(r:SourceRecord)
WHERE m.until IS NULL AND r.removed_at IS NULL AND r.extra IS NOT NULL
RETURN id, r.extra AS extra ORDER BY id, r.updated_at, r.key
"""


async def read_extras(graph: Graph, profile_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """The extra values of each profile by name; of several records that say one, the last that changed counts."""
    found: dict[str, dict[str, str]] = {}
    for row in await graph.read(_READ, ids=sorted(set(profile_ids))):
        said = {name: str(value) for name, value in json.loads(row["extra"]).items() if value is not None}
        found.setdefault(row["id"], {}).update(said)
    return found
