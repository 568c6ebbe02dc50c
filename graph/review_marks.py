"""Marks the profiles about which stewards may have other questions to answer, and says whose turn it is."""

from collections.abc import Iterable
from typing import LiteralString

from graph.batches import batches
from graph.transactions import Graph, Statement

_BATCH = 5_000

MARK_ASKED: LiteralString = """
UNWIND $asked AS key
MATCH (:SourceRecord {key: key})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
WITH DISTINCT p ORDER BY p.id
SET p:ReviewDue
"""
"""Marks the profiles of the records `$asked`: what speaks for or against them is another than before."""

MARK_RESTATED: LiteralString = """
UNWIND $states AS row
MATCH (:Identifier {key: row.key})<-[h:HAS_IDENTIFIER]-(:SourceRecord)-[m:RESOLVES_TO]->(p:Profile)
WHERE h.until IS NULL AND m.until IS NULL
WITH DISTINCT p ORDER BY p.id
SET p:ReviewDue
"""
"""Marks the profiles that hold identifiers whose state changes (`$states`): they tie their records no more, or anew."""


def marking(keys: Iterable[str]) -> Statement:
    """The statement that marks the profiles of some records."""
    return Statement(MARK_ASKED, {"asked": sorted(set(keys))})


# Two labels, so that a mark set while the profile is looked at is not lost; what a crash left behind is taken up again.
_CLAIM: LiteralString = """
CALL () {
  MATCH (p:ReviewDue) WITH p LIMIT $most
  WITH p ORDER BY p.id
  SET p:Reviewing REMOVE p:ReviewDue
}
MATCH (p:Reviewing) RETURN p.id AS id ORDER BY id
"""


async def claim(graph: Graph, most: int) -> list[str]:
    """Take the marks off at most `most` profiles and answer their ids, and those that an earlier claim did not finish.

    To be called while holding the lease `review`.
    """
    return [row["id"] for row in await graph.write(_CLAIM, most=most)]


_FINISH: LiteralString = "UNWIND $ids AS id MATCH (p:Profile {id: id}) REMOVE p:Reviewing"


def finishing(ids: Iterable[str]) -> Statement:
    """The statement that ends the claim on profiles, in the transaction that writes what was found of them."""
    return Statement(_FINISH, {"ids": sorted(ids)})


_WAITING: LiteralString = "RETURN COUNT { MATCH (:ReviewDue) } + COUNT { MATCH (:Reviewing) } AS waiting"


async def count_waiting(graph: Graph) -> int:
    """How many profiles have yet to be looked at."""
    return (await graph.read(_WAITING))[0]["waiting"]


_STAMP: LiteralString = "MATCH (n:Installation {id: 'onefold'}) RETURN n.reviewed_by AS digest"
_IDS: LiteralString = "MATCH (p:Profile) RETURN p.id AS id"
_MARK: LiteralString = "UNWIND $ids AS id MATCH (p:Profile {id: id}) SET p:ReviewDue"
_SET_STAMP: LiteralString = "MATCH (n:Installation {id: 'onefold'}) SET n.reviewed_by = $digest"


async def mark_all_under(graph: Graph, digest: str) -> None:
    """Mark every profile, unless all were marked under this digest of the settings before."""
    rows = await graph.read(_STAMP)
    if not rows or rows[0]["digest"] != digest:
        ids = sorted([row["id"] async for row in graph.stream(_IDS)])
        for batch in batches(ids, _BATCH):
            await graph.write(_MARK, ids=batch)
        await graph.write(_SET_STAMP, digest=digest)
