"""Resolves the graph: reads what is touched, scores it, decides, and writes the difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graph.judgements import expire_judgements
from graph.lease import lease
from graph.memberships import count_profiles
from graph.models import applied_configuration, record_configuration
from graph.neighbourhood import StoredRecord
from graph.progress import Progress, silent
from graph.resolve_runs import ResolveRun, keep_run
from graph.stored_records import all_records, count_records, pending_keys, read_records
from graph.transactions import Graph
from resolution.effect import Effect
from resolution.engines import check_installed
from resolution.publishing import (
    cause_of,
    configuration_in_force,
    first_model,
    model_fitted_anew,
    model_in_force,
    outgrown,
)
from resolution.run import Run
from resolution.settings import ResolutionSettings
from resolution.stopwatch import Stopwatch

_LOCAL_RECORDS = 1000
_LOCAL_SHARE = 0.05
"""Up to so many pending records, or this share of all, are resolved by looking around them; more are cheaper by
reading everything."""

STEPS = ("read", "match", "cluster", "write")


@dataclass(slots=True)
class ResolveReport(Effect):
    """What a resolve did, beside its effect on profiles.

    `records` and `profiles` count people and organisations, `visitors` the profiles of nothing but a browser or
    device, `touched` the records whose evidence was looked at again; `seconds` are per step.
    """

    records: int = 0
    profiles: int = 0
    visitors: int = 0
    touched: int = 0
    model: str = ""
    seconds: dict[str, float] = field(default_factory=dict[str, float])


async def resolve(
    graph: Graph, settings: ResolutionSettings, *, full: bool = False, progress: Progress = silent
) -> ResolveReport:
    """Bring every profile up to date with the facts; `full` scores every pair again.

    A new model or new settings resolve everything, whether asked for or not. Raises LeaseError while another
    process resolves, ModelError for a model that cannot be read, GraphError.
    """
    check_installed(settings.engine)
    report, cause = ResolveReport(), ""
    clock, started = Stopwatch(), datetime.now(UTC)
    async with lease(graph, "resolve"):
        await expire_judgements(graph, datetime.now(UTC))
        count, pending = await count_records(graph)
        if count:
            begun = await begin(graph, settings, clock, progress, full=full, count=count)
            run = begun.run
            if begun.full or pending > max(_LOCAL_RECORDS, _LOCAL_SHARE * count):
                differences = run.everything(begun.records, full=begun.full)
            else:
                differences = run.around(await read_records(graph, await pending_keys(graph)))
            async for difference in differences:
                report.add(difference)
            report.touched = run.touched
            if begun.full:
                await record_configuration(graph, begun.digest)
            report.model, cause = run.model.version, run.cause
        report.records, report.profiles, report.visitors, members = await count_profiles(graph)
        report.share(members)
        report.seconds = clock.seconds(*STEPS)
        if report.touched:
            await keep_run(graph, _run_of(report, started, cause))
    return report


def _run_of(report: ResolveReport, started: datetime, cause: str) -> ResolveRun:
    return ResolveRun(
        started,
        report.seconds["total"],
        cause,
        report.model,
        report.touched,
        report.created,
        report.merged,
        report.split,
        report.retired,
        report.moved,
        report.moved_share,
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """A pass about to be made: `full` says whether it has to be one over everything, `records` are all of them where
    they were read already, `digest` tells the configuration."""

    run: Run
    records: Mapping[str, StoredRecord]
    full: bool
    digest: str


async def begin(
    graph: Graph,
    settings: ResolutionSettings,
    clock: Stopwatch,
    progress: Progress = silent,
    *,
    full: bool,
    count: int = 0,
) -> Begun:
    """Begin a pass under the model and configuration in force; the first ever fits and publishes a model, and so
    does one over `count` records that have outgrown the model."""
    with clock("read"):
        model = await model_in_force(graph)
        fitting = model is None or outgrown(model, count, settings)
        records = await all_records(graph) if fitting else {}
    with clock("match"):
        if model is None:
            model = await first_model(graph, records.values())
        elif fitting:
            model = await model_fitted_anew(graph, model, records.values())
    with clock("read"):
        configuration, digest = await configuration_in_force(graph, model, settings)
        applied = await applied_configuration(graph)
    cause = cause_of(applied, digest) or ("full resolve" if full else "")
    return Begun(
        Run(graph, model, configuration, clock, progress, cause), records, full or applied != digest, digest
    )
