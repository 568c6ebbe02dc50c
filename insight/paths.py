"""Paths: what people do one after the other, the most common sequences and what comes next, from the columnar copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.moments import EARLIEST, LATEST
from insight.analysis import Analysis

LONGEST_PATH = 20


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """Which paths: the first `length` types of each session that begins within [`since`, `until`).

    With `first_type` a path begins at that type's first touchpoint in the session, and sessions without one do not
    count; with `last_type` it ends at the first of that type, and its last `length` types are told. `collapsed` tells a
    type that is repeated in a row once.
    """

    length: int = 5
    first_type: str | None = None
    last_type: str | None = None
    collapsed: bool = True
    since: datetime = EARLIEST
    until: datetime = LATEST


@dataclass(frozen=True, slots=True)
class Path:
    """One sequence of types: in how many sessions and of how many profiles, and its share of the sessions asked of."""

    types: tuple[str, ...]
    sessions: int
    profiles: int
    share: float


@dataclass(frozen=True, slots=True)
class Transition:
    """What comes after a type in a session, None for its end: how often, and with which probability."""

    after: str
    next: str | None
    count: int
    probability: float


_PATHS = """
WITH visits AS (
    SELECT profile_id, session, min(place) AS first_place, max(place) AS last_place, min(moment) AS begun,
        min(place) FILTER (type = $first_type) AS first_of_type, min(place) FILTER (type = $last_type) AS last_of_type
    FROM journeys GROUP BY profile_id, session
), chosen AS (
    SELECT profile_id, session, coalesce(first_of_type, first_place) AS low, coalesce(last_of_type, last_place) AS high
    FROM visits
    WHERE begun >= $since AND begun < $until AND ($first_type IS NULL OR first_of_type IS NOT NULL)
        AND ($last_type IS NULL OR last_of_type IS NOT NULL)
        AND coalesce(first_of_type, first_place) <= coalesce(last_of_type, last_place)
), walked AS (
    SELECT profile_id, session, list(type ORDER BY place) AS types
    FROM journeys JOIN chosen USING (profile_id, session)
    WHERE place BETWEEN low AND high AND NOT ($collapsed AND repeated AND place > low)
    GROUP BY profile_id, session
), cut AS (
    SELECT profile_id, CASE WHEN $last_type IS NULL THEN types[:$length] ELSE types[-$length:] END AS types FROM walked
)
SELECT types, count(*) AS sessions, count(DISTINCT profile_id), count(*) / sum(count(*)) OVER ()
FROM cut GROUP BY types ORDER BY sessions DESC, types LIMIT $most
"""


async def common_paths(
    analysis: Analysis, question: PathQuestion, most: int = 20
) -> tuple[list[Path], datetime]:
    """The most common paths, the most common first, and up to when the graph had been copied."""
    answer = await analysis.ask(
        _PATHS,
        {
            "first_type": question.first_type,
            "last_type": question.last_type,
            "collapsed": question.collapsed,
            "length": question.length,
            "since": question.since.astimezone(UTC).replace(tzinfo=None),
            "until": question.until.astimezone(UTC).replace(tzinfo=None),
            "most": most,
        },
    )
    return [Path(tuple(types), *counts) for types, *counts in answer.rows], answer.copied_at


_TRANSITIONS = """
SELECT type, following, count(*) AS number, count(*) / sum(count(*)) OVER (PARTITION BY type)
FROM journeys WHERE $types IS NULL OR list_contains($types, type)
GROUP BY type, following ORDER BY type, number DESC, following NULLS LAST
"""


async def transitions(
    analysis: Analysis, types: list[str] | None = None
) -> tuple[list[Transition], datetime]:
    """What comes after each type, or after some, in the sessions of everybody: by type, the most probable first."""
    parameters: Mapping[str, Any] = {"types": types}
    answer = await analysis.ask(_TRANSITIONS, parameters)
    return [Transition(*row) for row in answer.rows], answer.copied_at
