"""Reads source records as resolution sees them: all, the pending, by key, or by a shared block."""

from collections.abc import AsyncIterator, Collection
from typing import LiteralString

from graph.batches import batches
from graph.blocking import block_columns
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, StoredRecord
from graph.transactions import Graph, Row
from graph.vocabulary import ATTRIBUTES, RecordKind

_BATCH = 1000

_VIEW: LiteralString = """
RETURN r.key AS key, r.source AS source, r.kind AS kind, r.accepted_at AS accepted_at, r.updated_at AS updated_at,
    r.observed_at AS observed_at, r.removed_at IS NOT NULL AS removed, r.carried_id AS carried_id,
    r.given_name AS given_name, r.middle_name AS middle_name, r.surname AS surname, r.generation AS generation,
    r.native_name AS native_name, r.gender AS gender, r.birth_date AS birth_date, r.birth_place AS birth_place,
    r.occupation AS occupation, r.house_number AS house_number, r.street AS street, r.unit AS unit,
    r.city AS city, r.postcode AS postcode, r.region AS region, r.country AS country,
    r.organisation_name AS organisation_name, r.verified AS verified, r:Pending AS pending,
    head([(r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL | p.id]) AS profile_id,
    [(r)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL |
        [i.key, i.kind, i.value, i.state, h.since.epochSeconds]] AS held
"""

_ALL: LiteralString = "MATCH (r:SourceRecord)" + _VIEW


async def stream_records(graph: Graph) -> AsyncIterator[StoredRecord]:
    """Every source record, the removed ones included."""
    async for row in graph.stream(_ALL):
        yield _record(row)


_BY_KEY: LiteralString = "UNWIND $keys AS key MATCH (r:SourceRecord {key: key})" + _VIEW


async def read_records(graph: Graph, keys: Collection[str]) -> dict[str, StoredRecord]:
    """The records of `keys` by key; unknown keys are left out."""
    found: dict[str, StoredRecord] = {}
    for batch in batches(sorted(keys), _BATCH):
        for row in await graph.read(_BY_KEY, keys=batch):
            found[row["key"]] = _record(row)
    return found


def _record(row: Row) -> StoredRecord:
    """The blocks are worked out anew: that is cheaper than reading them, and those stored are for look-ups."""
    kind = RecordKind(row["kind"])
    attributes = {name: value for name in ATTRIBUTES if (value := row[name]) is not None}
    held = [
        HeldIdentifier(key, Identifier(name, value), state, since)
        for key, name, value, state, since in sorted(row["held"])
    ]
    return StoredRecord(
        key=row["key"],
        source=row["source"],
        kind=kind,
        accepted_at=row["accepted_at"],
        updated_at=row["updated_at"],
        attributes=attributes,
        identifiers=tuple(held),
        blocks=block_columns(kind, attributes, [one.identifier for one in held]),
        observed_at=row["observed_at"],
        removed=row["removed"],
        pending=row["pending"],
        carried_id=row["carried_id"],
        profile_id=row["profile_id"],
        verified=frozenset(row["verified"] or ()),
    )


_PENDING: LiteralString = "MATCH (r:Pending) RETURN r.key AS key"


async def pending_keys(graph: Graph) -> set[str]:
    """The keys of all records that wait to be resolved."""
    return {row["key"] async for row in graph.stream(_PENDING)}


_COUNTS = """
RETURN COUNT { MATCH (:SourceRecord) } AS records, COUNT { MATCH (:Pending) } AS pending
"""


async def count_records(graph: Graph) -> tuple[int, int]:
    """How many source records there are, and how many of them wait to be resolved."""
    row = (await graph.read(_COUNTS))[0]
    return row["records"], row["pending"]
