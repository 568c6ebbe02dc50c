"""Locks: which profiles only stewards change, since when and by whose word."""

from collections.abc import Sequence
from typing import LiteralString

from graph.judgements import StoredJudgement, stored_judgement
from graph.transactions import Graph

# A lock is judgements on the records of a profile: it holds as long as one of its records is named by one that stands.
_LOCKS: LiteralString = """
UNWIND $profile_ids AS profile_id
CALL (profile_id) {
  MATCH (:Profile {id: profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  CALL (r) {
    MATCH (j:Judgement {left: r.key}) RETURN j UNION MATCH (j:Judgement {right: r.key}) RETURN j
  }
  WITH j WHERE j.locked AND j.until IS NULL
  RETURN j ORDER BY j.at DESC, j.id LIMIT 1
}
RETURN profile_id, j {.*} AS judgement
"""


async def read_locks(graph: Graph, profile_ids: Sequence[str]) -> dict[str, StoredJudgement]:
    """The newest locking judgement of each profile that is locked."""
    rows = await graph.read(_LOCKS, profile_ids=sorted(set(profile_ids)))
    return {row["profile_id"]: stored_judgement(row["judgement"]) for row in rows}
