"""Keeps segments and who is in them since when, and reads them back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.changes import TAKE_NUMBER
from graph.moments import LATEST
from graph.profiles import StoredProfile, stored_profile
from graph.transactions import Graph, Statement
from graph.vocabulary import RecordKind


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
SET s.description = $description, s.rule = $rule,
  s.stale = CASE WHEN former IS NULL THEN 'segment defined' WHEN former <> $rule THEN 'rule changed' ELSE s.stale END
"""


async def define_segment(graph: Graph, name: str, description: str, rule: str) -> None:
    """Store a segment's definition; if it is new or has another rule, the segment is stale until it is refreshed."""
    await graph.write(_DEFINE, name=name, description=description, rule=rule)


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
MATCH (s:Segment) WHERE NOT s.name IN $names AND s.rule IS NOT NULL
SET s.rule = null, s.stale = 'segment removed'
"""


async def drop_segments(graph: Graph, keep: Iterable[str]) -> None:
    """Forget the definitions of all segments but those in `keep`; they are stale until they are emptied."""
    await graph.write(_DROP, names=sorted(keep))


_BEFORE_RULE: LiteralString = """
MATCH (s:Segment {name: $segment})
MATCH (p:Profile)
WITH p, EXISTS { (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL } AS inside,
     p.retired_at IS NULL AND p.kind IN $kinds AND ("""
_AFTER_RULE: LiteralString = """) AS belongs
WHERE inside <> belongs
RETURN p.id AS id
"""


async def find_misplaced(graph: Graph, membership: "Membership") -> list[str]:
    """The ids of the profiles that must enter or leave a segment so that it fits its condition, sorted."""
    query = _BEFORE_RULE + membership.condition + _AFTER_RULE
    return sorted([row["id"] async for row in graph.stream(query, **membership.parameters())])


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in a segment: profiles of `kinds` for which `condition` holds.

    `condition` is a Cypher expression over the profile `p`, joined from literal fragments; it must be true or false
    for every profile, never null. Its values are in `values`.
    """

    segment: str
    condition: LiteralString
    kinds: frozenset[RecordKind]
    values: Mapping[str, Any]

    def parameters(self) -> dict[str, Any]:
        """What the condition and its surroundings need."""
        kinds = sorted(kind.value for kind in self.kinds)
        return {**self.values, "segment": self.segment, "kinds": kinds}


# The segment's node is written first, so that two writers of one segment wait for each other.
_BEFORE_CONDITION: LiteralString = (
    TAKE_NUMBER
    + """
MATCH (s:Segment {name: $segment})
SET s.refreshed_at = $at
WITH number, s UNWIND $ids AS id
MATCH (p:Profile {id: id})
WITH number, s, p,
     EXISTS { (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL } AS inside,
     p.retired_at IS NULL AND p.kind IN $kinds AND ("""
)
_AFTER_CONDITION: LiteralString = """) AS belongs
WHERE inside <> belongs
FOREACH (_ IN CASE WHEN belongs THEN [1] ELSE [] END |
  CREATE (p)-[:IN_SEGMENT {since: $at, cause: $cause, entered_in: number}]->(s))
WITH number, s, p, belongs
OPTIONAL MATCH (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL AND NOT belongs
SET open.until = $at, open.left_in = number, open.left_cause = $cause
RETURN s.name AS segment, p.id AS id, belongs ORDER BY segment, id
"""


def following(membership: Membership, ids: Iterable[str], at: datetime, cause: str) -> Statement:
    """The statement that lets the profiles `ids` enter and leave a segment, as its condition says; it answers rows of
    segment, id and belongs."""
    query = _BEFORE_CONDITION + membership.condition + _AFTER_CONDITION
    return Statement(query, {**membership.parameters(), "ids": sorted(ids), "at": at, "cause": cause})


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
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true) AND p.id > $after
  RETURN p ORDER BY p.id LIMIT $size
}
RETURN name, p {.*} AS profile ORDER BY profile.id
"""


async def read_members(
    graph: Graph, names: Sequence[str], *, size: int, after: str, as_of: datetime = LATEST
) -> dict[str, list[StoredProfile]]:
    """One page of each segment's profiles at `as_of` by id, after the id `after`; what they say is of now."""
    rows = await graph.read(
        _MEMBERS, names=sorted(set(names)), size=size, after=after, as_of=as_of.astimezone(UTC)
    )
    members: dict[str, list[StoredProfile]] = {}
    for row in rows:
        members.setdefault(row["name"], []).append(stored_profile(row["profile"]))
    return members


_OF_PROFILES: LiteralString = """
UNWIND $profile_ids AS profile_id
MATCH (:Profile {id: profile_id})-[m:IN_SEGMENT]->(s:Segment)
WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
RETURN profile_id, s.name AS segment, m.since AS since, m.cause AS cause ORDER BY segment
"""


async def read_memberships(
    graph: Graph, profile_ids: Sequence[str], as_of: datetime = LATEST
) -> dict[str, list[StoredMembership]]:
    """The segments each profile was in at `as_of`, by name."""
    memberships: dict[str, list[StoredMembership]] = {}
    ids = sorted(set(profile_ids))
    for row in await graph.read(_OF_PROFILES, profile_ids=ids, as_of=as_of.astimezone(UTC)):
        found = StoredMembership(row["segment"], row["since"], row["cause"])
        memberships.setdefault(row["profile_id"], []).append(found)
    return memberships
