"""Writes what people consent to, and reads it back for profiles: each decision is kept with its identifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.due import RECORD_NEWS
from graph.facts import Consent
from graph.records import IDENTIFIERS
from graph.transactions import Graph
from graph.vocabulary import ConsentStatus

# Whose decision is new or another than before waits to be resolved, so that segments follow.
_WRITE: LiteralString = (
    """
UNWIND $consents AS row
MATCH (i:Identifier {key: row.identifier})
MERGE (c:Consent {key: row.key})
ON CREATE SET c.purpose = row.purpose, c.source = row.source, c.accepted_at = $at
WITH i, c, row WHERE c.status IS NULL OR c.status <> row.status
  OR coalesce(c.expires_at <> row.expires_at, (c.expires_at IS NULL) <> (row.expires_at IS NULL))
SET c.status = row.status, c.expires_at = row.expires_at, c.decided_at = coalesce(row.decided_at, $at)
MERGE (i)-[:HAS_CONSENT]->(c)
WITH i
MATCH (r:SourceRecord)-[h:HAS_IDENTIFIER]->(i) WHERE h.until IS NULL
SET r.news = """
    + RECORD_NEWS
    + """
SET r:Pending
"""
)
_WRITE_ALL: LiteralString = "CALL () {" + IDENTIFIERS + "} CALL () {" + _WRITE + "}"


async def write_consents(graph: Graph, consents: Sequence[Consent], at: datetime | None = None) -> None:
    """Write decisions; the same again changes nothing, of two under one key the last counts. A decision without an
    instant was made when it was first heard of (`at`, UTC, default now)."""
    by_key = {one.key: one for one in consents}
    if by_key:
        rows = sorted((_row(one) for one in by_key.values()), key=lambda row: (row["identifier"], row["key"]))
        held = {one.identifier_key: one.identifier for one in by_key.values()}
        identifiers = [{"key": key, "kind": held[key].kind, "value": held[key].value} for key in sorted(held)]
        now = (at or datetime.now(UTC)).astimezone(UTC)
        await graph.write(_WRITE_ALL, identifiers=identifiers, consents=rows, at=now)


def _row(one: Consent) -> dict[str, Any]:
    return {
        "key": one.key,
        "identifier": one.identifier_key,
        "purpose": one.purpose,
        "source": one.source,
        "status": one.status.value,
        "decided_at": one.decided_at and one.decided_at.astimezone(UTC),
        "expires_at": one.expires_at and one.expires_at.astimezone(UTC),
    }


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """A decision as stored, with the identifier that it was made by."""

    identifier_key: str
    identifier_kind: str
    identifier_value: str
    purpose: str
    status: ConsentStatus
    decided_at: datetime
    expires_at: datetime | None
    source: str


_OF_PROFILES: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WHERE m.until IS NULL AND h.until IS NULL
  WITH DISTINCT i
  MATCH (i)-[:HAS_CONSENT]->(c:Consent)
  RETURN i, c ORDER BY c.purpose, c.decided_at DESC, c.key LIMIT $limit
}
RETURN profile_id, i.key AS identifier_key, i.kind AS identifier_kind, i.value AS identifier_value, c {.*} AS consent
"""


async def read_consents(
    graph: Graph, profile_ids: Sequence[str], *, limit: int
) -> dict[str, list[StoredConsent]]:
    """The decisions made by the identifiers that each profile holds now: by purpose, the latest first."""
    rows = await graph.read(_OF_PROFILES, profile_ids=sorted(set(profile_ids)), limit=limit)
    consents: dict[str, list[StoredConsent]] = {}
    for row in rows:
        said = row["consent"]
        found = StoredConsent(
            identifier_key=row["identifier_key"],
            identifier_kind=row["identifier_kind"],
            identifier_value=row["identifier_value"],
            purpose=said["purpose"],
            status=ConsentStatus(said["status"]),
            decided_at=said["decided_at"],
            expires_at=said.get("expires_at"),
            source=said["source"],
        )
        consents.setdefault(row["profile_id"], []).append(found)
    return consents
