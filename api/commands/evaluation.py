"""The command that measures the profiles against a truth: a few lines, JSON, or a page with plots."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import Config, DataDir, Json, run, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.transactions import Graph
    from resolution.assessment import Assessment
    from resolution.estimates import AccuracyEstimate


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(evaluate)


def evaluate(
    truth: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV with source, record_id, person_id; perhaps stratum, weight.",
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write plots, candidates and mistakes to this .html or .json file.",
            dir_okay=False,
        ),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Measure the profiles against TRUTH, which may name all records or those of a random sample of people."""
    from api.configuration import read_configuration
    from api.reports import report_writer
    from api.settings import ApiSettings
    from resolution.assessment import assess, examine, memberships_of
    from resolution.truth import read_truth

    expected = read_truth(truth)
    kinds = read_configuration(config or ApiSettings().config_file).resolution.kinds
    write = report_writer(report) if report else None

    async def work(graph: "Graph") -> "Assessment":
        memberships = await memberships_of(graph, expected)
        found = assess(expected, memberships)
        if write:
            write(found, await examine(graph, expected, memberships, kinds))
        return found

    found = run(data_dir, work)
    show(as_json, found.as_dict(), "\n".join(_lines(found)))


def _lines(found: "Assessment") -> "Iterator[str]":
    from api.evaluation_page import scope

    one, estimates = found.evaluation, found.estimates
    yield scope(found)
    yield ""
    yield f"  {'':<22}{'precision':<22}{'recall':<22}F1"
    named = {
        "pairs": estimates.pairwise,
        "records (B-cubed)": estimates.bcubed,
        "whole profiles": estimates.exact,
    }
    for name, accuracy in named.items():
        yield _line(name, accuracy)
    if found.strata:
        yield ""
        yield "  pairs, by stratum"
        for name, stratum in found.strata.items():
            yield _line(f"{name} ({stratum.people:,})", stratum.pairwise)
    yield ""
    yield (
        f"  {one.people:,} people in {one.clusters:,} profiles; the largest has {one.largest:,} records, "
        f"in truth {one.largest_true:,}"
    )
    yield (
        f"  {one.splits:,} splits and {one.merges:,} merges would mend all; {one.missing:,} records in no profile"
    )


def _line(name: str, accuracy: "AccuracyEstimate") -> str:
    return f"  {name:<22}{accuracy.precision!s:<22}{accuracy.recall!s:<22}{accuracy.f1!s}"
