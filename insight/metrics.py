"""The metrics of the data: each a named formula, over all sources and over one, kept for every day."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from graph.metrics import (
    Activity,
    SourceCount,
    StoredMetric,
    Windows,
    count_sources,
    keep_metrics,
    read_activities,
)
from graph.quarantine import count_quarantined_of_each
from graph.segments import list_segments
from graph.transactions import Graph
from graph.vocabulary import RecordKind

_DAYS_OF_A_YEAR = 365.25


class Metric(StrEnum):
    """What is measured of the data."""

    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    DUPLICATES = "duplicates"
    INTEGRATION_TIME = "integration_time"
    LATENCY = "latency"
    SEGMENT_COUNT = "segment_count"
    CONVERSION_RATE = "conversion_rate"
    CHURN_RATE = "churn_rate"
    CUSTOMER_LIFETIME_VALUE = "customer_lifetime_value"


@dataclass(frozen=True, slots=True)
class Formula:
    """How a metric is computed, and in what unit it is."""

    text: str
    unit: str


FORMULAS: Mapping[Metric, Formula] = MappingProxyType(
    {
        Metric.COMPLETENESS: Formula(
            "values that records hold / (records × attributes that any record of the source holds)", "share"
        ),
        Metric.ACCURACY: Formula(
            "records whose every value could be read / (records + rows in quarantine)", "share"
        ),
        Metric.DUPLICATES: Formula("1 - profiles / records, visitors left out", "share"),
        Metric.INTEGRATION_TIME: Formula(
            "median of (first in a profile - accepted) of the records accepted in the last 30 days", "seconds"
        ),
        Metric.LATENCY: Formula(
            "median of (accepted - occurred) of the touchpoints accepted in the last 30 days", "seconds"
        ),
        Metric.SEGMENT_COUNT: Formula("segments that hold somebody", "segments"),
        Metric.CONVERSION_RATE: Formula(
            "profiles with a purchase / profiles with a touchpoint, in the last 30 days", "share"
        ),
        Metric.CHURN_RATE: Formula(
            "profiles without a touchpoint in the last 90 days / profiles with one in the 90 days before",
            "share",
        ),
        Metric.CUSTOMER_LIFETIME_VALUE: Formula(
            "average purchase value × purchases a year of a buyer of the last year × mean years from first to last"
            " touchpoint of a buyer (at least 1)",
            "revenue",
        ),
    }
)
"""Each metric with its formula; a purchase is a touchpoint with a revenue above 0."""


@dataclass(slots=True)
class Sums:
    """What the formulas are fed with, of one source or of all."""

    records: int = 0
    filled: Counter[int] = field(default_factory=Counter[int])
    problems: int = 0
    quarantined: int = 0
    integration: Counter[int] = field(default_factory=Counter[int])
    people: int = 0
    people_records: int = 0
    latency: Counter[int] = field(default_factory=Counter[int])
    purchases: int = 0
    revenue: float = 0.0
    yearly_purchases: int = 0
    yearly_buyers: int = 0
    buyers: int = 0
    years: float = 0.0
    recent: int = 0
    converted: int = 0
    former: int = 0
    lost: int = 0

    def add_records(self, count: SourceCount) -> None:
        """Add some records of a source."""
        self.records += count.record_count
        self.filled.update(dict(enumerate(count.filled)))
        self.problems += count.problem_count
        self.integration.update(count.seconds)

    def add_activity(self, one: Activity) -> None:
        """Add what a profile did."""
        if one.kind != RecordKind.VISITOR:
            self.people += 1
            self.people_records += one.record_count
        self.latency.update(one.seconds)
        self.purchases += one.purchase_count
        self.revenue += one.revenue
        self.yearly_purchases += one.yearly_purchase_count
        self.yearly_buyers += one.yearly_purchase_count > 0
        if one.purchase_count and one.first_at and one.last_at:
            self.buyers += 1
            self.years += max(1.0, (one.last_at - one.first_at).days / _DAYS_OF_A_YEAR)
        self.recent += one.recent_count > 0
        self.converted += one.recent_purchase_count > 0
        self.former += one.former_count > 0
        self.lost += one.former_count > 0 and one.current_count == 0

    def values(self) -> Iterator[tuple[Metric, float, int]]:
        """The metrics that there is anything to compute from, with what they are computed over."""
        fillable = self.records * sum(count > 0 for count in self.filled.values())
        if fillable:
            yield Metric.COMPLETENESS, self.filled.total() / fillable, self.records
        if seen := self.records + self.quarantined:
            yield Metric.ACCURACY, (self.records - self.problems) / seen, seen
        if self.people_records:
            yield Metric.DUPLICATES, 1 - self.people / self.people_records, self.people_records
        for metric, seconds in ((Metric.INTEGRATION_TIME, self.integration), (Metric.LATENCY, self.latency)):
            if seconds:
                yield metric, median(seconds), seconds.total()
        if self.recent:
            yield Metric.CONVERSION_RATE, self.converted / self.recent, self.recent
        if self.former:
            yield Metric.CHURN_RATE, self.lost / self.former, self.former
        if self.yearly_buyers:
            value, frequency = self.revenue / self.purchases, self.yearly_purchases / self.yearly_buyers
            yield Metric.CUSTOMER_LIFETIME_VALUE, value * frequency * self.years / self.buyers, self.buyers


def median(counted: Counter[int]) -> float:
    """The lower median of values given with how often each occurs; at least one."""
    half, seen = (counted.total() + 1) // 2, 0
    for value in sorted(counted):
        seen += counted[value]
        if seen >= half:
            return float(value)
    raise ValueError("There is no median of nothing.")


def together(activities: list[Activity]) -> Activity:
    """What one profile did by several sources, taken together."""
    first = activities[0]
    firsts = [one.first_at for one in activities if one.first_at]
    lasts = [one.last_at for one in activities if one.last_at]
    return Activity(
        first.profile_id,
        first.kind,
        "",
        sum(one.record_count for one in activities),
        sum(one.purchase_count for one in activities),
        sum(one.revenue for one in activities),
        sum(one.yearly_purchase_count for one in activities),
        sum(one.recent_count for one in activities),
        sum(one.recent_purchase_count for one in activities),
        sum(one.current_count for one in activities),
        sum(one.former_count for one in activities),
        min(firsts, default=None),
        max(lasts, default=None),
        tuple(seconds for one in activities for seconds in one.seconds),
    )


async def measure(graph: Graph, at: datetime | None = None) -> list[StoredMetric]:
    """Measure the data, keep the values under their day (`at`, UTC, default now) and answer them.

    Reads all records and touchpoints, page by page: minutes for millions. Raises GraphError.
    """
    windows = Windows(at or datetime.now(UTC))
    sums: defaultdict[str | None, Sums] = defaultdict(Sums)
    async for count in count_sources(graph, windows.at - windows.recent):
        for source in (count.source, None):
            sums[source].add_records(count)
    for source, codes in (await count_quarantined_of_each(graph)).items():
        for one in (source, None):
            sums[one].quarantined += sum(codes.values())
    await _add_activities(graph, windows, sums)
    metrics = [
        StoredMetric(metric.value, source, value, sample, windows.at)
        for source, of_source in sums.items()
        for metric, value, sample in of_source.values()
    ]
    segments = [one for one in await list_segments(graph) if one.count]
    metrics.append(
        StoredMetric(Metric.SEGMENT_COUNT.value, None, float(len(segments)), len(segments), windows.at)
    )
    await keep_metrics(graph, metrics)
    return sorted(metrics, key=lambda one: (list(Metric).index(Metric(one.name)), one.source or ""))


async def _add_activities(graph: Graph, windows: Windows, sums: defaultdict[str | None, Sums]) -> None:
    mine: list[Activity] = []
    async for one in read_activities(graph, windows):
        if mine and mine[0].profile_id != one.profile_id:
            sums[None].add_activity(together(mine))
            mine = []
        mine.append(one)
        sums[one.source].add_activity(one)
    if mine:
        sums[None].add_activity(together(mine))
