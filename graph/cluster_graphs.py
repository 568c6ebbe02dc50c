"""Reads what a picture of a cluster shows beside its records: who else holds their identifiers, and what was judged."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import LiteralString

from graph.batches import batches
from graph.moments import LATEST
from graph.neighbourhood import Judgement
from graph.transactions import Graph
from graph.vocabulary import Verdict

_BATCH = 1000


Crowd = Mapping[str, str | None]
"""The live records that hold an identifier, sorted by key, each with the profile it is in (None: none yet)."""


_MEMBERS: LiteralString = """
MATCH (:Profile {id: $profile_id})<-[m:RESOLVES_TO]-(r:SourceRecord)
WHERE m.since <= $as_of AND coalesce(m.until > $as_of, true) AND m.valid_from IS NULL
WITH DISTINCT r ORDER BY r.accepted_at, r.key
WITH collect(r.key) AS keys
RETURN keys[..$limit] AS keys, size(keys) AS count
"""


async def oldest_members(
    graph: Graph, profile_id: str, *, limit: int, as_of: datetime = LATEST
) -> tuple[list[str], int]:
    """The keys of at most `limit` records of a profile as was believed at `as_of`, founder first, and how many it
    had; one that profiles share is of the earliest slice's."""
    row = (await graph.read(_MEMBERS, profile_id=profile_id, limit=limit, as_of=as_of.astimezone(UTC)))[0]
    return row["keys"], row["count"]


_CROWDS: LiteralString = """
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
CALL (i) {
  MATCH (i)<-[held:HAS_IDENTIFIER]-(r:SourceRecord) WHERE held.until IS NULL AND r.removed_at IS NULL
  WITH r LIMIT $limit
  OPTIONAL MATCH (r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL AND m.valid_from IS NULL
  RETURN collect([r.key, p.id]) AS homes
}
RETURN key, homes
"""


async def crowds_of(graph: Graph, identifier_keys: Collection[str], *, limit: int) -> dict[str, Crowd]:
    """Who holds these identifiers now, at most `limit` records each."""
    found: dict[str, Crowd] = {}
    for batch in batches(sorted(identifier_keys), _BATCH):
        for row in await graph.read(_CROWDS, keys=batch, limit=limit):
            found[row["key"]] = dict(sorted(row["homes"]))
    return found


_JUDGED: LiteralString = """
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) RETURN j UNION MATCH (j:Judgement {right: key}) RETURN j
}
WITH DISTINCT j WHERE j.until IS NULL AND j.left <> j.right
RETURN j.left AS left, j.right AS right, j.verdict AS verdict, coalesce(j.locked, false) AS locked
ORDER BY left, right
"""


async def judgements_naming(graph: Graph, record_keys: Collection[str]) -> list[Judgement]:
    """The standing judgements on two records, one of them in `record_keys`."""
    found: dict[tuple[str, str], Judgement] = {}
    for batch in batches(sorted(record_keys), _BATCH):
        for row in await graph.read(_JUDGED, keys=batch):
            one = Judgement(row["left"], row["right"], Verdict(row["verdict"]), row["locked"])
            found[one.pair] = one
    return [found[pair] for pair in sorted(found)]
