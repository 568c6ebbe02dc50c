"""Keeps the questions that stewards have to answer, the most expensive first: each is about one pair of records."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.exposures import Exposure
from graph.transactions import Graph, Statement
from graph.triage import Triage, triage
from graph.vocabulary import ReviewKind

COUNTED = 10_000
"""So many reviews are counted at most, where they are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A question about two records, `left` < `right`: are they the same person, as they stand (in one profile of
    `profile_ids`, or in two)?

    `weight` is what speaks for it (log2 odds), `error` the probability that the present answer is wrong, `exposure`
    what hangs on the profiles and `exposure_cost` what that costs, `record_count` how many records the other answer
    moves at least. `unsure`: somebody looked and could not tell.
    """

    left: str
    right: str
    kind: ReviewKind
    reason: str | None
    weight: float
    error: float
    profile_ids: tuple[str, ...]
    exposure: Exposure
    exposure_cost: float
    record_count: int
    unsure: bool = False

    @property
    def key(self) -> str:
        """Unique key: that of the judgement that answers it."""
        return f"{self.left}|{self.right}"

    @property
    def expected_cost(self) -> float:
        """What the present answer may be expected to cost: the probability of error times what it touches."""
        return self.error * (1 + self.exposure_cost + self.record_count)

    @property
    def rank(self) -> float:
        """Its place in the queue, largest first: the expected cost; what nobody could answer comes after all others."""
        return -1 / (1 + self.expected_cost) if self.unsure else self.expected_cost


@dataclass(frozen=True, slots=True)
class AskedReview:
    """A review in the queue: its stored `rank` and `sources`, since when it is asked, and who takes care of it."""

    review: Review
    rank: float
    sources: tuple[str, ...]
    asked_at: datetime
    triage: Triage


_DROP: LiteralString = """
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Review {profile_id: id}) RETURN v UNION MATCH (v:Review {other_id: id}) RETURN v
}
WITH DISTINCT v WHERE NOT v.key IN $kept
DELETE v
"""

# What was judged while it was being asked is no question any more.
_ASK: LiteralString = """
UNWIND $rows AS row
MATCH (l:SourceRecord {key: row.left}) MATCH (r:SourceRecord {key: row.right})
WHERE NOT EXISTS { MATCH (j:Judgement {standing: row.key}) WHERE j.verdict <> 'UNSURE' }
MERGE (v:Review {key: row.key})
WITH v, row, l, r, coalesce(v.asked_at, $at) AS asked_at
SET v = row, v.asked_at = asked_at,
  v.sources = CASE WHEN l.source = r.source THEN [l.source] ELSE [l.source, r.source] END
"""


def writing(profile_ids: Iterable[str], reviews: Sequence[Review], at: datetime) -> list[Statement]:
    """The statements that make `reviews` all that is asked about the profiles; who takes care of them stays."""
    rows = sorted((_row(one) for one in reviews), key=lambda row: row["key"])
    kept = [row["key"] for row in rows]
    drop = Statement(_DROP, {"ids": sorted(profile_ids), "kept": kept})
    return [drop, Statement(_ASK, {"rows": rows, "at": at.astimezone(UTC)})]


def _row(one: Review) -> dict[str, Any]:
    return {
        "key": one.key,
        "left": one.left,
        "right": one.right,
        "kind": one.kind.value,
        "reason": one.reason,
        "weight": one.weight,
        "error": one.error,
        "profile_id": one.profile_ids[0],
        "other_id": one.profile_ids[1] if len(one.profile_ids) > 1 else None,
        "segments": one.exposure.segments,
        "consents": one.exposure.consents,
        "purchases": one.exposure.purchases,
        "revenue": one.exposure.revenue,
        "exposure_cost": one.exposure_cost,
        "record_count": one.record_count,
        "unsure": one.unsure,
        "rank": one.rank,
    }


_ANY: LiteralString = """
MATCH (v:Review) WHERE v.rank <= $rank
OPTIONAL MATCH (t:Triage {key: v.key})
"""
# Collected, because the planner would start at the reviews, of which there are many more.
_OF: LiteralString = """
MATCH (t:Triage {assigned_to: $assigned_to}) WITH collect(t) AS found
UNWIND found AS t MATCH (v:Review {key: t.key})
"""
_SNOOZED: LiteralString = """
MATCH (t:Triage) WHERE t.snoozed_until > $at WITH collect(t) AS found
UNWIND found AS t MATCH (v:Review {key: t.key})
"""
_CHOSEN: LiteralString = """
WITH v, t WHERE (v.rank < $rank OR (v.rank = $rank AND v.key > $key))
  AND ($kinds IS NULL OR v.kind IN $kinds) AND ($source IS NULL OR $source IN v.sources)
  AND ($assigned_to IS NULL OR t.assigned_to = $assigned_to)
  AND coalesce(t.snoozed_until > $at, false) = $snoozed
