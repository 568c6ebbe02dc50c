"""The command that measures the data."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from api.commands.terminal import DataDir, Json, run, show

if TYPE_CHECKING:
    from graph.metrics import StoredMetric
    from graph.transactions import Graph


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(metrics)


def metrics(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Measure how complete, accurate and fresh the data is, what it is worth, by source; keep the values for today."""
    from insight.metrics import measure

    async def work(graph: "Graph") -> "list[StoredMetric]":
        return await measure(graph)

    found = run(data_dir, work)
    shown: list[dict[str, Any]] = [asdict(one) for one in found]
    show(as_json, {"metrics": shown}, "\n".join(_lines(found)))


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
