"""Decisions of stewards: the judgements that were given or ended together, by whom and why."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

from graph.batches import batches
from graph.judgements import StoredJudgement, stored_judgement
from graph.review_marks import marking as marking_reviews
from graph.transactions import Graph, Statement
from graph.vocabulary import DecisionKind

_BATCH = 5000


def decision_id(at: datetime) -> str:
    """A new id; ids sort by age."""
    return f"{_instant(at)}{secrets.token_hex(6)}"


def _instant(at: datetime) -> str:
    return f"{max(0, int(at.timestamp() * 1000)):012x}"


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a steward; `undoes` is the decision that it takes back, `undone_by` the one that took it back.

    `approved_by` is the second person, where one was needed; `profile_ids` are the profiles that it changed and
    `moved` how many records changed their profile (both unknown, and so empty, of judgements loaded from a file).
    `pinned` and `unpinned` are the ids of the pins that it set and ended.
    """

    id: str
    kind: DecisionKind
    author: str
    reason: str
    at: datetime
    undoes: str | None = None
    undone_by: str | None = None
    approved_by: str | None = None
    profile_ids: tuple[str, ...] = ()
    moved: int = 0
    pinned: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()


_LISTS = ("profile_ids", "pinned", "unpinned")

_DECIDE: LiteralString = """
MERGE (d:Decision {id: $row.id}) SET d += $row
WITH d MATCH (undone:Decision {id: $row.undoes}) SET undone.undone_by = d.id
"""
_END: LiteralString = """
UNWIND $ids AS id
MATCH (j:Judgement {id: id}) WHERE j.until IS NULL
SET j.until = $at, j.superseded_by = $decision_id
REMOVE j.standing
WITH j UNWIND [j.left, j.right] AS key
MATCH (:SourceRecord {key: key})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
WITH DISTINCT p ORDER BY p.id
SET p:ReviewDue
"""
# The question is answered; what is judged UNSURE is soon asked again, after all others.
_GIVE: LiteralString = """
UNWIND $rows AS row
MERGE (j:Judgement {id: row.id}) SET j = row
WITH row MATCH (v:Review {key: row.standing}) DELETE v
"""
_MARK: LiteralString = """
UNWIND $keys AS key
MATCH (r:SourceRecord {key: key})
SET r:Pending, r.updated_at = $at
"""


def recording(
    decision: Decision, given: Sequence[StoredJudgement], ended: Collection[str]
) -> Iterator[Statement]:
    """The statements that write a decision: the judgements it gives, and the ids of those it ends."""
    row = {**asdict(decision), "kind": decision.kind.value} | {
        name: list(getattr(decision, name)) for name in _LISTS
    }
    yield Statement(_DECIDE, {"row": row})
    for batch in batches(sorted(ended), _BATCH):
        yield Statement(_END, {"ids": batch, "at": decision.at, "decision_id": decision.id})
    for part in batches(sorted(given, key=lambda one: one.pair), _BATCH):
        yield Statement(_GIVE, {"rows": [_row(one) for one in part]})
        yield marking_reviews(key for one in part for key in one.pair)


def marking(keys: Collection[str], at: datetime) -> Iterator[Statement]:
    """The statements that mark records pending, because what is judged of them changed."""
    for batch in batches(sorted(keys), _BATCH):
        yield Statement(_MARK, {"keys": batch, "at": at})


def _row(one: StoredJudgement) -> dict[str, Any]:
    """`standing` is unique in the graph: of one pair one judgement stands."""
    return {**asdict(one), "verdict": one.verdict.value, "standing": f"{one.left}|{one.right}"}


_KNOWN: LiteralString = "UNWIND $keys AS key MATCH (r:SourceRecord {key: key}) RETURN r.key AS key"


async def known_records(graph: Graph, keys: Collection[str]) -> set[str]:
    """Those of `keys` that a source record has."""
    found: set[str] = set()
    for batch in batches(sorted(keys), _BATCH):
        found.update(row["key"] for row in await graph.read(_KNOWN, keys=batch))
    return found


_READ: LiteralString = "MATCH (d:Decision {id: $id}) RETURN d {.*} AS decision"


async def read_decision(graph: Graph, decision_id: str) -> Decision | None:
    """The decision with this id."""
    rows = await graph.read(_READ, id=decision_id)
    return _decision(rows[0]["decision"]) if rows else None


_GIVEN: LiteralString = "MATCH (j:Judgement {decision_id: $id}) RETURN j {.*} AS judgement ORDER BY j.id"
_ENDED: LiteralString = "MATCH (j:Judgement {superseded_by: $id}) RETURN j {.*} AS judgement ORDER BY j.id"


async def judgements_of(
    graph: Graph, decision_id: str
) -> tuple[list[StoredJudgement], list[StoredJudgement]]:
    """The judgements that a decision gave, and those that it ended, standing or not."""
    given = await graph.read(_GIVEN, id=decision_id)
    ended = await graph.read(_ENDED, id=decision_id)
    return (
        [stored_judgement(row["judgement"]) for row in given],
        [stored_judgement(row["judgement"]) for row in ended],
    )


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions are meant: those about a record of `keys`, of an author, of a kind, at or after an instant (UTC);
    None: all."""

    keys: Collection[str] | None = None
    author: str | None = None
    kind: DecisionKind | None = None
    since: datetime | None = None


_OF_AUTHOR: LiteralString = " AND d.author = $author"
_OF_KIND: LiteralString = " AND d.kind = $kind"
_PAGE: LiteralString = "MATCH (d:Decision) WHERE d.id < $before AND d.id >= $since"
_PAGE_OF: LiteralString = """
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement {left: key}) RETURN j UNION MATCH (j:Judgement {right: key}) RETURN j
}
UNWIND [j.decision_id, j.superseded_by] AS id
WITH DISTINCT id
MATCH (d:Decision {id: id}) WHERE d.id < $before AND d.id >= $since"""
_SHOWN: LiteralString = " RETURN d {.*} AS decision ORDER BY "
_BY_AUTHOR: LiteralString = "d.author DESC, "  # the order of its index: a page reads no more than itself
_BY_KIND: LiteralString = "d.kind DESC, "
_NEWEST: LiteralString = "d.id DESC LIMIT $size"
_LAST = "\uffff"


async def read_decisions(
    graph: Graph, wanted: DecisionFilter, *, size: int, before: str = ""
) -> list[Decision]:
    """One page of the decisions that are meant, newest first, those before the id `before`."""
    start = _PAGE if wanted.keys is None else _PAGE_OF
    author = "" if wanted.author is None else _OF_AUTHOR
    kind = "" if wanted.kind is None else _OF_KIND
    first = _BY_AUTHOR if author else _BY_KIND if kind else ""
    rows = await graph.read(
        start + author + kind + _SHOWN + first + _NEWEST,
        keys=sorted(wanted.keys or ()),
        author=wanted.author,
        kind=wanted.kind,
        since="" if wanted.since is None else _instant(wanted.since),
        size=size,
        before=before or _LAST,
    )
    return [_decision(row["decision"]) for row in rows]


def _decision(properties: Mapping[str, Any]) -> Decision:
    known = dict(properties)
    kind = DecisionKind(known.pop("kind"))
    lists = {name: tuple(known.pop(name, ())) for name in _LISTS}
    return Decision(kind=kind, **lists, **known)
