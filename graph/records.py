"""Writes source records with their identifiers: batched, idempotent, safe beside other writers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

from orjson import OPT_SORT_KEYS, dumps

from graph.blocking import BLOCK_COLUMNS
from graph.cleaning import CLEANING
from graph.due import RECORD_NEWS
from graph.facts import SourceRecord, Tombstone
from graph.identifiers import identifier_key
from graph.neighbourhood import StoredRecord
from graph.stored_records import VIEW, stored_record
from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a write did: keys of the nodes that were created or updated; `unchanged` ones cost no write.

    `repeated` are those of `updated` that were written at the same instant before: an earlier batch of one load.
    """

    created: frozenset[str] = field(default_factory=frozenset[str])
    updated: frozenset[str] = field(default_factory=frozenset[str])
    unchanged: frozenset[str] = field(default_factory=frozenset[str])
    repeated: frozenset[str] = field(default_factory=frozenset[str])

    @classmethod
    def of(cls, asked: Iterable[str], known: Sequence[Mapping[str, Any]]) -> "WriteCounts":
        """From the keys asked for and what was stored: rows of key, same (content), again (this instant)."""
        stored = frozenset(str(row["key"]) for row in known)
        unchanged = frozenset(str(row["key"]) for row in known if row["same"])
        updated = stored - unchanged
        repeated = frozenset(str(row["key"]) for row in known if row["again"]) & updated
        return cls(frozenset(asked) - stored, updated, unchanged, repeated)

    def __or__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            self.created | other.created,
            self.updated | other.updated,
            self.unchanged | other.unchanged,
            self.repeated | other.repeated,
        )


_SAME_CONTENT: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key})
RETURN r.key AS key, r.updated_at = $at AS again, r.content_hash = row.content_hash AND r.removed_at IS NULL AS same
"""


async def write_records(
    graph: Graph, records: Sequence[SourceRecord], accepted_at: datetime | None = None
) -> WriteCounts:
    """Write full statements about records: attributes are replaced, identifiers no longer named are closed.

    One record per key; a record whose content hash is stored already is left alone. `accepted_at` (UTC,
    default now) is kept from the first write. Every record written is marked `:Pending`.
    """
    by_key = {record.key: record for record in records}
    at = utc_instant(accepted_at)
    rows = [{"key": key, "content_hash": by_key[key].content_hash} for key in sorted(by_key)]
    counts = WriteCounts.of(by_key, await graph.read(_SAME_CONTENT, rows=rows, at=at))
    if changed := sorted(counts.created | counts.updated):
        links = Links.of([by_key[key] for key in changed], graph.salt)
        updated = [row for row in links.rows if row["key"] in counts.updated]
        await graph.write(_WRITE, **links.parameters(), updated=updated, at=at)
    return counts


async def write_record(graph: Graph, record: SourceRecord, at: datetime) -> StoredRecord:
    """Write one full statement in one round trip, otherwise as `write_records`, and answer the record as stored."""
    links = Links.of([record], graph.salt)
    rows = await graph.write(_WRITE_ONE, **links.parameters(), updated=links.rows, at=at, key=record.key)
    return stored_record(rows[0]["record"])


_WRITTEN_SINCE: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key}) WHERE r.updated_at > row.since
RETURN DISTINCT r.key AS key
"""


async def written_since(graph: Graph, instants: Mapping[str, datetime]) -> frozenset[str]:
    """The keys of those records that were written after the instant given for each."""
    rows = [{"key": key, "since": instants[key].astimezone(UTC)} for key in sorted(instants)]
    return frozenset(str(row["key"]) for row in await graph.read(_WRITTEN_SINCE, rows=rows))


