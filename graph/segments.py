"""Keeps segments and who is in them since when, and reads them back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from graph.profiles import StoredProfile, stored_profile
from graph.transactions import Graph, Statement

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment as stored: `rule` is JSON text, `count` the profiles in it now."""

    name: str
    description: str
    rule: str
    refreshed_at: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class StoredMembership:
    """A profile's place in a segment: `cause` says what put it there."""

    segment: str
    since: datetime
    cause: str


_DEFINE: LiteralString = """
MERGE (s:Segment {name: $name})
WITH s, s.rule AS former
SET s.description = $description, s.rule = $rule, s.refreshed_at = $at
RETURN former
"""


async def define_segment(graph: Graph, name: str, description: str, rule: str, at: datetime) -> str | None:
    """Store a segment's definition; answers the rule it had before, None when it is new."""
    rows = await graph.write(_DEFINE, name=name, description=description, rule=rule, at=at)
    return rows[0]["former"]


_BEFORE_RULE: LiteralString = """
MATCH (s:Segment {name: $segment})
MATCH (p:Profile)
WITH s, p,
     EXISTS { (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL } AS inside,
     p.retired_at IS NULL AND p.kind IN $kinds AND ("""
_AFTER_RULE: LiteralString = """) AS belongs
WHERE inside <> belongs
RETURN p.id AS id, belongs
"""


