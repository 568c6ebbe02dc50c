"""Reads what hangs together: records closed under edges, identifiers, profiles and judgements, with all about them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, LiteralString

from graph.batches import batches
from graph.conflicts import Conflict
from graph.neighbourhood import Judgement, Neighbourhood, Reach, StoredRecord
from graph.pins import Pin
from graph.stored_records import VIEW, stored_record
from graph.transactions import Graph
from graph.vocabulary import Verdict

_BATCH = 1000

_RECORDS: LiteralString = (
    "UNWIND keys AS key WITH key WHERE NOT key IN $known"
    " MATCH (r:SourceRecord {key: key}) RETURN 'record' AS what, " + VIEW + " AS found"
)

_EDGES: LiteralString = """
UNWIND keys AS key
MATCH (:SourceRecord {key: key})-[edge:MATCHES]-(:SourceRecord)
WITH DISTINCT edge
RETURN 'edge' AS what, [startNode(edge).key, endNode(edge).key, edge.weight] AS found
"""

_IDENTIFIERS: LiteralString = """
UNWIND keys AS key
MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
WITH DISTINCT i, COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL } AS holders
RETURN 'identifier' AS what, [i.key, holders, CASE WHEN holders <= coalesce($limits[i.kind], $limit)
  THEN [(i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL | n.key] ELSE [] END] AS found
"""

_TURNED: LiteralString = """
UNWIND $touched AS key
MATCH (:SourceRecord {key: key})-[:HAS_IDENTIFIER]->(i:Identifier)
WITH DISTINCT i, COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL } AS holders
WHERE holders <= coalesce($limits[i.kind], $limit) + size($touched)
RETURN 'identifier' AS what, [i.key, holders,
  [(i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL | n.key]] AS found
"""

_PROFILES: LiteralString = """
UNWIND keys AS key
MATCH (:SourceRecord {key: key})-[membership:RESOLVES_TO]->(p:Profile) WHERE membership.until IS NULL
WITH DISTINCT p
RETURN 'profile' AS what, [p.id, p.digest,
  [(p)<-[other:RESOLVES_TO]-(n:SourceRecord) WHERE other.until IS NULL | n.key]] AS found
"""

_CARRIED: LiteralString = """
UNWIND keys AS key
MATCH (r:SourceRecord {key: key}) WHERE r.carried_id IS NOT NULL
MATCH (p:Profile {id: r.carried_id}) WHERE p.retired_at IS NULL
RETURN 'profile' AS what, [p.id, p.digest, []] AS found
"""

_JUDGEMENTS: LiteralString = """
UNWIND keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) RETURN j UNION MATCH (j:Judgement {right: key}) RETURN j
}
WITH DISTINCT j WHERE j.until IS NULL
RETURN 'judgement' AS what, [j.left, j.right, j.verdict, coalesce(j.locked, false)] AS found
"""

_CONFLICTS: LiteralString = """
UNWIND keys AS key
CALL (key) {
  MATCH (c:Conflict {left: key}) RETURN c UNION MATCH (c:Conflict {right: key}) RETURN c
}
RETURN DISTINCT 'conflict' AS what, [c.left, c.right, c.weight, c.reason] AS found
"""

_PINS: LiteralString = """
UNWIND keys AS key
MATCH (r:SourceRecord {key: key})
OPTIONAL MATCH (r)-[membership:RESOLVES_TO]->(home:Profile) WHERE membership.until IS NULL
CALL (r, home) {
  MATCH (p:Pin {record_key: r.key}) RETURN p
  UNION
  MATCH (p:Pin {profile_id: home.id}) RETURN p
  UNION
  MATCH (p:Pin {profile_id: r.carried_id}) RETURN p
}
WITH DISTINCT p WHERE p.until IS NULL
RETURN 'pin' AS what,
  p {.*, orphaned: NOT EXISTS { MATCH (o:SourceRecord {key: p.record_key}) WHERE o.removed_at IS NULL }} AS found
