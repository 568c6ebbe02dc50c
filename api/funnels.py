"""Funnels in GraphQL: those of onefold.toml and those a client defines, measured on the columnar copy."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Info
from api.moments import in_utc
from graph.errors import ConfigurationError, InputError, NotFoundError
from graph.moments import EARLIEST, LATEST
from insight.funnel_questions import FunnelAnswer, Grouping, Question, Report, Stage, measure
from insight.funnels import FunnelDefinition, define_funnel

strawberry.enum(Grouping, name="FunnelGrouping", description="By what a funnel's profiles are told apart.")


@strawberry.input(description="A step of a funnel: touchpoints of one of the types, channels and campaigns.")
class FunnelStepInput:
    types: list[str] = strawberry.field(description="The types of touchpoints that count, at least one.")
    channels: list[str] | None = strawberry.field(description="Only on these channels.", default=None)
    campaigns: list[str] | None = strawberry.field(description="Only of these campaigns.", default=None)
    name: str = strawberry.field(description="Its name; without, its first type.", default="")
    optional: bool = strawberry.field(description="Counted, but never waited for.", default=False)


@strawberry.input(description="Touchpoints that end an attempt.")
class FunnelExclusionInput:
    types: list[str] = strawberry.field(description="The types of touchpoints that end it, at least one.")
    channels: list[str] | None = strawberry.field(description="Only on these channels.", default=None)
    campaigns: list[str] | None = strawberry.field(description="Only of these campaigns.", default=None)
    after: str | None = strawberry.field(description="Only after this required step.", default=None)
    before: str | None = strawberry.field(description="Only before this required step.", default=None)


@strawberry.input(description="A funnel: steps in order, and what ends an attempt.")
class FunnelInput:
    steps: list[FunnelStepInput] = strawberry.field(description="2 to 12 steps, the first and last required.")
    excluded: list[FunnelExclusionInput] = strawberry.field(
        description="What ends an attempt, at most 12.", default_factory=list
    )
    within_hours: float | None = strawberry.field(
        description="How long an attempt may take from its first step.", default=None
    )


@strawberry.type(description="A step of a funnel and how many came to it.")
class FunnelStage:
    step: str = strawberry.field(description="Name of the step.")
    optional: bool = strawberry.field(description="Whether it is only counted.")
    profiles: int = strawberry.field(description="How many profiles reached it.")
    share: float | None = strawberry.field(
        description="Their part of those that entered; null when none did."
    )
    share_of_previous: float | None = strawberry.field(
        description="Their part of those that reached the required step before; null at the first, and when none did."
    )
    median_seconds: float | None = strawberry.field(
        description="The median of the time from the required step before, of those that reached it."
    )
    slow_seconds: float | None = strawberry.field(description="What the slowest tenth takes at least.")


@strawberry.type(description="How a group of profiles goes through a funnel.")
class FunnelReport:
    group: str | None = strawberry.field(
        description="The channel, campaign, source or segment; empty where none is known, null for everybody."
    )
    stages: list[FunnelStage] = strawberry.field(description="Step by step.")
    median_seconds: float | None = strawberry.field(description="The median of the time to convert.")
    slow_seconds: float | None = strawberry.field(
        description="What the slowest tenth of those that convert takes at least."
    )


@strawberry.type(description="What a funnel says.")
class FunnelMeasurement:
    whole: FunnelReport = strawberry.field(description="Everybody.")
    groups: list[FunnelReport] = strawberry.field(
        description="The groups asked for, at most 100, those with most entering first. Segments may overlap."
    )
    copied_at: datetime = strawberry.field(description="Up to when the graph had been copied, UTC.")


@strawberry.type(description="A funnel of onefold.toml.")
class Funnel:
    name: str = strawberry.field(description="Its name, unique.")
    description: str = strawberry.field(description="What it is for.")
    steps: list[str] = strawberry.field(description="The names of its steps, in order.")


def all_funnels(info: Info) -> list[Funnel]:
    """Resolve `Query.funnels`."""
    return [
        Funnel(name=name, description=one.description, steps=[step.name for step in one.steps])
        for name, one in sorted(info.context.funnels.items())
    ]


async def measure_funnel(  # noqa: PLR0913, PLR0917 - the arguments of the GraphQL field
    info: Info,
    name: Annotated[str | None, strawberry.argument(description="A funnel of onefold.toml.")] = None,
    definition: Annotated[FunnelInput | None, strawberry.argument(description="Or one of your own.")] = None,
    since: Annotated[
        datetime | None, strawberry.argument(description="Only attempts that began at or after this.")
    ] = None,
    until: Annotated[
        datetime | None, strawberry.argument(description="Only attempts that began before this.")
    ] = None,
    segment: Annotated[str | None, strawberry.argument(description="Only profiles in this segment.")] = None,
    by: Annotated[
        Grouping | None, strawberry.argument(description="Also tell of groups, by this of the first step.")
    ] = None,
) -> FunnelMeasurement:
    """Resolve `Query.measureFunnel`."""
    question = Question(
        since=EARLIEST if since is None else in_utc(since),
        until=LATEST if until is None else in_utc(until),
        segment=segment,
        by=by,
    )
    funnel = _chosen(info, name, definition)
    return _measurement(funnel, await measure(info.context.analysis, funnel, question))


def _chosen(info: Info, name: str | None, definition: FunnelInput | None) -> FunnelDefinition:
    if (name is None) == (definition is None):
        raise InputError("Give either the name of a funnel or a definition.")
    if definition is not None:
        try:
            return define_funnel(strawberry.asdict(definition), "definition")
        except ConfigurationError as error:
            raise InputError(str(error)) from None
    if name not in info.context.funnels:
        raise NotFoundError("There is no funnel of this name: `funnels` lists them.")
    return info.context.funnels[name]


def _measurement(funnel: FunnelDefinition, answer: FunnelAnswer) -> FunnelMeasurement:
    return FunnelMeasurement(
        whole=_report(answer.whole),
        groups=[_report(one) for one in answer.groups],
        copied_at=answer.copied_at,
    )


def _report(report: Report) -> FunnelReport:
    stages: list[FunnelStage] = []
    before: Stage | None = None
    for stage in report.stages:
        stages.append(_stage(stage, report.stages[0], before))
        before = before if stage.optional else stage
    return FunnelReport(
        group=report.group,
        stages=stages,
        median_seconds=report.median_seconds,
        slow_seconds=report.slow_seconds,
    )


def _stage(stage: Stage, first: Stage, before: Stage | None) -> FunnelStage:
    return FunnelStage(
        step=stage.step,
        optional=stage.optional,
        profiles=stage.profiles,
        share=_share(stage, first),
        share_of_previous=None if before is None else _share(stage, before),
        median_seconds=stage.median_seconds,
        slow_seconds=stage.slow_seconds,
    )


def _share(stage: Stage, of: Stage) -> float | None:
    return stage.profiles / of.profiles if of.profiles else None
