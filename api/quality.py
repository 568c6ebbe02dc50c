"""The quality of identities in GraphQL: the snapshot of the last measurement, its history, and measuring anew."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import strawberry

from api.alarms import Alarm, AlarmState, alarm
from api.context import Info
from api.model_card import ModelCard, model_card
from api.moments import in_utc
from api.profiles import Profile, profiles_of
from api.quality_history import QualityDay, compression, dedupe_rate, quality_days
from api.resolve_runs import ResolveRun, resolve_run
from api.source_overlaps import SourceOverlap, source_overlap
from api.vocabulary import IdentityChange
from graph.models import publications
from graph.quality import quality_days as stored_days
from graph.resolve_runs import KEPT, latest_runs
from resolution.quality import QualitySnapshot, latest_quality
from resolution.quality_settings import Check

_DAYS = 90
_PATIENCE_SECONDS = 10.0


@strawberry.type(description="Profiles of one size.")
class ClusterSize:
    records: int = strawberry.field(description="How many records each has.")
    profile_count: int = strawberry.field(description="How many such profiles there are.")
    profile_ids: list[strawberry.ID] = strawberry.field(description="Ids of some of them, at most 10.")

    @strawberry.field(description="Some of them as they are now, at most 10.")
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.profile_ids)


@strawberry.type(description="What became of profiles on one day, by the ledger.")
class DailyChange:
    day: datetime = strawberry.field(description="Start of the day, UTC.")
    change: IdentityChange = strawberry.field(description="What became of them.")
    count: int = strawberry.field(description="How many entries the ledger has.")
    profile_ids: list[strawberry.ID] = strawberry.field(description="Ids of the latest, at most 20.")

    @strawberry.field(description="The latest of them as they are now, at most 20.")
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.profile_ids)


Checks = Annotated[list[Check] | None, strawberry.argument(description="Only these checks.")]
State = Annotated[AlarmState | None, strawberry.argument(description="Only checks in this state.")]
Least = Annotated[int, strawberry.argument(description="Only sizes from this one on.")]
Most = Annotated[int | None, strawberry.argument(description="Only sizes up to this one.")]
OneSource = Annotated[str | None, strawberry.argument(description="Only overlaps with this source.")]
OtherSource = Annotated[str | None, strawberry.argument(description="And with this one, in any order.")]
Day = Annotated[datetime | None, strawberry.argument(description="Only the day of this instant, UTC.")]
Changes = Annotated[list[IdentityChange] | None, strawberry.argument(description="Only these changes.")]
First = Annotated[int, strawberry.argument(description="How many.")]
Since = Annotated[datetime | None, strawberry.argument(description="Measured since, UTC; the last 90 days.")]


@strawberry.type(
    description="How well identities are resolved, as measured last: once a day, or when asked for. Visitors are left "
    "out, but for their number."
)
class Quality:
    measured_at: datetime = strawberry.field(description="When it was measured, UTC.")
    seconds: float = strawberry.field(description="How long that took.")
    record_count: int = strawberry.field(description="Records of people and organisations.")
    profile_count: int = strawberry.field(description="Profiles of people and organisations.")
    visitor_count: int = strawberry.field(description="Profiles of anonymous visitors.")
    compression: float | None = strawberry.field(description="Records per profile.")
    dedupe_rate: float | None = strawberry.field(description="1 - profiles / records.")
    model: ModelCard | None = strawberry.field(
        description="The model in force; null before the first resolve."
    )
    snapshot: strawberry.Private[QualitySnapshot]

    @strawberry.field(description="The checks, those for over-merges first.")
    def alarms(self, checks: Checks = None, state: State = None) -> list[Alarm]:
        found = [alarm(one) for one in self.snapshot.alarms if checks is None or one.check in checks]
        return [one for one in found if state in (None, one.state)]

    @strawberry.field(description="How many profiles have how many records, the smallest first.")
    def sizes(self, least: Least = 1, most: Most = None) -> list[ClusterSize]:
        return [
            ClusterSize(records=one.records, profile_count=one.profiles, profile_ids=_ids(one.profile_ids))
            for one in self.snapshot.sizes
            if least <= one.records and (most is None or one.records <= most)
        ]

    @strawberry.field(
        description="What every two sources have in common, by name; those with nothing are left out."
    )
    def overlaps(self, source: OneSource = None, other: OtherSource = None) -> list[SourceOverlap]:
        asked = {one for one in (source, other) if one is not None}
        both = [one for one in self.snapshot.overlaps if asked <= {one.left, one.right}]
        alike = source is not None and source == other
        return [source_overlap(one) for one in both if not alike or one.left == one.right]

    @strawberry.field(description="What became of profiles in the 30 days before, by day.")
    def changes(self, day: Day = None, changes: Changes = None) -> list[DailyChange]:
        wanted = in_utc(day).date() if day else None
        return [
            DailyChange(day=one.day, change=one.change, count=one.count, profile_ids=_ids(one.profile_ids))
            for one in self.snapshot.changes
            if wanted in (None, one.day.date()) and (changes is None or one.change in changes)
        ]

    @strawberry.field(
        description="What each resolve did to profiles, the last first; the latest 500 are kept."
    )
    async def runs(self, info: Info, first: First = 20) -> list[ResolveRun]:
        return [resolve_run(one) for one in await latest_runs(info.context.graph, min(max(first, 0), KEPT))]

    @strawberry.field(description="How it went, day by day, the earliest first.")
    async def history(self, info: Info, since: Since = None) -> list[QualityDay]:
        start = in_utc(since) if since else datetime.now(UTC) - timedelta(days=_DAYS)
        graph = info.context.graph
        return quality_days(await stored_days(graph, start), await publications(graph, start))


@strawberry.type(description="What became of asking for a measurement.")
class QualityMeasurement:
    is_measuring: bool = strawberry.field(
        description="Whether it goes on after ten seconds; ask again to wait for its end."
    )
    started_at: datetime = strawberry.field(description="When it began, UTC: also on behalf of others.")
    quality: Quality | None = strawberry.field(description="The last measurement that is complete.")


async def current_quality(info: Info) -> Quality | None:
    """Resolve `Query.quality`."""
    found = await latest_quality(info.context.graph)
    return None if found is None else _quality(found)


async def measure(info: Info) -> QualityMeasurement:
    """Resolve `Mutation.measureQuality`."""
    running = info.context.measuring.start()
    done, _ = await asyncio.wait([running.task], timeout=_PATIENCE_SECONDS)
    quality = _quality(running.task.result()) if done else await current_quality(info)
    return QualityMeasurement(is_measuring=not done, started_at=running.since, quality=quality)


def _quality(found: QualitySnapshot) -> Quality:
    return Quality(
        measured_at=found.measured_at,
        seconds=found.seconds,
        record_count=found.record_count,
        profile_count=found.profile_count,
        visitor_count=found.visitor_count,
        compression=compression(found.record_count, found.profile_count),
        dedupe_rate=dedupe_rate(found.record_count, found.profile_count),
        model=model_card(found.model) if found.model else None,
        snapshot=found,
    )


def _ids(ids: tuple[str, ...]) -> list[strawberry.ID]:
    return [strawberry.ID(one) for one in ids]