_NOTHING_NEW: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.key})
RETURN r.key AS key, r.updated_at = $at AS again, r.removed_at IS NULL AND size(row.identifiers) = COUNT {
  MATCH (r)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WHERE h.until IS NULL AND i.key IN row.identifiers
} AS same
"""


async def add_to_records(
    graph: Graph, records: Sequence[SourceRecord], accepted_at: datetime | None = None
) -> WriteCounts:
    """Write partial statements, such as an event makes about its user: they add and never take away.

    A new record is created whole; a known one gains attributes it has not and identifiers it does not hold.
    Otherwise as `write_records`.
    """
    by_key = {record.key: record for record in records}
    at = utc_instant(accepted_at)
    links = Links.of([by_key[key] for key in sorted(by_key)], graph.salt)
    wanted = [{"key": row["key"], "identifiers": row["identifiers"]} for row in links.rows]
    counts = WriteCounts.of(by_key, await graph.read(_NOTHING_NEW, rows=wanted, at=at))
    if changed := sorted(counts.created | counts.updated):
        links = Links.of([by_key[key] for key in changed], graph.salt)
        await graph.write(_ADD_ALL, **links.parameters(), at=at)
    return counts


_REMOVE: LiteralString = """
UNWIND $keys AS key
MATCH (r:SourceRecord {key: key}) WHERE r.removed_at IS NULL
SET r.removed_at = $at, r.updated_at = $at, r:Pending
WITH r
OPTIONAL MATCH (r)-[h:HAS_IDENTIFIER]->() WHERE h.until IS NULL
SET h.until = $at
RETURN DISTINCT r.key AS key
"""


async def remove_records(
    graph: Graph, tombstones: Sequence[Tombstone], removed_at: datetime | None = None
) -> WriteCounts:
    """Mark records as removed at their source and close their identifiers; resolve then takes them out.

    Records that are unknown or removed already count as unchanged.
    """
    keys = sorted({tombstone.key for tombstone in tombstones})
    if not keys:
        return WriteCounts()
    rows = await graph.write(_REMOVE, keys=keys, at=utc_instant(removed_at))
    removed = frozenset(str(row["key"]) for row in rows)
    return WriteCounts(updated=removed, unchanged=frozenset(keys) - removed)


_BLANK: LiteralString = (
    """
UNWIND $keys AS key
MATCH (r:SourceRecord {key: key}) WHERE NOT $outdated OR coalesce(r.cleaning, 0) < $cleaning
SET r = r {.key, .source, .record_id, .kind, .accepted_at, .carried_id, """
    + ", ".join(f".{column}" for column in BLOCK_COLUMNS)
    + """}, r.removed_at = $at, r.updated_at = $at, r:Pending
WITH r
OPTIONAL MATCH (r)-[h:HAS_IDENTIFIER]->() WHERE h.until IS NULL
SET h.until = $at
"""
)


async def blank_records(graph: Graph, keys: Sequence[str], *, outdated: bool = False) -> None:
    """Take away what partial statements have added to records, so that others can be added in their place.

    With `outdated` only of those that older rules cleaned. Until one is added a record counts as removed: let nobody
    resolve meanwhile (`graph.lease`).
    """
    at = datetime.now(UTC)
    await graph.write(_BLANK, keys=sorted(set(keys)), at=at, outdated=outdated, cleaning=CLEANING)


_OUTDATED: LiteralString = """
MATCH (r:SourceRecord {source: $source})
WHERE r.trait_times IS NOT NULL AND r.removed_at IS NULL AND coalesce(r.cleaning, 0) < $cleaning
RETURN r.key AS key ORDER BY key
"""


async def outdated_statements(graph: Graph, source: str) -> list[str]:
    """The keys of a source's records that clients stated bit by bit and older rules cleaned."""
    rows = await graph.read(_OUTDATED, source=source, cleaning=CLEANING)
    return [str(row["key"]) for row in rows]


# Records are locked first, in key order, then identifiers in key order: two writers never wait in a circle.
# A record that comes back after its removal was resolved is accepted anew: its old id may have been handed over.
# The block columns say what the record was compared under last; resolve renews them.
_REPLACE: LiteralString = (
    """
UNWIND $rows AS row
MERGE (r:SourceRecord {key: row.key})
WITH r, row, r.removed_at IS NOT NULL AND NOT r:Pending AS back
WHERE r.removed_at IS NOT NULL OR r.content_hash IS NULL OR r.content_hash <> row.properties.content_hash
WITH r, row, CASE WHEN back THEN $at ELSE coalesce(r.accepted_at, $at) END AS accepted_at,
  CASE WHEN NOT back THEN r.carried_id END AS carried_id, """
    + RECORD_NEWS
    + """ AS news, r {"""
    + ", ".join(f".{column}" for column in BLOCK_COLUMNS)
    + """} AS blocks
SET r = row.properties
SET r += blocks
SET r.accepted_at = accepted_at, r.carried_id = carried_id, r.updated_at = $at, r.news = news, r:Pending
"""
)

