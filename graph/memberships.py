"""Who belongs to which profile: the one write of a difference, and the list of all memberships."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.conflicts import recording as recording_conflicts
from graph.difference import Difference, EdgeDifference, ProfileState
from graph.ledger import recording
from graph.transactions import Graph, Statement

_EDGES_AT_ONCE = 5000

_SETTLE = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key})
SET r.resolved_at = $at
WITH r, row WHERE r.updated_at = row.updated_at
REMOVE r:Pending
"""

_DROP_EDGES = """
UNWIND $rows AS row
MATCH (:SourceRecord {key: row.left})-[edge:MATCHES]->(:SourceRecord {key: row.right})
DELETE edge
"""

_WRITE_EDGES = """
UNWIND $rows AS row
MATCH (l:SourceRecord {key: row.left}) MATCH (r:SourceRecord {key: row.right})
MERGE (l)-[edge:MATCHES]->(r)
SET edge.probability = row.probability, edge.weight = row.weight, edge.gammas = row.gammas, edge.model = $model
"""

_WRITE_PROFILES = """
UNWIND $rows AS row
MERGE (p:Profile {id: row.id}) ON CREATE SET p.created_at = $at
WITH p, row, p.created_at AS created_at
SET p = row SET p.created_at = created_at, p.updated_at = $at
"""

_LEAVE = """
UNWIND $rows AS row
MATCH (:SourceRecord {key: row.key})-[membership:RESOLVES_TO]->(:Profile {id: row.profile_id})
WHERE membership.until IS NULL
SET membership.until = $at
"""

_JOIN = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key}) MATCH (p:Profile {id: row.profile_id})
MERGE (r)-[membership:RESOLVES_TO {since: $at}]->(p)
"""

_RETIRE = """
UNWIND $ids AS id
MATCH (p:Profile {id: id})
SET p.retired_at = $at, p.record_count = 0
"""

_HAND_OVER = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key})
SET r.carried_id = row.profile_id
"""

_SET_STATES = """
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
SET i.state = row.state, i.reason = row.reason
"""


async def write_edges(graph: Graph, edges: EdgeDifference) -> None:
    """Drop and write match edges, in batches; to be done before the records they touch are settled."""
    for batch in batches(sorted(edges.dropped), _EDGES_AT_ONCE):
        await graph.write(_DROP_EDGES, rows=[{"left": left, "right": right} for left, right in batch])
    ordered = sorted(edges.written, key=lambda edge: (edge.left, edge.right))
    for batch in batches(ordered, _EDGES_AT_ONCE):
        rows = [{**asdict(edge), "gammas": list(edge.gammas)} for edge in batch]
        await graph.write(_WRITE_EDGES, rows=rows, model=edges.model)


async def write_difference(graph: Graph, difference: Difference) -> None:
    """Write all of `difference` in one transaction, records locked in the order of their keys."""
    statements = writing(difference, datetime.now(UTC))
    if statements:
        await graph.write_all(statements)


def writing(difference: Difference, at: datetime) -> list[Statement]:
    """The statements that write a difference."""
    return [*_settling(difference, at), *_membership_statements(difference, at)]


def _settling(difference: Difference, at: datetime) -> Iterator[Statement]:
    settled = sorted(difference.settled, key=lambda record: record.key)
    if settled:
        rows = [{"key": record.key, "updated_at": record.updated_at} for record in settled]
        yield Statement(_SETTLE, {"rows": rows, "at": at})
    yield from recording_conflicts(difference.conflicts, difference.dissolved, at)


def _membership_statements(difference: Difference, at: datetime) -> Iterator[Statement]:
    if difference.profiles:
        yield Statement(_WRITE_PROFILES, {"rows": [_profile_row(p) for p in difference.profiles], "at": at})
    moves: tuple[tuple[LiteralString, Sequence[tuple[str, str]]], ...] = (
        (_LEAVE, difference.left),
        (_JOIN, difference.joined),
        (_HAND_OVER, difference.handed_over),
    )
    for query, pairs in moves:
        if pairs:
            rows = [{"key": key, "profile_id": profile_id} for key, profile_id in sorted(pairs)]
            yield Statement(query, {"rows": rows, "at": at})
    if difference.retired:
        yield Statement(_RETIRE, {"ids": sorted(difference.retired), "at": at})
    if difference.states:
        rows = [{"key": key, "state": state, "reason": why} for key, state, why in sorted(difference.states)]
        yield Statement(_SET_STATES, {"rows": rows})
    if difference.events:
        yield recording(difference.events, at)


def _profile_row(profile: ProfileState) -> dict[str, Any]:
    return {
        **profile.values,
        "id": profile.id,
        "kind": profile.kind,
        "record_count": profile.record_count,
        "golden": profile.golden,
        "digest": profile.digest,
    }


_MEMBERS: LiteralString = """
UNWIND $ids AS id
MATCH (:Profile {id: id})<-[membership:RESOLVES_TO]-(r:SourceRecord) WHERE membership.until IS NULL
RETURN id, r.key AS key ORDER BY r.accepted_at, r.key
"""


async def members_of(graph: Graph, ids: Iterable[str]) -> dict[str, list[str]]:
    """The keys of the records of each current profile, founder first; other ids are left out."""
    found: dict[str, list[str]] = {}
    for row in await graph.read(_MEMBERS, ids=sorted(set(ids))):
        found.setdefault(row["id"], []).append(row["key"])
    return found


_MEMBERSHIPS = """
MATCH (r:SourceRecord)-[membership:RESOLVES_TO]->(p:Profile)
WHERE membership.until IS NULL AND ($with_visitors OR p.kind <> 'VISITOR')
RETURN r.source AS source, r.record_id AS record_id, p.id AS profile_id, p.kind AS kind
"""


def stream_memberships(graph: Graph, *, with_visitors: bool = False) -> AsyncIterator[dict[str, Any]]:
    """Every open membership: source, record_id, profile_id, kind; visitors' only when asked for."""
    return graph.stream(_MEMBERSHIPS, with_visitors=with_visitors)


_COUNTS: LiteralString = """
MATCH (p:Profile) WHERE p.retired_at IS NULL
RETURN sum(CASE p.kind WHEN 'VISITOR' THEN 0 ELSE p.record_count END) AS records,
    count(CASE p.kind WHEN 'VISITOR' THEN null ELSE p END) AS profiles,
    count(CASE p.kind WHEN 'VISITOR' THEN p END) AS visitors
"""


async def count_profiles(graph: Graph) -> tuple[int, int, int]:
    """Records in profiles of people and organisations, these profiles, and the profiles of visitors."""
    row = (await graph.read(_COUNTS))[0]
    return row["records"], row["profiles"], row["visitors"]
