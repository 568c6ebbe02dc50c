"""The clause about touchpoints that follow each other: viewed, then not bought within seven days."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import LiteralString

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.due import TIME
from insight.clauses import Clause, Parameters, Reach, earliest
from insight.touchpoint_clauses import TouchpointFilter

_LONGEST_DAYS = 36_500
_STEPS: tuple[LiteralString, ...] = ("s0", "s1", "s2", "s3", "s4", "s5")


class Step(BaseModel):
    """A touchpoint that comes, or with `absent` does not come, at most `within_days` after the step before."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    types: list[str] | None = None
    channels: list[str] | None = None
    within_days: int | None = Field(default=None, ge=1, le=_LONGEST_DAYS)
    absent: bool = False

    def matches(self, parameters: Parameters) -> LiteralString:
        """Whether the touchpoint `event` is of this step, as a Cypher expression."""
        tests: list[LiteralString] = ["true"]
        if self.types is not None:
            tests.append("event.type IN " + parameters.take(self.types))
        if self.channels is not None:
            tests.append("coalesce(event.channel IN " + parameters.take(self.channels) + ", false)")
        return "(" + " AND ".join(tests) + ")"


class Sequence(Clause):
    """Touchpoints that came one after the other; others may lie between, unless an absent step forbids them.

    An absent last step holds once its days have passed without such a touchpoint. `within_days` lets only the
    touchpoints of the last days count. Of touchpoints at one instant the key tells the order.
    """

    sequence: list[Step] = Field(min_length=2, max_length=len(_STEPS))
    within_days: int | None = Field(default=None, ge=1, le=_LONGEST_DAYS)

    @model_validator(mode="after")
    def _readable(self) -> "Sequence":
        steps = self.sequence
        if steps[0].absent or steps[0].within_days is not None:
            raise ValueError("the first step of a sequence is neither absent nor within days of another")
        if any(one.absent and two.absent for one, two in pairwise(steps)):
            raise ValueError("two absent steps cannot follow each other: name their types in one")
        if any(one.absent and one.within_days is not None for one in steps[:-1]):
            raise ValueError(
                "an absent step before others lasts until the next one: leave out its within_days"
            )
        if steps[-1].absent and steps[-1].within_days is None:
            raise ValueError("an absent last step needs within_days: how long to wait for it")
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        done = "x.done IS NOT NULL"
        if self.sequence[-1].absent:
            wait = parameters.take(timedelta(days=self.sequence[-1].within_days or 0))
            done = (
                "("
                + done
                + " OR coalesce(x.open + "
                + wait
                + " <= "
                + parameters.take(parameters.at)
                + ", false))"
            )
        return "any(x IN [" + self._run(parameters) + "] WHERE " + done + ")"

    def value(self, parameters: Parameters) -> LiteralString:
        """When the sequence was last complete, and since when one waits for what is absent."""
        return "head([x IN [" + self._run(parameters) + "] | {completed_at: x.done, waiting_since: x.open}])"

    def turns(self, parameters: Parameters) -> LiteralString:
        """When a touchpoint moves into the window or out of it, or the days of an absent last step have passed."""
        instants: list[LiteralString] = [TouchpointFilter(within_days=self.within_days).turns(parameters)]
        if self.sequence[-1].absent:
            wait = parameters.take(timedelta(days=self.sequence[-1].within_days or 0))
            later = " WHERE x.open + " + wait + " > " + parameters.take(parameters.at)
            instants.append(
                "head([x IN [" + self._run(parameters) + "]" + later + " | x.open + " + wait + "])"
            )
        return earliest(instants)

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Touchpoints of the steps' types, and time."""
        del rules
        news = (TouchpointFilter(types=one.types).news() for one in self.sequence)
        yield Reach((), frozenset({TIME}).union(*news))

    def _run(self, parameters: Parameters) -> LiteralString:
        """A map worked out in one pass over the touchpoints in their order.

        `s0` … hold the latest touchpoint at which the sequence was complete up to there: the latest serves whatever
        follows best. `done` is when the whole was last complete; `open` the first touchpoint after which an absent last
        step is still awaited: if its days are over, so it is complete; else they are not over for any later one.
        """
        present = [place for place, one in enumerate(self.sequence) if not one.absent]
        entries: list[LiteralString] = [
            _STEPS[place] + ": " + self._latest(place, parameters) for place in present
        ]
        entries += self._ends(present[-1], parameters)
        first: LiteralString = ", ".join(
            [*(_STEPS[place] + ": null" for place in present), "open: null, done: null"]
        )
        each = ", ".join(entries)
        only = TouchpointFilter(within_days=self.within_days).chosen(parameters)
        events = "COLLECT {" + only + " RETURN t ORDER BY t.occurred_at, t.key}"
        return "reduce(run = {" + first + "}, event IN " + events + " | {" + each + "})"

    def _latest(self, place: int, parameters: Parameters) -> LiteralString:
        kept: LiteralString = "run." + _STEPS[place]
        after = self.sequence[place + 1 : place + 2]
        if after and after[0].absent and place + 2 < len(self.sequence):
            kept = "CASE WHEN " + after[0].matches(parameters) + " THEN null ELSE " + kept + " END"
        return (
            "CASE WHEN " + self._reached(place, parameters) + " THEN event.occurred_at ELSE " + kept + " END"
        )

    def _reached(self, place: int, parameters: Parameters) -> LiteralString:
        step = self.sequence[place]
        if place == 0:
            return step.matches(parameters)
        before: LiteralString = "run." + _STEPS[place - 2 if self.sequence[place - 1].absent else place - 1]
        in_time: LiteralString = before + " IS NOT NULL"
        if step.within_days is not None:
            limit = parameters.take(timedelta(days=step.within_days))
            in_time = "coalesce(event.occurred_at <= " + before + " + " + limit + ", false)"
        return "(" + step.matches(parameters) + " AND " + in_time + ")"

    def _ends(self, last: int, parameters: Parameters) -> list[LiteralString]:
        complete = self._reached(last, parameters)
        if not self.sequence[-1].absent:
            return ["open: null", "done: CASE WHEN " + complete + " THEN event.occurred_at ELSE run.done END"]
        step = self.sequence[-1]
        wait = parameters.take(timedelta(days=step.within_days or 0))
        came = step.matches(parameters)
        waited = "coalesce(run.open + " + wait + " <= event.occurred_at, false)"
        still = "CASE WHEN " + came + " THEN null ELSE run.open END"
        return [
            "open: coalesce(" + still + ", CASE WHEN " + complete + " THEN event.occurred_at END)",
            "done: CASE WHEN " + came + " AND " + waited + " THEN run.open + " + wait + " ELSE run.done END",
        ]
