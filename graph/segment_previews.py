"""Asks who would be in a segment, and why, without writing anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.profiles import StoredProfile, stored_profile
from graph.segments import Membership
from graph.transactions import Graph

_BEFORE: LiteralString = "MATCH (p:Profile) WHERE p.retired_at IS NULL AND p.kind IN $kinds"
_COUNT: LiteralString = " RETURN count(p) AS count"
_SAMPLE: LiteralString = " RETURN p {.*} AS profile LIMIT $size"


async def preview(graph: Graph, membership: Membership, size: int) -> tuple[int, int, list[StoredProfile]]:
    """How many profiles a segment would hold, out of how many of its kinds, and some of them."""
    of, fits = _BEFORE, _BEFORE + " AND (" + membership.condition + ")"
    parameters = membership.parameters()
    total, found, sample = await asyncio.gather(
        graph.read(of + _COUNT, kinds=parameters["kinds"]),
        graph.read(fits + _COUNT, **parameters),
        graph.read(fits + _SAMPLE, **parameters, size=size),
    )
    return found[0]["count"], total[0]["count"], [stored_profile(row["profile"]) for row in sample]


@dataclass(frozen=True, slots=True)
class Asked:
    """A clause as it is asked about the profile `p`: whether it holds, and what it looks at, as Cypher expressions."""

    holds: LiteralString
    value: LiteralString


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether a clause holds for a profile, and the values it looked at."""

    holds: bool
    value: dict[str, Any]


_ABOUT: LiteralString = """
MATCH (p:Profile {id: $profile_id})
RETURN p.retired_at IS NULL AND p.kind IN $kinds AS fits, ["""
_ABOUT_END: LiteralString = "] AS clauses"


async def ask(
    graph: Graph, profile_id: str, clauses: Sequence[Asked], kinds: Sequence[str], values: dict[str, Any]
) -> tuple[bool, list[Answered]] | None:
    """Whether a profile is current and of one of the kinds, and each clause's answer; None for an unknown id."""
    asked: LiteralString = ", ".join(
        ["{holds: " + one.holds + ", value: " + one.value + "}" for one in clauses]
    )
    query = _ABOUT + asked + _ABOUT_END
    rows = await graph.read(query, profile_id=profile_id, kinds=sorted(kinds), **values)
    if not rows:
        return None
    return rows[0]["fits"], [Answered(row["holds"], row["value"]) for row in rows[0]["clauses"]]
