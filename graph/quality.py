"""Keeps what was measured of the quality of identities: one snapshot a day, with profile ids and no personal value."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, LiteralString

from graph.transactions import Graph

_DAYS_KEPT_IN_SIGHT = 1_000


@dataclass(frozen=True, slots=True)
class QualityDay:
    """The figures of one day: records and profiles of people and organisations, profiles of visitors, the model and
    the digest of the configuration that the graph was resolved under, and per check how many profiles it concerned
    (`checks`, parallel to `concerned`) and whether that was an alarm."""

    measured_at: datetime
    record_count: int
    profile_count: int
    visitor_count: int
    model: str | None
    configuration: str | None
    checks: tuple[str, ...]
    concerned: tuple[int, ...]
    alarms: tuple[bool, ...]


_KEEP: LiteralString = """
MERGE (q:QualitySnapshot {key: $key})
SET q += $figures, q.document = $document
"""


async def keep_snapshot(graph: Graph, day: QualityDay, document: str) -> None:
    """Keep a snapshot: its figures, and all of it as JSON text. Of one day the last is kept."""
    figures = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(day).items()}
    await graph.write(_KEEP, key=_key(day.measured_at), figures=figures, document=document)


def _key(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


_LATEST: LiteralString = """
MATCH (q:QualitySnapshot) WHERE q.measured_at IS NOT NULL
RETURN q.document AS document ORDER BY q.measured_at DESC LIMIT 1
"""


async def latest_snapshot(graph: Graph) -> str | None:
    """The snapshot that was taken last, as JSON text."""
    rows = await graph.read(_LATEST)
    return rows[0]["document"] if rows else None


_LATEST_DAY: LiteralString = """
MATCH (q:QualitySnapshot) WHERE q.profile_count > 0 RETURN max(q.measured_at) AS at
"""


async def last_snapshot_day(graph: Graph) -> date | None:
    """The day (UTC) of the last snapshot of a graph that had profiles: before a load there is nothing to see."""
    rows = await graph.read(_LATEST_DAY)
    return rows[0]["at"] and rows[0]["at"].date()


_DAYS: LiteralString = """
MATCH (q:QualitySnapshot) WHERE q.measured_at >= $since
RETURN q {.*, document: null} AS day ORDER BY q.measured_at DESC LIMIT $most
"""
_FIELDS = tuple(field.name for field in fields(QualityDay))


async def quality_days(graph: Graph, since: datetime) -> list[QualityDay]:
    """The figures of each day since, the earliest first, the last 1,000 of them."""
    rows = await graph.read(_DAYS, since=since.astimezone(UTC), most=_DAYS_KEPT_IN_SIGHT)
    return [_day(row["day"]) for row in reversed(rows)]


def _day(said: dict[str, Any]) -> QualityDay:
    values: dict[str, Any] = {name: said.get(name) for name in _FIELDS}
    for name in ("checks", "concerned", "alarms"):
        values[name] = tuple(values[name])
    return QualityDay(**values)
