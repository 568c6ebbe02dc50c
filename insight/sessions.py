"""Sessions: a journey cut into visits, the same whichever end it is read from and in whatever order it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from graph.journeys import StoredTouchpoint


class SessionSettings(BaseModel):
    """The `[sessions]` table of a configuration: where one session ends and the next begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gap_minutes: float = Field(default=30, gt=0, le=1_440)
    new_campaign: bool = True
    start_types: frozenset[str] = frozenset()
    end_types: frozenset[str] = frozenset()

    @property
    def gap(self) -> timedelta:
        """After how long without a touchpoint a session has ended."""
        return timedelta(minutes=self.gap_minutes)


@dataclass(frozen=True, slots=True)
class Session:
    """Touchpoints of one visit, oldest first, at least one; `complete` unless it may have begun earlier."""

    touchpoints: tuple[StoredTouchpoint, ...]
    complete: bool = True

    @property
    def id(self) -> str:
        """The key of its first touchpoint."""
        return self.touchpoints[0].key

    @property
    def started_at(self) -> datetime:
        """When its first touchpoint was."""
        return self.touchpoints[0].occurred_at

    @property
    def ended_at(self) -> datetime:
        """When its last touchpoint was."""
        return self.touchpoints[-1].occurred_at

    @property
    def campaign(self) -> str | None:
        """The first campaign in it; None when nothing led to it."""
        return next((one.campaign for one in self.touchpoints if one.campaign is not None), None)


def is_break(before: StoredTouchpoint, after: StoredTouchpoint, settings: SessionSettings) -> bool:
    """Whether a session ends between two touchpoints in a row, which these two alone decide."""
    return (
        after.occurred_at - before.occurred_at > settings.gap
        or after.type in settings.start_types
        or before.type in settings.end_types
    )


def cut(touchpoints: Sequence[StoredTouchpoint], settings: SessionSettings) -> list[Session]:
    """The sessions of touchpoints that begin behind a break, oldest first.

    A session ends at a break, and before a touchpoint of another campaign than the last one named since the break; one
    that names none changes nothing. So only what was before, back to the last break, decides where a session begins.
    """
    sessions: list[Session] = []
    begun, campaign = 0, None
    for place, one in enumerate(touchpoints):
        ends = place > 0 and is_break(touchpoints[place - 1], one, settings)
        led = settings.new_campaign and one.campaign is not None and one.campaign != campaign
        if ends or (led and place > begun):
            sessions.append(Session(tuple(touchpoints[begun:place])))
            begun = place
        campaign = one.campaign if ends or one.campaign is not None else campaign
    return [*sessions, Session(tuple(touchpoints[begun:]))] if touchpoints else []


def first_break(touchpoints: Sequence[StoredTouchpoint], settings: SessionSettings) -> int | None:
    """The place of the first touchpoint behind a break, of touchpoints oldest first; None when there is none."""
    steps = enumerate(pairwise(touchpoints), start=1)
    return next((place for place, (before, after) in steps if is_break(before, after, settings)), None)


def last_break(touchpoints: Sequence[StoredTouchpoint], settings: SessionSettings) -> int | None:
    """The place of the last touchpoint behind a break, of touchpoints oldest first; None when there is none."""
    steps = zip(range(len(touchpoints) - 1, 0, -1), pairwise(reversed(touchpoints)), strict=True)
    return next((place for place, (after, before) in steps if is_break(before, after, settings)), None)