"""

_PARTS = (_RECORDS, _EDGES, _IDENTIFIERS, _TURNED, _PROFILES, _CARRIED, _JUDGEMENTS, _CONFLICTS, _PINS)
_ALL_OF: LiteralString = (
    "CALL (keys) { CALL (keys) {"
    + " UNION ALL ".join(_PARTS)
    + "} RETURN collect([what, found]) AS things } RETURN keys, things"
)

_ONWARDS: LiteralString = """
CALL (keys) {
  UNWIND keys AS key RETURN key AS near
  UNION
  UNWIND keys AS key
  MATCH (:SourceRecord {key: key})-[edge:MATCHES]-(n:SourceRecord) WHERE edge.weight >= $floor
  RETURN n.key AS near
  UNION
  UNWIND keys AS key
  MATCH (:SourceRecord {key: key})-[membership:RESOLVES_TO]->(p:Profile) WHERE membership.until IS NULL
  MATCH (p)<-[other:RESOLVES_TO]-(n:SourceRecord) WHERE other.until IS NULL
  RETURN n.key AS near
  UNION
  UNWIND keys AS key
  MATCH (:SourceRecord {key: key})-[held:HAS_IDENTIFIER]->(i:Identifier) WHERE held.until IS NULL
  WITH DISTINCT i
  WHERE COUNT { (i)<-[other:HAS_IDENTIFIER]-(:SourceRecord) WHERE other.until IS NULL }
      <= coalesce($limits[i.kind], $limit)
  MATCH (i)<-[other:HAS_IDENTIFIER]-(n:SourceRecord) WHERE other.until IS NULL
  RETURN n.key AS near
}
WITH collect(near) AS keys
"""

_STEP: LiteralString = "WITH $keys AS keys " + _ALL_OF
_THREE_STEPS: LiteralString = "WITH $keys AS keys " + _ONWARDS + _ONWARDS + _ALL_OF
_FEW = 100
"""From so few records three steps outwards are made in one read; from many, each is large enough for its own."""


async def closed(
    graph: Graph,
    start: Collection[str],
    reach: Reach,
    known: Mapping[str, StoredRecord] = MappingProxyType({}),
    touched: Collection[str] = (),
) -> Neighbourhood:
    """All that hangs together with the records of `start`, as stored. The weights are of all their edges, those to
    records outside included.

    Records that are `known` are not read again. An identifier that the `touched` ones of `start` hold or held leads
    on even where just they brought it over its limit or back under it: its state changed for all its holders.
    """
    found = _Found(reach.floor)
    reached, frontier = set[str](), set(start)
    while frontier:
        beyond: set[str] = set()
        for batch in batches(sorted(frontier), _BATCH):
            rows = await graph.read(
                _THREE_STEPS if len(frontier) <= _FEW else _STEP,
                keys=batch,
                known=sorted(known if len(known) <= _BATCH else known.keys() & batch),
                touched=[key for key in batch if key in touched],
                floor=reach.floor,
                limits=dict(reach.holders),
                limit=reach.others,
            )
            reached.update(rows[0]["keys"])
            beyond.update(found.take(rows[0]["things"]))
        frontier = beyond - reached
    found.records |= {key: known[key] for key in reached & known.keys()}
    return found.neighbourhood()


@dataclass(slots=True)
class _Found:
    """What was read so far, by what it is of; the same thing may be met from several sides."""

    floor: float
    records: dict[str, StoredRecord] = field(default_factory=dict[str, StoredRecord])
    weights: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    holder_counts: dict[str, int] = field(default_factory=dict[str, int])
    profiles: dict[str, str] = field(default_factory=dict[str, str])
    judgements: dict[tuple[str, str], Judgement] = field(default_factory=dict[tuple[str, str], Judgement])
    conflicts: dict[str, Conflict] = field(default_factory=dict[str, Conflict])
    pins: dict[str, Pin] = field(default_factory=dict[str, Pin])

    def take(self, things: Iterable[tuple[str, Any]]) -> Iterator[str]:
        """Keep what was read, each with what it is; answers the keys that it leads to."""
        for what, found in things:
            match what, found:
                case "record", values:
                    record = stored_record(values)
                    self.records[record.key] = record
                case "edge", [left, right, weight]:
                    self.weights[left, right] = weight
                    if weight >= self.floor:
                        yield from (left, right)
                case "identifier", [key, holders, keys]:
                    self.holder_counts[key] = holders
                    yield from keys
                case "profile", [home, digest, keys]:
                    self.profiles[home] = digest
                    yield from keys
                case "judgement", [left, right, verdict, locked]:
                    self.judgements[left, right] = Judgement(left, right, Verdict(verdict), locked)
                    yield from (left, right)
                case "conflict", values:
                    conflict = Conflict(*values)
                    self.conflicts[conflict.key] = conflict
                case _, properties:
                    self.pins[properties["id"]] = Pin(**properties)

    def neighbourhood(self) -> Neighbourhood:
        return Neighbourhood(
            records=self.records,
            weights=self.weights,
            judgements=[one for _, one in sorted(self.judgements.items())],
            holder_counts=self.holder_counts,
            profiles=self.profiles,
            conflicts=[one for _, one in sorted(self.conflicts.items())],
            pins=[one for _, one in sorted(self.pins.items())],
        )