RETURN v {.*} AS review, t {.*} AS triage ORDER BY v.rank DESC, v.key LIMIT $size
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which reviews: of these kinds, with a record of this source, assigned to somebody; those that are snoozed at
    `at` (UTC), or those that are not."""

    at: datetime
    kinds: Collection[ReviewKind] | None = None
    source: str | None = None
    assigned_to: str | None = None
    snoozed: bool = False


FIRST_PLACE = (float(2**1000), "")
"""Before the first review of any queue."""


async def read_reviews(
    graph: Graph, choice: Choice, *, size: int, after: tuple[float, str] = FIRST_PLACE
) -> list[AskedReview]:
    """One page of the queue: those after the place (rank, key)."""
    begin: LiteralString = _OF if choice.assigned_to is not None else _SNOOZED if choice.snoozed else _ANY
    rows = await graph.read(
        begin + _CHOSEN,
        rank=after[0],
        key=after[1],
        at=choice.at.astimezone(UTC),
        kinds=None if choice.kinds is None else sorted(kind.value for kind in choice.kinds),
        source=choice.source,
        assigned_to=choice.assigned_to,
        snoozed=choice.snoozed,
        size=size,
    )
    return [asked_review(row) for row in rows]


_FIND: LiteralString = """
UNWIND $keys AS key
MATCH (v:Review {key: key})
OPTIONAL MATCH (t:Triage {key: key})
RETURN v {.*} AS review, t {.*} AS triage ORDER BY key
"""


async def find_reviews(graph: Graph, keys: Collection[str]) -> dict[str, AskedReview]:
    """The reviews with these keys, as far as they are asked."""
    rows = await graph.read(_FIND, keys=sorted(set(keys)))
    return {row["review"]["key"]: asked_review(row) for row in rows}


def asked_review(row: Mapping[str, Any]) -> AskedReview:
    """A row of `review` and `triage`, both property maps, the second perhaps null."""
    said = row["review"]
    review = Review(
        left=said["left"],
        right=said["right"],
        kind=ReviewKind(said["kind"]),
        reason=said.get("reason"),
        weight=said["weight"],
        error=said["error"],
        profile_ids=tuple(one for one in (said["profile_id"], said.get("other_id")) if one),
        exposure=Exposure(said["segments"], said["consents"], said["purchases"], said["revenue"]),
        exposure_cost=said["exposure_cost"],
        record_count=said["record_count"],
        unsure=said["unsure"],
    )
    return AskedReview(
        review, said["rank"], tuple(said["sources"]), said["asked_at"], triage(row["triage"] or {})
    )


_COUNTS: LiteralString = """
UNWIND $kinds AS kind
CALL (kind) { MATCH (v:Review {kind: kind}) WITH v LIMIT $most RETURN count(v) AS count }
RETURN kind, count
"""


async def count_reviews(graph: Graph) -> dict[ReviewKind, int]:
    """How many reviews of each kind there are, up to `COUNTED` of each."""
    kinds = [kind.value for kind in ReviewKind]
    rows = await graph.read(_COUNTS, kinds=kinds, most=COUNTED)
    return {ReviewKind(row["kind"]): row["count"] for row in rows}
