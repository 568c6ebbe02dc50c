"""Commands that find out who is who: resolve, judge, train, lookup."""

from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.terminal import Config, DataDir, Json, figures, progress_bars, run, show
from resolution.engines import Engine

if TYPE_CHECKING:
    from api.configuration import Configuration
    from api.lookup import Answer
    from api.plans import PlannedResolve
    from graph.transactions import Graph
    from resolution.judging import JudgingReport


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(resolve)
    app.command()(judge)
    app.command()(train)
    app.command()(lookup)


def resolve(
    full: Annotated[bool, typer.Option("--full", help="Everything, not only what changed.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what a full resolve by the present settings would change.")
    ] = False,
    engine: Annotated[
        Engine | None,
        typer.Option(help="What scores many records.", show_default="that of onefold.toml, else duckdb"),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Bring profiles, golden records and segments up to date with what was loaded."""
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from graph.errors import LeaseError
    from insight.following import catch_up
    from resolution.resolve import resolve as bring_up_to_date
    from resolution.reviewing import catch_up as review_all

    settings = read_configuration(config or ApiSettings().config_file)
    if engine:
        settings = replace(settings, resolution=settings.resolution.model_copy(update={"engine": engine}))
    if plan:
        return _show_plan(settings, data_dir, as_json)

    async def work(graph: "Graph") -> dict[str, Any]:
        with progress_bars(as_json) as bars:
            report = await bring_up_to_date(graph, settings.resolution, full=full, progress=bars.step)
            followed = await catch_up(graph, settings.definitions)
            with suppress(LeaseError):  # another process is at it
                await review_all(graph, settings.reviews, bars.step)
        size = {name: getattr(report, name) for name in ("records", "profiles", "visitors", "touched")}
        return {**size, **asdict(report), "segments": followed.changes()}

    return show(as_json, run(data_dir, work))


def _show_plan(
    settings: "Configuration", data_dir: Path | None, as_json: bool, *, trained: bool = False
) -> None:
    """Plan a full resolve, under the model in force or one trained just now, and print the plan."""
    from api.plans import planned
    from resolution.training import train_on_records

    async def work(graph: "Graph") -> "PlannedResolve":
        with progress_bars(as_json) as bars:
            model = (await train_on_records(graph, publish=False)).model if trained else None
            return await planned(graph, settings, model=model, progress=bars.step)

    found = run(data_dir, work)
    show(as_json, found.body(), found.text())


def judge(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns left, right (record keys), verdict and reason.")
    ],
    reason: Annotated[str, typer.Option(help="Reason of rows that give none.")] = "labelled in bulk",
    author: Annotated[str, typer.Option(help="Who judged.")] = "command line",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Load judgements on pairs of records; the next `resolve` obeys them, and `train` learns from them."""
    from resolution.judging import judge_pairs, read_pairs

    pairs = read_pairs(file)

    async def work(graph: "Graph") -> "JudgingReport":
        return await judge_pairs(graph, pairs, author, reason)

    report = run(data_dir, work)
    counts = {"decision": report.decision_id, "judged": report.judged, "unchanged": report.unchanged}
    lines = [figures({**counts, "refused": len(report.refused)})]
    lines += [f"  line {one.line}: {one.code}: {one.reason}" for one in report.refused[:20]]
    show(as_json, {**counts, "refused": [asdict(one) for one in report.refused]}, "\n".join(lines))


def train(
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what resolving by the model would change; publish nothing.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fit the matching model to the loaded records and publish it; `resolve` then uses it for everything."""
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from resolution.training import train_on_records

    if plan:
        settings = read_configuration(config or ApiSettings().config_file)
        return _show_plan(settings, data_dir, as_json, trained=True)
    report = run(data_dir, train_on_records)
    shown: dict[str, Any] = {
        "model": report.model.version,
        "records": report.records,
        "published": report.published,
    }
    if report.labels:
        shown["labels"] = {**asdict(report.labels), "enough": report.labels.enough}
    lines = [figures(shown)]
    if report.labels and not report.labels.enough:
        lines.append("  too few labels were held back for precision and recall to be relied upon")
    if not report.published:
        lines.append("  the model in force agrees better with the labels held back, and stays")
    return show(as_json, shown, "\n".join(lines))


def lookup(
    kind: Annotated[str, typer.Argument(help="Kind of identifier, such as email or phone.")],
    value: Annotated[str, typer.Argument(help="The value as written.")],
    country: Annotated[str | None, typer.Option(help="Where a national phone number is read.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say who is behind an identifier, and how sure that is."""
    from api.access import LOCAL
    from api.lookup import look_up
    from api.resources import lookup_body

    async def work(graph: "Graph") -> "Answer":
        return await look_up(graph, kind, value, country)

    answer = run(data_dir, work)
    lines = [f"{answer.outcome.value}: {answer.reason}"]
    for profile in answer.profiles:
        lines += ["", figures({"profile": profile.id, "records": profile.record_count, **profile.attributes})]
    show(as_json, lookup_body(answer, LOCAL), "\n".join(lines))
