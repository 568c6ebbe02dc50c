"""Who belongs to which profile: the one write of a difference, and the list of all memberships."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.blocking import BLOCK_COLUMNS
from graph.changes import TAKE_NUMBER
from graph.conflicts import RECORD_CONFLICTS
from graph.conflicts import recorded as recorded_conflicts
from graph.difference import NO_EDGES, Difference, EdgeDifference, ProfileState
from graph.due import MARK_MOVED, MARK_SETTLED
from graph.ledger import RECORD_EVENTS
from graph.ledger import recorded as recorded_events
from graph.nearness import household
from graph.neighbourhood import Slice, StoredRecord
from graph.review_marks import MARK_ASKED, MARK_RESTATED
from graph.transactions import Graph, Statement
from graph.vocabulary import ATTRIBUTES

EDGES_AT_ONCE = 5000
"""So many edges are written in one transaction."""

_DROP_EDGES: LiteralString = """
UNWIND $dropped AS row
MATCH (:SourceRecord {key: row.left})-[edge:MATCHES]->(:SourceRecord {key: row.right})
DELETE edge
"""

_WRITE_EDGES: LiteralString = """
UNWIND $written AS row
MATCH (l:SourceRecord {key: row.left}) MATCH (r:SourceRecord {key: row.right})
MERGE (l)-[edge:MATCHES]->(r)
SET edge.probability = row.probability, edge.weight = row.weight, edge.gammas = row.gammas, edge.model = $model
"""


_DROP_ALONE: LiteralString = "CALL () {" + _DROP_EDGES + "} CALL () {" + MARK_ASKED + "}"
_WRITE_ALONE: LiteralString = "CALL () {" + _WRITE_EDGES + "} CALL () {" + MARK_ASKED + "}"


async def write_edges(graph: Graph, edges: EdgeDifference) -> None:
    """Drop and write match edges, in batches; to be done before the records they touch are settled."""
    for batch in batches(sorted(edges.dropped), EDGES_AT_ONCE):
        await graph.write(_DROP_ALONE, **_edges(EdgeDifference(edges.model, dropped=batch)))
    ordered = sorted(edges.written, key=lambda edge: (edge.left, edge.right))
    for batch in batches(ordered, EDGES_AT_ONCE):
        await graph.write(_WRITE_ALONE, **_edges(EdgeDifference(edges.model, written=batch)))


def _edges(edges: EdgeDifference) -> dict[str, Any]:
    return {
        "model": edges.model,
        "asked": sorted({left for left, _ in edges.dropped} | {edge.left for edge in edges.written}),
        "dropped": [{"left": left, "right": right} for left, right in edges.dropped],
        "written": [{**asdict(edge), "gammas": list(edge.gammas)} for edge in edges.written],
    }


# A removed record is in no block any more.
_SETTLE: LiteralString = """
UNWIND $settled AS row
MATCH (r:SourceRecord {key: row.key})
SET r += row.blocks, r.resolved_at = $at, r.changed_in = number
WITH r, row WHERE r.updated_at = row.updated_at
REMOVE r:Pending
"""

_WRITE_PROFILES: LiteralString = """
UNWIND $profiles AS row
MERGE (p:Profile {id: row.id}) ON CREATE SET p.created_at = $at
WITH p, row, p.created_at AS created_at, CASE WHEN p:Due AND p.news IS NULL THEN null ELSE coalesce(p.news, [])
  + [name IN $attributes WHERE coalesce(p[name], '') <> coalesce(row[name], '') | 'attribute:' + name] END AS news,
  coalesce(p.left_households, []) + [one IN [p.household] WHERE one <> coalesce(row.household, '')] AS left_households
SET p = row
SET p.created_at = created_at, p.updated_at = $at, p.changed_in = number, p:Due:ReviewDue, p.news = news,
  p.left_households = CASE WHEN left_households = [] THEN null ELSE left_households END
