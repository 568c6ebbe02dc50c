"""Segments: their definitions, and bringing memberships in line with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any, LiteralString

from orjson import loads
from pydantic import BaseModel, ConfigDict, Field

from graph import due
from graph import segments as stored
from graph.batches import batches
from graph.errors import ConfigurationError
from graph.segment_definitions import (
    SavedDefinition,
    define_segment,
    drop_segments,
    make_stale,
    refreshed,
    stale_segments,
)
from graph.transactions import Graph, Statement
from graph.vocabulary import RecordKind
from insight.clauses import Parameters
from insight.conditions import Condition
from insight.tables import checked

_BATCH = 2_000


EVERY_NAMED_KIND = frozenset({RecordKind.PERSON, RecordKind.ORGANISATION})
"""Whom a segment holds unless it says otherwise: everybody but anonymous visitors."""


class SegmentDefinition(BaseModel):
    """One `[segments.NAME]` table: what it is for, whom it may hold, and its rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1)
    kinds: frozenset[RecordKind] = EVERY_NAMED_KIND
    rule: Condition

    def text(self) -> str:
        """The rule as JSON text, equal for equal definitions."""
        document = self.model_dump_json(by_alias=True, exclude_defaults=True, include={"rule"})
        kinds = ",".join(sorted(self.kinds))
        return f'{{"kinds":"{kinds}",{document[1:]}'


def definition_of(saved: SavedDefinition) -> SegmentDefinition:
    """The definition that was stored as `SegmentDefinition.text`."""
    document = loads(saved.rule)
    kinds = document["kinds"].split(",")
    return SegmentDefinition(description=saved.description, kinds=kinds, rule=document["rule"])


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """What one refresh did to one segment."""

    name: str
    entered: int
    left: int


def define_segments(tables: Mapping[str, object], *, check: bool = True) -> dict[str, SegmentDefinition]:
    """The definitions in the `[segments]` tables of a configuration.

    Raises ConfigurationError naming the segment and the key that does not fit, and unless `check` is off one that
    refers to a segment which is not defined here.
    """
    definitions = {
        name: checked(SegmentDefinition, table, "segments", name) for name, table in tables.items()
    }
    if check:
        refresh_order(definitions)
    return definitions


def refresh_order(definitions: Mapping[str, SegmentDefinition]) -> list[str]:
    """The names, those that others refer to first; raises ConfigurationError for unknown names and circles."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in sorted(definitions):
        needed = sorted(set(definitions[name].rule.segments()))
        for other in needed:
            if other not in definitions:
                raise ConfigurationError(
                    f"segments.{name} refers to segment {other!r}, which is not defined."
                )
        sorter.add(name, *needed)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise ConfigurationError(f"Segments refer to each other in a circle: {circle}.") from error


async def define(graph: Graph, definitions: Mapping[str, SegmentDefinition]) -> None:
    """Store the definitions, and forget those that are none any more."""
    for name in refresh_order(definitions):
        definition = definitions[name]
        await define_segment(graph, name, definition.description, definition.text())
    await drop_segments(graph, definitions)


async def refresh_segments(
    graph: Graph, definitions: Mapping[str, SegmentDefinition], *, at: datetime | None = None
) -> Sequence[SegmentChange]:
    """Work out all memberships anew; a second run changes nothing.

    Time windows end at `at` (now when absent). Segments that are no longer defined are emptied.
    """
    await define(graph, definitions)
    await make_stale(graph)
    return await refresh_stale(graph, definitions, at or datetime.now(UTC))


async def refresh_stale(
    graph: Graph, definitions: Mapping[str, SegmentDefinition], at: datetime
) -> Sequence[SegmentChange]:
    """Work out the members of stale segments, and of those that refer to them; answers what changed in each."""
    stale = await stale_segments(graph)
    changes: list[SegmentChange] = []
    for name in refresh_order(definitions):
        if referred := [other for other in definitions[name].rule.segments() if other in stale]:
            stale.setdefault(name, stale[referred[0]])
        if name in stale:
            changes.append(await _refresh(graph, membership(name, definitions[name], at), at, stale[name]))
            if turn := turn_of(definitions[name], at):
                await due.schedule_all(graph, *turn)
            await refreshed(graph, name, at)
    for name in sorted(stale.keys() - definitions.keys()):
        nobody = stored.Membership(name, "false", frozenset(), {})
        await _refresh(graph, nobody, at, stale[name])
        await refreshed(graph, name, at)
    return changes


async def _refresh(graph: Graph, belonging: stored.Membership, at: datetime, cause: str) -> SegmentChange:
    entered = left = 0
    for batch in batches(await stored.find_misplaced(graph, belonging), _BATCH):
        statement = stored.following(belonging, batch, at, cause)
        for row in await graph.write(statement.query, **statement.parameters):
            entered += row["belongs"]
            left += not row["belongs"]
    return SegmentChange(belonging.segment, entered, left)


def membership(name: str, definition: SegmentDefinition, at: datetime) -> stored.Membership:
    """A definition as the graph asks it, its time windows ending at `at`."""
    parameters = Parameters(at)
    condition = definition.rule.compile(parameters)
    seen = definition.rule.seen(parameters)
    return stored.Membership(
        name, condition, definition.kinds, parameters.values, seen, definition.rule.limits
    )


def definition_now(name: str, definition: SegmentDefinition) -> stored.Membership:
    """A definition as the graph asks it, its time windows ending now."""
    return membership(name, definition, datetime.now(UTC))


Turn = tuple[LiteralString, dict[str, Any]]
"""A Cypher expression of the next instant at which an answer may change by itself, and its parameters."""


def turn_of(definition: SegmentDefinition, at: datetime) -> Turn | None:
    """When a profile may next enter or leave after `at` though nothing happens; None if that never is so."""
    parameters = Parameters(at)
    turn = definition.rule.turns(parameters)
    kinds = sorted(kind.value for kind in definition.kinds)
    return None if turn is None else (turn, {**parameters.values, "kinds": kinds})


def following(
    definitions: Mapping[str, SegmentDefinition], ids: Sequence[str], at: datetime, cause: str
) -> list[Statement]:
    """The statements that bring the memberships of some profiles in line with the stored segments, in the transaction
    that changes those profiles; each answers rows of segment, id and belongs."""
    return [
        stored.following(membership(name, definitions[name], at), ids, at, cause)
        for name in refresh_order(definitions)
    ]
