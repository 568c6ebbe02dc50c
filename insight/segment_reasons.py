"""Says why a profile is, or is not, in a segment: every clause of the rule with what it looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.segment_previews import Answered, Asked, ask
from graph.transactions import Graph
from insight.clauses import Clause, Parameters
from insight.conditions import AllOf, AnyOf, Not
from insight.segments import SegmentDefinition


@dataclass(frozen=True, slots=True)
class ClauseReason:
    """A clause and its answer. `value` is what a clause about the profile looked at, None of all, any and not, whose
    answer follows from their `parts`."""

    clause: dict[str, Any]
    holds: bool
    value: dict[str, Any] | None = None
    parts: Sequence["ClauseReason"] = ()


@dataclass(frozen=True, slots=True)
class SegmentReason:
    """Whether a profile belongs into a segment at `at`: it is current, of one of the kinds, and the rule holds."""

    belongs: bool
    kind_fits: bool
    rule: ClauseReason
    at: datetime


async def why_segment(
    graph: Graph, definition: SegmentDefinition, profile_id: str, *, at: datetime | None = None
) -> SegmentReason | None:
    """Work a rule out for one profile, clause by clause; None for an unknown id."""
    moment = at or datetime.now(UTC)
    parameters = Parameters(moment)
    asked = [Asked(one.compile(parameters), one.value(parameters)) for one in _leaves(definition.rule)]
    answer = await ask(graph, profile_id, asked, [kind.value for kind in definition.kinds], parameters.values)
    if answer is None:
        return None
    fits, answers = answer
    rule = _reason(definition.rule, iter(answers))
    return SegmentReason(fits and rule.holds, fits, rule, moment)


def _leaves(clause: Clause) -> Iterator[Clause]:
    """The clauses about the profile itself, in the order of the rule."""
    if isinstance(clause, AllOf | AnyOf | Not):
        for one in clause.parts():
            yield from _leaves(one)
    else:
        yield clause


def _reason(clause: Clause, answers: Iterator[Answered]) -> ClauseReason:
    said = clause.model_dump(mode="json", by_alias=True, exclude_none=True)
    if not isinstance(clause, AllOf | AnyOf | Not):
        answer = next(answers)
        return ClauseReason(said, answer.holds, answer.value)
    parts = [_reason(one, answers) for one in clause.parts()]
    held = [one.holds for one in parts]
    holds = not held[0] if isinstance(clause, Not) else any(held) if isinstance(clause, AnyOf) else all(held)
    return ClauseReason(said, holds, None, parts)
