"""Counts what the metrics of the data are made of, page by page, and keeps what was measured: one value a day."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from graph.transactions import Graph
from graph.vocabulary import ATTRIBUTES

_RECORDS_AT_ONCE = 5_000
_PROFILES_AT_ONCE = 1_000
_VALUES_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class SourceCount:
    """Some records of one source: how many there are, hold each attribute (in the order of `ATTRIBUTES`) and hold a
    value that could not be used; the seconds from acceptance to the first profile, of those accepted lately."""

    source: str
    record_count: int
    filled: tuple[int, ...]
    problem_count: int
    seconds: tuple[int, ...]


_RECORDS: LiteralString = (
    """
MATCH (r:SourceRecord) WHERE r.key > $after
WITH r ORDER BY r.key LIMIT $size
WITH collect(r) AS page
UNWIND page AS r
WITH page[-1].key AS last, r, r.removed_at IS NULL AS there
OPTIONAL MATCH (r)-[m:RESOLVES_TO]->(:Profile)
WITH last, r, there, min(m.since) AS known_at
WITH last, r.source AS source, collect(CASE WHEN there THEN r END) AS records,
  collect(CASE WHEN there AND r.accepted_at > $since THEN duration.inSeconds(r.accepted_at, known_at).seconds END)
    AS seconds
CALL (records) {
  UNWIND records AS r
  RETURN ["""
    + ", ".join(f"count(r.{name})" for name in ATTRIBUTES)
    + """] AS filled, count(CASE WHEN r.extra CONTAINS '"problems":' THEN 1 END) AS problem_count
}
RETURN last, source, size(records) AS record_count, filled, problem_count, seconds ORDER BY source
"""
)


async def count_sources(graph: Graph, since: datetime) -> AsyncIterator[SourceCount]:
    """Counts of all records, a page at a time; `since` is from when on acceptance counts as lately."""
    after = ""
    while rows := await graph.read(_RECORDS, after=after, size=_RECORDS_AT_ONCE, since=since):
        after = rows[0]["last"]
        for row in rows:
            yield SourceCount(
                row["source"],
                row["record_count"],
                tuple(row["filled"]),
                row["problem_count"],
                tuple(row["seconds"]),
            )


@dataclass(frozen=True, slots=True)
class Activity:
    """What a profile did by one source: touchpoints in three windows that end now, a window ago and at the last
    purchase, purchases and what they brought; `record_count` records of the source, `seconds` from when it happened to
    its acceptance of what came lately. Without touchpoints `first_at` is None."""

    profile_id: str
    kind: str
    source: str
    record_count: int
    purchase_count: int = 0
    revenue: float = 0.0
    yearly_purchase_count: int = 0
    recent_count: int = 0
    recent_purchase_count: int = 0
    current_count: int = 0
    former_count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    seconds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Windows:
    """What counts as lately (`recent`: conversion, latency) and as still there (`current`: churn), counted back from
    `at` (UTC)."""

    at: datetime
    recent: timedelta = timedelta(days=30)
    current: timedelta = timedelta(days=90)


_ACTIVITIES: LiteralString = """
MATCH (p:Profile) WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $size
WITH collect(p) AS page
UNWIND page AS p
WITH page[-1].id AS last, p WHERE p.retired_at IS NULL OR p.id = last
OPTIONAL MATCH (p)<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
CALL (m, r) {
  MATCH (t:Touchpoint) WHERE t.record_key = r.key AND t.occurred_at <= $at
    AND CASE WHEN m.valid_from IS NULL THEN true ELSE t.occurred_at >= m.valid_from END
    AND CASE WHEN m.valid_until IS NULL THEN true ELSE t.occurred_at < m.valid_until END
  WITH t, t.occurred_at AS moment, t.revenue > 0 AS bought
  RETURN count(CASE WHEN bought THEN 1 END) AS purchases, sum(CASE WHEN bought THEN t.revenue END) AS revenue,
    count(CASE WHEN bought AND moment > $year THEN 1 END) AS yearly,
    count(CASE WHEN moment > $recent THEN 1 END) AS recent,
    count(CASE WHEN bought AND moment > $recent THEN 1 END) AS recently,
    count(CASE WHEN moment > $current THEN 1 END) AS current,
    count(CASE WHEN moment > $former AND moment <= $current THEN 1 END) AS former,
    min(moment) AS first_at, max(moment) AS last_at,
    collect(CASE WHEN t.accepted_at > $recent THEN duration.inSeconds(moment, t.accepted_at).seconds END)
      AS seconds
}
RETURN last, p.id AS profile_id, p.kind AS kind, r.source AS source, count(DISTINCT r) AS record_count,
  sum(purchases) AS purchase_count, sum(revenue) AS revenue, sum(yearly) AS yearly_purchase_count,
  sum(recent) AS recent_count, sum(recently) AS recent_purchase_count, sum(current) AS current_count,
  sum(former) AS former_count, min(first_at) AS first_at, max(last_at) AS last_at,
  reduce(all = [], one IN collect(seconds) | all + one) AS seconds
