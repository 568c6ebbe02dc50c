"""How the quality of identities went, in GraphQL: one entry a day, with what changed about model and settings."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from graph.models import Publication
from graph.quality import QualityDay as StoredDay
from resolution.quality_settings import Check


@strawberry.type(description="How many profiles a check concerned on a day.")
class CheckCount:
    check: Check = strawberry.field(description="What was looked for.")
    concerned: int = strawberry.field(description="How many profiles it concerned.")
    is_alarm: bool = strawberry.field(description="Whether that was an alarm.")


@strawberry.type(description="The quality of identities on one day.")
class QualityDay:
    measured_at: datetime = strawberry.field(
        description="When it was measured, UTC; of a day the last is kept."
    )
    record_count: int = strawberry.field(description="Records of people and organisations.")
    profile_count: int = strawberry.field(description="Profiles of people and organisations.")
    visitor_count: int = strawberry.field(description="Profiles of anonymous visitors.")
    compression: float | None = strawberry.field(description="Records per profile.")
    dedupe_rate: float | None = strawberry.field(description="1 - profiles / records.")
    checks: list[CheckCount] = strawberry.field(description="What the checks found.")
    notes: list[str] = strawberry.field(
        description="What changed since the measurement before: a model that was published, settings that were applied."
    )


def quality_days(stored: Sequence[StoredDay], published: Sequence[Publication]) -> list[QualityDay]:
    """The GraphQL shapes of days in their order, each with what changed since the one before."""
    befores = [None, *stored[:-1]]
    return [_day(one, _notes(before, one, published)) for before, one in zip(befores, stored, strict=True)]


def compression(records: int, profiles: int) -> float | None:
    """Records per profile; None without profiles."""
    return records / profiles if profiles else None


def dedupe_rate(records: int, profiles: int) -> float | None:
    """The share of records that are one too many; None without records."""
    return 1 - profiles / records if records else None


def _notes(before: StoredDay | None, day: StoredDay, published: Sequence[Publication]) -> list[str]:
    if before is None:
        return []
    notes = [
        f"model {one.version}: {one.cause}"
        for one in published
        if before.measured_at < one.published_at <= day.measured_at
    ]
    former, present = ((one.configuration or "").partition(" ")[2] for one in (before, day))
    return [*notes, "other settings were applied"] if former and present and former != present else notes


def _day(stored: StoredDay, notes: list[str]) -> QualityDay:
    checks = zip(stored.checks, stored.concerned, stored.alarms, strict=True)
    known = {one.value for one in Check}
    return QualityDay(
        measured_at=stored.measured_at,
        record_count=stored.record_count,
        profile_count=stored.profile_count,
        visitor_count=stored.visitor_count,
        compression=compression(stored.record_count, stored.profile_count),
        dedupe_rate=dedupe_rate(stored.record_count, stored.profile_count),
        checks=[
            CheckCount(check=Check(name), concerned=concerned, is_alarm=is_alarm)
            for name, concerned, is_alarm in checks
            if name in known
        ],
        notes=notes,
    )
