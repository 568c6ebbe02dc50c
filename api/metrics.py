"""Metrics of the data in GraphQL: what each is, its value now, and how it went."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import strawberry

from api.context import Info
from api.moments import in_utc
from graph.metrics import StoredMetric, read_metrics
from insight.metrics import FORMULAS
from insight.metrics import Metric as Name

_DAYS = 30

strawberry.enum(Name, name="MetricName", description="What is measured of the data.")


@strawberry.type(description="What a metric was at a time.")
class MetricValue:
    value: float = strawberry.field(description="The value, in the unit of the metric.")
    sample_count: int = strawberry.field(
        description="How many records, profiles or rows it is computed over."
    )
    measured_at: datetime = strawberry.field(description="When, UTC; of one day the last is kept.")


@strawberry.type(description="A metric of the data, over all sources or of one.")
class Metric:
    name: Name = strawberry.field(description="What is measured.")
    source: str | None = strawberry.field(description="The source; none: over all.")
    formula: str = strawberry.field(description="How it is computed.")
    unit: str = strawberry.field(description="Its unit: share (0 to 1), seconds, segments or revenue.")
    latest: MetricValue = strawberry.field(description="The latest value.")
    history: list[MetricValue] = strawberry.field(description="The values since then, the latest first.")


async def data_metrics(
    info: Info,
    source: Annotated[
        str | None, strawberry.argument(description="Of this source; without it over all.")
    ] = None,
    since: Annotated[
        datetime | None, strawberry.argument(description="Measured since, UTC; the last 30 days.")
    ] = None,
) -> list[Metric]:
    """Resolve `Query.metrics`."""
    start = in_utc(since) if since else datetime.now(UTC) - timedelta(days=_DAYS)
    values: defaultdict[Name, list[StoredMetric]] = defaultdict(list)
    for one in await read_metrics(info.context.graph, start, source):
        values[Name(one.name)].append(one)
    return [_metric(name, values[name]) for name in Name if name in values]


def _metric(name: Name, values: list[StoredMetric]) -> Metric:
    history = [
        MetricValue(value=one.value, sample_count=one.sample_count, measured_at=one.measured_at)
        for one in values
    ]
    formula = FORMULAS[name]
    return Metric(
        name=name,
        source=values[0].source,
        formula=formula.text,
        unit=formula.unit,
        latest=history[0],
        history=history,
    )
