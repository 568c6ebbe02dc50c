"""Finds the profiles behind one identifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.moments import EARLIEST
from graph.profiles import StoredProfile, stored_profile
from graph.transactions import Graph
from graph.vocabulary import IdentifierState


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds an identifier: its state and why, its profiles by id (some of many), its records not resolved yet.

    Where people take turns on a device (`divided`), the profile that has it last comes first.
    """

    state: IdentifierState
    reason: str | None
    profiles: tuple[StoredProfile, ...]
    profile_count: int
    pending_count: int
    divided: bool = False


_HOLDERS: LiteralString = """
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
OPTIONAL MATCH (i)<-[h:HAS_IDENTIFIER]-(r:SourceRecord) WHERE h.until IS NULL
OPTIONAL MATCH (r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
WITH i, p, count(CASE WHEN r IS NOT NULL AND p IS NULL THEN 1 END) AS pending,
  max(coalesce(m.valid_from, $ever)) AS latest, count(coalesce(m.valid_from, m.valid_until)) > 0 AS sliced
ORDER BY sliced AND p.kind <> 'VISITOR' DESC, latest DESC, p.id
WITH i, collect(p) AS profiles, sum(pending) AS pending_count, any(one IN collect(sliced) WHERE one) AS divided
RETURN i.key AS key, i.state AS state, i.reason AS reason, pending_count, divided,
       size(profiles) AS profile_count, [p IN profiles[..$limit] | p {.*}] AS profiles
"""


async def find_holders(graph: Graph, keys: Sequence[str], *, limit: int) -> dict[str, Holders]:
    """The holders of the identifiers with these keys; keys that no record ever had are absent."""
    rows = await graph.read(_HOLDERS, keys=sorted(set(keys)), limit=limit, ever=EARLIEST)
    return {row["key"]: _holders(row) for row in rows}


def _holders(row: Mapping[str, Any]) -> Holders:
    return Holders(
        state=IdentifierState(row["state"]),
        reason=row["reason"],
        profiles=tuple(stored_profile(properties) for properties in row["profiles"]),
        profile_count=row["profile_count"],
        pending_count=row["pending_count"],
        divided=row["divided"],
    )