async def find_changes(
    graph: Graph, name: str, condition: LiteralString, kinds: Iterable[str], parameters: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """The ids of profiles that must enter and leave a segment so that it fits its condition, sorted.

    `condition` is a Cypher expression over the profile `p`, joined from literal fragments; it must
    be true or false for every profile, never null.
    """
    query = _BEFORE_RULE + condition + _AFTER_RULE
    entering: list[str] = []
    leaving: list[str] = []
    async for row in graph.stream(query, segment=name, kinds=sorted(kinds), **parameters):
        (entering if row["belongs"] else leaving).append(row["id"])
    return sorted(entering), sorted(leaving)


_BEFORE_CONDITION: LiteralString = """
MATCH (s:Segment {name: $segment})
UNWIND $ids AS id
MATCH (p:Profile {id: id})
WITH s, p,
     EXISTS { (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL } AS inside,
     p.retired_at IS NULL AND p.kind IN $kinds AND ("""
_AFTER_CONDITION: LiteralString = """) AS belongs
WHERE inside <> belongs
FOREACH (_ IN CASE WHEN belongs THEN [1] ELSE [] END | CREATE (p)-[:IN_SEGMENT {since: $at, cause: $cause}]->(s))
WITH s, p, belongs
OPTIONAL MATCH (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL AND NOT belongs
SET open.until = $at
RETURN s.name AS segment, p.id AS id, belongs ORDER BY segment, id
"""


def following(
    name: str,
    condition: LiteralString,
    kinds: Iterable[str],
    ids: Iterable[str],
    parameters: Mapping[str, Any],
) -> Statement:
    """The statement that lets the profiles `ids` enter and leave a segment, as its condition says; it answers rows of
    segment, id and belongs. `parameters` has `at` and `cause` beside the condition's own."""
    query = _BEFORE_CONDITION + condition + _AFTER_CONDITION
    return Statement(query, {**parameters, "segment": name, "kinds": sorted(kinds), "ids": sorted(ids)})


_ENTER: LiteralString = """
MATCH (s:Segment {name: $segment})
SET s.refreshed_at = $at
WITH s
UNWIND $ids AS id
MATCH (p:Profile {id: id})
WHERE NOT EXISTS { (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL }
CREATE (p)-[:IN_SEGMENT {since: $at, cause: $cause}]->(s)
"""
_LEAVE: LiteralString = """
MATCH (s:Segment {name: $segment})
SET s.refreshed_at = $at
WITH s
UNWIND $ids AS id
MATCH (:Profile {id: id})-[m:IN_SEGMENT]->(s) WHERE m.until IS NULL
SET m.until = $at
"""


async def write_changes(
    graph: Graph, name: str, changes: tuple[Sequence[str], Sequence[str]], at: datetime, cause: str
) -> None:
    """Open and close memberships (ids entering, ids leaving) at `at`; saying it twice changes nothing.

    The segment's node is written first, so that two writers of one segment wait for each other.
    """
    entering, leaving = changes
    for start in range(0, len(leaving), BATCH):
        await graph.write(_LEAVE, segment=name, ids=list(leaving[start : start + BATCH]), at=at)
    for start in range(0, len(entering), BATCH):
        ids = list(entering[start : start + BATCH])
        await graph.write(_ENTER, segment=name, ids=ids, at=at, cause=cause)


_MEMBERS_OF_DROPPED: LiteralString = """
MATCH (s:Segment) WHERE NOT s.name IN $names
OPTIONAL MATCH (s)<-[m:IN_SEGMENT]-(p:Profile) WHERE m.until IS NULL
RETURN s.name AS name, [id IN collect(p.id) WHERE id IS NOT NULL] AS ids
ORDER BY name
"""
_DROP: LiteralString = """
MATCH (s:Segment {name: $name})
SET s.rule = NULL
"""


async def drop_segments(graph: Graph, keep: Iterable[str], at: datetime) -> int:
    """Empty the segments that are no longer defined (their history stays); answers how many profiles left."""
    left = 0
    for row in await graph.read(_MEMBERS_OF_DROPPED, names=sorted(keep)):
        await write_changes(graph, row["name"], ((), sorted(row["ids"])), at, "segment removed")
        await graph.write(_DROP, name=row["name"])
        left += len(row["ids"])
    return left


_LIST: LiteralString = """
MATCH (s:Segment) WHERE s.rule IS NOT NULL AND ($names IS NULL OR s.name IN $names)
RETURN s {.*} AS segment, COUNT { (s)<-[m:IN_SEGMENT]-() WHERE m.until IS NULL } AS count
ORDER BY segment.name
"""


async def list_segments(graph: Graph, names: Sequence[str] | None = None) -> list[StoredSegment]:
    """The defined segments by name, all of them or those named."""
    rows = await graph.read(_LIST, names=None if names is None else sorted(names))
    return [
        StoredSegment(
            name=row["segment"]["name"],
            description=row["segment"]["description"],
            rule=row["segment"]["rule"],
            refreshed_at=row["segment"].get("refreshed_at"),
            count=row["count"],
        )
        for row in rows
    ]


_MEMBERS: LiteralString = """
UNWIND $names AS name
CALL (name) {
  MATCH (:Segment {name: name})<-[m:IN_SEGMENT]-(p:Profile)
  WHERE m.until IS NULL AND p.id > $after
  RETURN p ORDER BY p.id LIMIT $size
}
RETURN name, p {.*} AS profile ORDER BY profile.id
"""


async def read_members(
    graph: Graph, names: Sequence[str], *, size: int, after: str
) -> dict[str, list[StoredProfile]]:
    """One page of each segment's profiles by id, after the id `after`."""
    rows = await graph.read(_MEMBERS, names=sorted(set(names)), size=size, after=after)
    members: dict[str, list[StoredProfile]] = {}
    for row in rows:
        members.setdefault(row["name"], []).append(stored_profile(row["profile"]))
    return members


_OF_PROFILES: LiteralString = """
UNWIND $profile_ids AS profile_id
MATCH (:Profile {id: profile_id})-[m:IN_SEGMENT]->(s:Segment) WHERE m.until IS NULL
RETURN profile_id, s.name AS segment, m.since AS since, m.cause AS cause ORDER BY segment
"""


async def read_memberships(graph: Graph, profile_ids: Sequence[str]) -> dict[str, list[StoredMembership]]:
    """The segments each profile is in now, by name."""
    memberships: dict[str, list[StoredMembership]] = {}
    for row in await graph.read(_OF_PROFILES, profile_ids=sorted(set(profile_ids))):
        found = StoredMembership(row["segment"], row["since"], row["cause"])
        memberships.setdefault(row["profile_id"], []).append(found)
    return memberships
