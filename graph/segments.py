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
    """A segment as stored: `rule` is JSON text, `count` the profiles in it now. `author` saved it through the API, None
    when it comes from the configuration; `stale` says why its members are being worked out anew, if they are."""

    name: str
    description: str
    rule: str
    refreshed_at: datetime | None
    count: int
    author: str | None = None
    stale: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMembership:
    """A profile's place in a segment: `cause` says what put it there, of a threshold which `value` at which `limit`."""

    segment: str
    since: datetime
    cause: str
    value: float | None = None
    limit: float | None = None


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
    `seen` is the Cypher expression of the number that is kept when a profile enters and leaves, beside its `limits`.
    """

    segment: str
    condition: LiteralString
    kinds: frozenset[RecordKind]
    values: Mapping[str, Any]
    seen: LiteralString = "null"
    limits: tuple[float | None, float | None] = (None, None)

    def parameters(self) -> dict[str, Any]:
        """What the condition and its surroundings need."""
        kinds = sorted(kind.value for kind in self.kinds)
        return {**self.values, "segment": self.segment, "kinds": kinds, "limits": list(self.limits)}


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
WITH number, s, p, belongs, """
_AFTER_SEEN: LiteralString = """ AS seen
FOREACH (_ IN CASE WHEN belongs THEN [1] ELSE [] END |
  CREATE (p)-[:IN_SEGMENT {since: $at, cause: $cause, entered_in: number, entered_value: seen,
    entered_limit: $limits[0]}]->(s))
SET p:ReviewDue
WITH number, s, p, belongs, seen
OPTIONAL MATCH (p)-[open:IN_SEGMENT]->(s) WHERE open.until IS NULL AND NOT belongs
SET open.until = $at, open.left_in = number, open.left_cause = $cause, open.left_value = seen,
  open.left_limit = $limits[1]
RETURN s.name AS segment, p.id AS id, belongs ORDER BY segment, id
"""


def following(membership: Membership, ids: Iterable[str], at: datetime, cause: str) -> Statement:
    """The statement that lets the profiles `ids` enter and leave a segment, as its condition says; it answers rows of
    segment, id and belongs."""
    query = _BEFORE_CONDITION + membership.condition + _AFTER_CONDITION + membership.seen + _AFTER_SEEN
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
            author=row["segment"].get("author"),
            stale=row["segment"].get("stale"),
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
RETURN profile_id, s.name AS segment, m.since AS since, m.cause AS cause, m.entered_value AS value,
  m.entered_limit AS limit ORDER BY segment
"""


async def read_memberships(
    graph: Graph, profile_ids: Sequence[str], as_of: datetime = LATEST
) -> dict[str, list[StoredMembership]]:
    """The segments each profile was in at `as_of`, by name."""
    memberships: dict[str, list[StoredMembership]] = {}
    ids = sorted(set(profile_ids))
    for row in await graph.read(_OF_PROFILES, profile_ids=ids, as_of=as_of.astimezone(UTC)):
        profile_id = row.pop("profile_id")
        memberships.setdefault(profile_id, []).append(StoredMembership(**row))
    return memberships


@dataclass(frozen=True, slots=True)
class StoredStay:
    """A time that a profile was in a segment; `until` is None while it is, `left_cause` what ended it. Of a threshold
    the values that crossed it, and the limits."""

    segment: str
    since: datetime
    cause: str
    until: datetime | None
    left_cause: str | None
    entered_value: float | None
    entered_limit: float | None
    left_value: float | None
    left_limit: float | None


_STAYS: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})-[m:IN_SEGMENT]->(s:Segment)
  RETURN m, s ORDER BY m.since DESC, s.name LIMIT $limit
}
RETURN profile_id, s.name AS segment, m.since AS since, m.cause AS cause, m.until AS until, m.left_cause AS left_cause,
  m.entered_value AS entered_value, m.entered_limit AS entered_limit, m.left_value AS left_value,
  m.left_limit AS left_limit
"""


async def read_stays(graph: Graph, profile_ids: Sequence[str], *, limit: int) -> dict[str, list[StoredStay]]:
    """Which segments each profile is and was in, the latest first, at most `limit` each."""
    stays: dict[str, list[StoredStay]] = {}
    for row in await graph.read(_STAYS, profile_ids=sorted(set(profile_ids)), limit=limit):
        profile_id = row.pop("profile_id")
        stays.setdefault(profile_id, []).append(StoredStay(**row))
    return stays