"""

_LEAVE: LiteralString = """
UNWIND $left AS row
MATCH (r:SourceRecord {key: row.key})-[membership:RESOLVES_TO]->(:Profile {id: row.profile_id})
WHERE membership.until IS NULL
SET membership.until = $at, r.changed_in = number
"""

_JOIN: LiteralString = """
UNWIND $joined AS row
MATCH (r:SourceRecord {key: row.key}) MATCH (p:Profile {id: row.profile_id})
MERGE (r)-[membership:RESOLVES_TO {since: $at}]->(p)
SET r.changed_in = number
"""

_CLOSE: LiteralString = """
UNWIND $closed AS row
MATCH (r:SourceRecord {key: row.key})-[membership:RESOLVES_TO]->(:Profile {id: row.profile_id})
WHERE membership.until IS NULL AND membership.since <> $at
  AND coalesce(membership.valid_from = row.valid_from, membership.valid_from IS NULL AND row.valid_from IS NULL)
SET membership.until = $at, r.changed_in = number
"""

# Not by MERGE, which cannot ask for a missing property: the earliest slice has no valid_from.
_OPEN: LiteralString = """
UNWIND $opened AS row
MATCH (r:SourceRecord {key: row.key}) MATCH (p:Profile {id: row.profile_id})
WHERE NOT EXISTS { MATCH (r)-[m:RESOLVES_TO]->(p) WHERE m.since = $at
  AND coalesce(m.valid_from = row.valid_from, m.valid_from IS NULL AND row.valid_from IS NULL) }
CREATE (r)-[:RESOLVES_TO {since: $at, valid_from: row.valid_from, valid_until: row.valid_until}]->(p)
SET r.changed_in = number
"""

_HAND_OVER: LiteralString = """
UNWIND $handed_over AS row
MATCH (r:SourceRecord {key: row.key})
SET r.carried_id = row.profile_id
"""

_RETIRE: LiteralString = """
UNWIND $retired AS id
MATCH (p:Profile {id: id})
SET p.retired_at = $at, p.record_count = 0, p.changed_in = number
"""

_SET_STATES: LiteralString = """
UNWIND $states AS row
MATCH (i:Identifier {key: row.key})
SET i.state = row.state, i.reason = row.reason
"""

_PARTS = (
    _SETTLE,
    _DROP_EDGES,
    _WRITE_EDGES,
    _WRITE_PROFILES,
    _LEAVE,
    _JOIN,
    _CLOSE,
    _OPEN,
    _HAND_OVER,
    _RETIRE,
    _SET_STATES,
    MARK_SETTLED,
    MARK_MOVED,
    MARK_ASKED,
    MARK_RESTATED,
)
_WRITE: LiteralString = (
    TAKE_NUMBER
    + " ".join("CALL (number) { " + part + "}" for part in _PARTS)
    + RECORD_CONFLICTS
    + RECORD_EVENTS
)


async def write_difference(graph: Graph, difference: Difference, edges: EdgeDifference = NO_EDGES) -> None:
    """Write all of `difference`, and `edges`, in one transaction, records locked in the order of their keys."""
    for statement in writing(difference, datetime.now(UTC), edges):
        await graph.write(statement.query, **statement.parameters)


def writing(difference: Difference, at: datetime, edges: EdgeDifference = NO_EDGES) -> list[Statement]:
    """The statement that writes a difference, one round trip whatever is in it; none when nothing is."""
    if not (
        any(getattr(difference, field.name) for field in fields(difference)) or edges.written or edges.dropped
    ):
        return []
    divided = {key for key, _ in (*difference.opened, *difference.closed)}
    parameters = {
        "at": at,
        "attributes": list(ATTRIBUTES),
        "moved": sorted(_moved(difference)),
        "settled": [_settled_row(one) for one in sorted(difference.settled, key=lambda one: one.key)],
        "profiles": [_profile_row(profile) for profile in difference.profiles],
        "left": _pairs([one for one in difference.left if one[0] not in divided]),
        "joined": _pairs([one for one in difference.joined if one[0] not in divided]),
        "closed": _slices(difference.closed),
        "opened": _slices(difference.opened),
        "handed_over": _pairs(difference.handed_over),
        "retired": sorted(difference.retired),
        "states": [
            {"key": key, "state": state, "reason": why} for key, state, why in sorted(difference.states)
        ],
    }
    written = _edges(edges)
    asked = {one.left for one in (*difference.conflicts, *difference.dissolved)}
    parameters |= written | {"asked": sorted(asked.union(written["asked"]))}
    parameters |= recorded_conflicts(difference.conflicts, difference.dissolved)
    return [Statement(_WRITE, parameters | recorded_events(difference.events))]


def _moved(difference: Difference) -> set[str]:
    """The profiles that gained or lost records."""
    slices = (part.profile_id for _, part in (*difference.opened, *difference.closed))
    pairs = (profile_id for _, profile_id in (*difference.joined, *difference.left))
    return {*pairs, *slices, *difference.retired}


def _settled_row(record: StoredRecord) -> dict[str, Any]:
    blocks = {} if record.removed else record.blocks
    return {
        "key": record.key,
        "updated_at": record.updated_at,
        "blocks": {column: blocks.get(column) for column in BLOCK_COLUMNS},
    }


def _pairs(moves: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"key": key, "profile_id": profile_id} for key, profile_id in sorted(moves)]


def _slices(slices: Sequence[tuple[str, Slice]]) -> list[dict[str, Any]]:
    rows = [{"key": key, **asdict(one)} for key, one in slices]
    return sorted(rows, key=lambda row: (row["key"], row["valid_from"] is not None, row["valid_from"]))


def _profile_row(profile: ProfileState) -> dict[str, Any]:
    return {
        **profile.values,
        "id": profile.id,
        "kind": profile.kind,
        "record_count": profile.record_count,
        "golden": profile.golden,
        "digest": profile.digest,
        "household": household(profile.kind, profile.values),
    }


_MEMBERS: LiteralString = """
UNWIND $ids AS id
MATCH (:Profile {id: id})<-[membership:RESOLVES_TO]-(r:SourceRecord)
WHERE membership.until IS NULL AND membership.valid_from IS NULL
RETURN id, r.key AS key ORDER BY r.accepted_at, r.key
"""


async def members_of(graph: Graph, ids: Iterable[str]) -> dict[str, list[str]]:
    """The keys of the records of each current profile, founder first; other ids are left out. A record that profiles
    share is of the earliest slice's."""
    found: dict[str, list[str]] = {}
    for row in await graph.read(_MEMBERS, ids=sorted(set(ids))):
        found.setdefault(row["id"], []).append(row["key"])
    return found


