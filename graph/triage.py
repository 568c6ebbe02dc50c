"""Keeps who takes care of a review and until when it rests: facts of their own, which outlive the review."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class Triage:
    """Who takes care of a review, who said so and when; until when it rests, and who let it. Instants are UTC."""

    assigned_to: str | None = None
    assigned_by: str | None = None
    assigned_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None


def triage(properties: Mapping[str, Any]) -> Triage:
    """The triage of a node's property map, none for an empty one."""
    return Triage(**{name: properties.get(name) for name in Triage.__slots__})


_ASSIGN: LiteralString = """
UNWIND $keys AS key
MATCH (:Review {key: key})
MERGE (t:Triage {key: key})
SET t.assigned_to = $to, t.assigned_by = $by, t.assigned_at = $at
RETURN key
"""


async def assign(graph: Graph, keys: Collection[str], to: str | None, by: str) -> set[str]:
    """Let `to` take care of reviews, or nobody; answers the keys of those that are still asked."""
    rows = await graph.write(_ASSIGN, keys=sorted(set(keys)), to=to, by=by, at=datetime.now(UTC))
    return {row["key"] for row in rows}


_SNOOZE: LiteralString = """
UNWIND $keys AS key
MATCH (:Review {key: key})
MERGE (t:Triage {key: key})
SET t.snoozed_until = $until, t.snoozed_by = $by
RETURN key
"""


async def snooze(graph: Graph, keys: Collection[str], until: datetime | None, by: str) -> set[str]:
    """Let reviews rest until an instant, or wake them (None); answers the keys of those that are still asked."""
    rows = await graph.write(_SNOOZE, keys=sorted(set(keys)), until=until and until.astimezone(UTC), by=by)
    return {row["key"] for row in rows}


_COUNT: LiteralString = """
CALL () {
  MATCH (t:Triage {assigned_to: $author}) WITH collect(t) AS found
  UNWIND found AS t MATCH (v:Review {key: t.key})
  WITH t LIMIT $most
  RETURN count(t) AS mine
}
CALL () {
  MATCH (t:Triage) WHERE t.snoozed_until > $at WITH collect(t) AS found
  UNWIND found AS t MATCH (v:Review {key: t.key})
  WITH t LIMIT $most
  RETURN count(t) AS snoozed
}
RETURN mine, snoozed
"""


async def count_triaged(graph: Graph, author: str, at: datetime, *, most: int) -> tuple[int, int]:
    """How many reviews are assigned to `author`, and how many rest at `at` (UTC), up to `most` of each."""
    row = (await graph.read(_COUNT, author=author, at=at, most=most))[0]
    return row["mine"], row["snoozed"]