_ADD: LiteralString = (
    """
UNWIND $rows AS row
MERGE (r:SourceRecord {key: row.key})
WITH r, row, properties(r) AS known, r.removed_at IS NOT NULL AND NOT r:Pending AS back, """
    + RECORD_NEWS
    + """ AS news
SET r += row.properties
SET r += known
SET r.accepted_at = CASE WHEN back THEN $at ELSE coalesce(known.accepted_at, $at) END, r.updated_at = $at,
  r.carried_id = CASE WHEN NOT back THEN known.carried_id END, r.removed_at = null, r.news = news, r:Pending
"""
)

IDENTIFIERS: LiteralString = """
UNWIND $identifiers AS row
MERGE (i:Identifier {key: row.key})
ON CREATE SET i.kind = row.kind, i.value = row.value, i.state = 'linking'
"""

_CLOSE: LiteralString = """
UNWIND $updated AS row
MATCH (:SourceRecord {key: row.key})-[h:HAS_IDENTIFIER]->(i:Identifier)
WHERE h.until IS NULL AND NOT i.key IN row.identifiers
SET h.until = $at
"""

OPEN: LiteralString = """
UNWIND $pairs AS row
MATCH (r:SourceRecord {key: row.record})
MATCH (i:Identifier {key: row.identifier})
WHERE NOT EXISTS { MATCH (r)-[h:HAS_IDENTIFIER]->(i) WHERE h.until IS NULL }
CREATE (r)-[:HAS_IDENTIFIER {since: $at}]->(i)
"""

_WRITE: LiteralString = " ".join("CALL () {" + part + "}" for part in (_REPLACE, IDENTIFIERS, _CLOSE, OPEN))
_WRITE_ONE: LiteralString = _WRITE + " MATCH (r:SourceRecord {key: $key}) RETURN " + VIEW + " AS record"
_ADD_ALL: LiteralString = " ".join("CALL () {" + part + "}" for part in (_ADD, IDENTIFIERS, OPEN))


@dataclass(frozen=True, slots=True)
class Links:
    """A batch as parameters: record rows, identifier rows and their pairs, each sorted by key."""

    rows: list[dict[str, Any]]
    identifiers: list[dict[str, str]]
    pairs: list[dict[str, str]]

    def parameters(self) -> dict[str, Any]:
        """As a statement takes them."""
        return {"rows": self.rows, "identifiers": self.identifiers, "pairs": self.pairs}

    @classmethod
    def of(cls, records: Sequence[SourceRecord], salt: bytes) -> "Links":
        """Parameters of a batch of records that are sorted by key."""
        rows: list[dict[str, Any]] = []
        identifiers: dict[str, dict[str, str]] = {}
        pairs: list[dict[str, str]] = []
        for record in records:
            keys: list[str] = []
            for identifier in record.identifiers:
                key = identifier_key(identifier, salt)
                identifiers[key] = {"key": key, "kind": identifier.kind, "value": identifier.value}
                if key not in keys:
                    keys.append(key)
                    pairs.append({"record": record.key, "identifier": key})
            rows.append({"key": record.key, "identifiers": keys, "properties": _properties(record)})
        pairs.sort(key=lambda pair: (pair["identifier"], pair["record"]))
        return cls(rows, [identifiers[key] for key in sorted(identifiers)], pairs)


def _properties(record: SourceRecord) -> dict[str, Any]:
    times = record.trait_times
    return {
        **record.attributes,
        "key": record.key,
        "source": record.source,
        "record_id": record.record_id,
        "kind": record.kind.value,
        "observed_at": record.observed_at,
        "verified": list(record.verified) or None,
        "cleaning": CLEANING,
        "content_hash": record.content_hash,
        "raw": record.raw,
        "extra": dumps(dict(record.extra), option=OPT_SORT_KEYS).decode(),
        "trait_times": None if times is None else dumps(dict(times), option=OPT_SORT_KEYS).decode(),
    }


def utc_instant(moment: datetime | None) -> datetime:
    """The instant of a write in UTC, by default now."""
    return (moment or datetime.now(UTC)).astimezone(UTC)