_TWO: LiteralString = """
MATCH (p:Profile) WITH p LIMIT 10000
MATCH (one:SourceRecord)-[m:RESOLVES_TO]->(p)<-[n:RESOLVES_TO]-(other:SourceRecord)
WHERE m.until IS NULL AND n.until IS NULL AND one.key < other.key
RETURN p.id AS id, one.key AS one, other.key AS other LIMIT 1
"""


async def two_of_one_profile(graph: Graph) -> tuple[str, str, str] | None:
    """The id of some profile with the keys of two of its records, if there is one among ten thousand."""
    rows = await graph.read(_TWO)
    return (rows[0]["id"], rows[0]["one"], rows[0]["other"]) if rows else None


_MEMBERSHIPS = """
MATCH (r:SourceRecord)-[membership:RESOLVES_TO]->(p:Profile)
WHERE membership.until IS NULL AND ($with_visitors OR p.kind <> 'VISITOR')
RETURN r.source AS source, r.record_id AS record_id, r.kind AS record_kind, p.id AS profile_id, p.kind AS kind,
  toString(membership.valid_from) AS valid_from, toString(membership.valid_until) AS valid_until
"""


def stream_memberships(graph: Graph, *, with_visitors: bool = False) -> AsyncIterator[dict[str, Any]]:
    """Every open membership: source, record_id, record_kind, profile_id, kind, valid_from, valid_until (ISO 8601, UTC;
    None: without end); visitors' only when asked for. A record that profiles share has one for each of its slices."""
    return graph.stream(_MEMBERSHIPS, with_visitors=with_visitors)


_COUNTS: LiteralString = """
MATCH (p:Profile) WHERE p.retired_at IS NULL
RETURN sum(CASE p.kind WHEN 'VISITOR' THEN 0 ELSE p.record_count END) AS records,
    count(CASE p.kind WHEN 'VISITOR' THEN null ELSE p END) AS profiles,
    count(CASE p.kind WHEN 'VISITOR' THEN p END) AS visitors, sum(p.record_count) AS members
"""


async def count_profiles(graph: Graph) -> tuple[int, int, int, int]:
    """Records in profiles of people and organisations, these profiles, the profiles of visitors, and the records in
    profiles of any kind."""
    row = (await graph.read(_COUNTS))[0]
    return row["records"], row["profiles"], row["visitors"], row["members"]