ORDER BY profile_id, source
"""


async def read_activities(graph: Graph, windows: Windows) -> AsyncIterator[Activity]:
    """What every profile did, a page of profiles at a time, by id and source; one without records is left out."""
    at, year = windows.at, timedelta(days=365)
    bounds = {
        "at": at,
        "year": at - year,
        "recent": at - windows.recent,
        "current": at - windows.current,
        "former": at - 2 * windows.current,
    }
    after = ""
    while rows := await graph.read(_ACTIVITIES, after=after, size=_PROFILES_AT_ONCE, **bounds):
        after = rows[0]["last"]
        for row in rows:
            if row["source"] is not None:
                said: dict[str, Any] = {name: value for name, value in row.items() if name != "last"}
                said["seconds"] = tuple(row["seconds"])
                yield Activity(**said)


@dataclass(frozen=True, slots=True)
class StoredMetric:
    """One value of a metric: of one source, or of all (None); `sample_count` is what it was computed over."""

    name: str
    source: str | None
    value: float
    sample_count: int
    measured_at: datetime


_KEEP: LiteralString = """
UNWIND $rows AS row
MERGE (m:Metric {key: row.key})
SET m += row
"""


async def keep_metrics(graph: Graph, metrics: Sequence[StoredMetric]) -> None:
    """Keep values; of one day the last is kept."""
    rows = [{"key": _key(one), **asdict(one)} for one in metrics]
    await graph.write(_KEEP, rows=sorted(rows, key=lambda row: row["key"]))


def _key(one: StoredMetric) -> str:
    return "|".join((one.name, one.source or "", one.measured_at.date().isoformat()))


_METRICS: LiteralString = """
MATCH (m:Metric) WHERE m.measured_at >= $since AND ($source IS NULL OR m.source = $source)
  AND ($source IS NOT NULL OR $every OR m.source IS NULL)
RETURN m {.*} AS metric ORDER BY m.measured_at DESC, m.name, m.source LIMIT $limit
"""


async def read_metrics(
    graph: Graph, since: datetime, source: str | None = None, *, every: bool = False
) -> list[StoredMetric]:
    """What was measured since, the latest first, at most 2,000 values: of one source, of all taken together, or of
    `every` source too."""
    rows = await graph.read(_METRICS, since=since, source=source, every=every, limit=_VALUES_KEPT)
    return [_stored(row["metric"]) for row in rows]


def _stored(row: dict[str, Any]) -> StoredMetric:
    return StoredMetric(row["name"], row.get("source"), row["value"], row["sample_count"], row["measured_at"])


_LATEST_DAY: LiteralString = "MATCH (m:Metric) RETURN max(m.measured_at) AS at"


async def last_measured(graph: Graph) -> date | None:
    """The day (UTC) on which metrics were measured last."""
    rows = await graph.read(_LATEST_DAY)
    return rows[0]["at"] and rows[0]["at"].date()
