"""The command that measures the data and the quality of identities."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from api.commands.terminal import Config, DataDir, Json, run, show

if TYPE_CHECKING:
    from graph.metrics import StoredMetric
    from graph.transactions import Graph
    from resolution.quality import QualitySnapshot


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(metrics)


def metrics(config: Config = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Measure how complete, accurate and fresh the data is and how well identities are resolved; keep it for today."""
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from insight.metrics import measure
    from resolution.quality import measure_quality

    settings = read_configuration(config or ApiSettings().config_file)

    async def work(graph: "Graph") -> "tuple[list[StoredMetric], QualitySnapshot]":
        return await measure(graph), await measure_quality(graph, settings.resolution, settings.quality)

    found, quality = run(data_dir, work)
    shown: list[dict[str, Any]] = [asdict(one) for one in found]
    alarms: list[dict[str, Any]] = [asdict(one) for one in quality.alarms]
    show(as_json, {"metrics": shown, "alarms": alarms}, "\n".join([*_lines(found), *_alarms(quality)]))


def _alarms(quality: "QualitySnapshot") -> list[str]:
    return ["  alarms", *(f"    {'✗' if one.is_alarm else '✓'} {one.sentence}" for one in quality.alarms)]


def _lines(found: "list[StoredMetric]") -> list[str]:
    from insight.metrics import FORMULAS, Metric

    lines: list[str] = []
    for name, formula in FORMULAS.items():
        values = [one for one in found if Metric(one.name) is name]
        if values:
            lines.append(f"  {name.value} ({formula.unit}) = {formula.text}")
        for one in values:
            value = f"{one.value:,.3f}" if formula.unit == "share" else f"{one.value:,.0f}"
            lines.append(f"    {one.source or 'all':<20} {value:>14}   of {one.sample_count:,}")
    return lines
