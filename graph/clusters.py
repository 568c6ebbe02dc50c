"""Reads what a profile is made of: its records, their identifiers and the match edges between them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString, TypeVar

from graph.moments import LATEST
from graph.transactions import Graph
from graph.vocabulary import ATTRIBUTES, IdentifierState, RecordKind

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A source record as stored; `raw` is the input as it came and `extra` its other values, both JSON text;
    `cleaning` is the version of the rules that cleaned it (graph/cleaning.py).

    `slices` are the parts of its history that are of the profile, from and to before (None: without end), in the order
    of time; none when all of it is.
    """

    key: str
    source: str
    record_id: str
    kind: RecordKind
    accepted_at: datetime
    observed_at: datetime | None
    member_since: datetime
    attributes: Mapping[str, str]
    extra: str
    raw: str
    cleaning: int | None = None
    slices: tuple[tuple[datetime | None, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredIdentifier:
    """An identifier of a cluster with the keys of the cluster's records that hold it."""

    key: str
    kind: str
    value: str
    state: IdentifierState
    reason: str | None
    record_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """A match edge: `probability` 0–1, `weight` log2 odds, one comparison level per comparison of the model."""

    left: str
    right: str
    probability: float
    weight: float
    model: str
    gammas: tuple[int, ...]


_RECORDS: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
  WITH r, m ORDER BY m.valid_from IS NOT NULL, m.valid_from
  WITH r, min(m.since) AS since, collect([m.valid_from, m.valid_until]) AS slices
  RETURN r, since, slices ORDER BY r.accepted_at, r.key LIMIT $limit
}
RETURN profile_id, r {.*} AS record, since, slices
ORDER BY record.accepted_at, record.key
"""


async def read_records(
    graph: Graph, profile_ids: Sequence[str], *, limit: int, as_of: datetime = LATEST
) -> dict[str, list[MemberRecord]]:
    """The records of each profile, as was believed at `as_of`, founder first, at most `limit` each.

    Which records they are is of then, what they say is of now.
    """
    rows = await graph.read(
        _RECORDS, profile_ids=sorted(set(profile_ids)), limit=limit, as_of=as_of.astimezone(UTC)
    )
    return _by_profile(
        (row["profile_id"], _record(row["record"], row["since"], row["slices"])) for row in rows
    )


_KEYS: LiteralString = """
UNWIND $profile_ids AS profile_id
MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL AND m.valid_from IS NULL
RETURN profile_id, r.key AS key ORDER BY key
"""


async def member_keys(graph: Graph, profile_ids: Sequence[str]) -> dict[str, list[str]]:
    """The keys of the records of each profile, sorted; one that profiles share is of the earliest slice's."""
    rows = await graph.read(_KEYS, profile_ids=sorted(set(profile_ids)))
    return _by_profile((row["profile_id"], row["key"]) for row in rows)


_HOMES: LiteralString = """
UNWIND $keys AS key
MATCH (:SourceRecord {key: key})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL AND m.valid_from IS NULL
RETURN key, p.id AS profile_id
"""


async def read_homes(graph: Graph, record_keys: Sequence[str]) -> dict[str, str]:
    """The ids of the profiles that records are in; of one that profiles share that of the earliest slice."""
    rows = await graph.read(_HOMES, keys=sorted(set(record_keys)))
    return {row["key"]: row["profile_id"] for row in rows}


_IDENTIFIERS: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true)
    AND h.since <= $as_of AND coalesce(h.until > $as_of, true)
  WITH DISTINCT i, r.key AS record_key ORDER BY record_key
  RETURN i, collect(record_key) AS record_keys ORDER BY i.kind, i.value LIMIT $limit
}
RETURN profile_id, i.key AS key, i.kind AS kind, i.value AS value, i.state AS state, i.reason AS reason, record_keys
ORDER BY kind, value
"""


async def read_identifiers(
    graph: Graph, profile_ids: Sequence[str], *, limit: int, as_of: datetime = LATEST
) -> dict[str, list[StoredIdentifier]]:
    """The identifiers that the records of each profile held at `as_of`, with their state of now, by kind and value, at
    most `limit` each."""
    rows = await graph.read(
        _IDENTIFIERS, profile_ids=sorted(set(profile_ids)), limit=limit, as_of=as_of.astimezone(UTC)
    )
    return _by_profile((row["profile_id"], _identifier(row)) for row in rows)


_EDGES: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (p:Profile {id: profile_id})<-[m:RESOLVES_TO]-(l:SourceRecord)
  MATCH (l)-[e:MATCHES]->(r:SourceRecord)-[n:RESOLVES_TO]->(p)
  WHERE m.until IS NULL AND n.until IS NULL AND m.valid_from IS NULL AND n.valid_from IS NULL
  RETURN e, l.key AS left, r.key AS right ORDER BY e.weight DESC, left, right LIMIT $limit
}
RETURN profile_id, left, right, e {.*} AS edge
ORDER BY edge.weight DESC, left, right
"""


async def read_edges(graph: Graph, profile_ids: Sequence[str], *, limit: int) -> dict[str, list[StoredEdge]]:
    """The match edges inside each profile, heaviest first, at most `limit` each."""
    rows = await graph.read(_EDGES, profile_ids=sorted(set(profile_ids)), limit=limit)
    return _by_profile((row["profile_id"], _edge(row)) for row in rows)


def _by_profile(pairs: Iterable[tuple[str, Item]]) -> dict[str, list[Item]]:
    grouped: defaultdict[str, list[Item]] = defaultdict(list)
    for profile_id, item in pairs:
        grouped[profile_id].append(item)
    return grouped


def _record(properties: Mapping[str, Any], since: datetime, slices: Sequence[Any]) -> MemberRecord:
    return MemberRecord(
        key=properties["key"],
        source=properties["source"],
        record_id=properties["record_id"],
        kind=RecordKind(properties["kind"]),
        accepted_at=properties["accepted_at"],
        observed_at=properties.get("observed_at"),
        member_since=since,
        slices=tuple((begun, ended) for begun, ended in slices if begun or ended),
        attributes={name: properties[name] for name in ATTRIBUTES if name in properties},
        extra=properties.get("extra") or "{}",
        raw=properties.get("raw") or "{}",
        cleaning=properties.get("cleaning"),
    )


def _identifier(row: Mapping[str, Any]) -> StoredIdentifier:
    return StoredIdentifier(
        key=row["key"],
        kind=row["kind"],
        value=row["value"],
        state=IdentifierState(row["state"]),
        reason=row["reason"],
        record_keys=tuple(row["record_keys"]),
    )


def _edge(row: Mapping[str, Any]) -> StoredEdge:
    edge: Mapping[str, Any] = row["edge"]
    return StoredEdge(
        left=row["left"],
        right=row["right"],
        probability=edge["probability"],
        weight=edge["weight"],
        model=edge["model"],
        gammas=tuple(edge.get("gammas") or ()),
    )
