"""Segments: their definitions, and bringing memberships in line with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph import segments as stored
from graph.errors import ConfigurationError
from graph.transactions import Graph, Statement
from graph.vocabulary import RecordKind
from insight.conditions import Condition, Parameters


class SegmentDefinition(BaseModel):
    """One `[segments.NAME]` table: what it is for, whom it may hold, and its rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(min_length=1)
    kinds: frozenset[RecordKind] = frozenset({RecordKind.PERSON, RecordKind.ORGANISATION})
    rule: Condition

    def text(self) -> str:
        """The rule as JSON text, equal for equal definitions."""
        document = self.model_dump_json(by_alias=True, exclude_none=True, include={"rule"})
        kinds = ",".join(sorted(self.kinds))
        return f'{{"kinds":"{kinds}",{document[1:]}'


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """What one refresh did to one segment."""

    name: str
    entered: int
    left: int


def define_segments(tables: Mapping[str, object]) -> dict[str, SegmentDefinition]:
    """The definitions in the `[segments]` tables of a configuration.

    Raises ConfigurationError naming the segment and the key that does not fit.
    """
    definitions = {name: _definition(name, table) for name, table in tables.items()}
    refresh_order(definitions)
    return definitions


def _definition(name: str, table: object) -> SegmentDefinition:
    try:
        return SegmentDefinition.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in ("segments", name, *first["loc"]))
        raise ConfigurationError(f"{place}: {first['msg']}.") from error


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


async def refresh_segments(
    graph: Graph, definitions: Mapping[str, SegmentDefinition], *, at: datetime | None = None
) -> Sequence[SegmentChange]:
    """Write the difference between the rules and the stored memberships; a second run changes nothing.

    Time windows end at `at` (now when absent). Segments that are no longer defined are emptied.
    """
    moment = at or datetime.now(UTC)
    changes = [await _refresh(graph, name, definitions[name], moment) for name in refresh_order(definitions)]
    await stored.drop_segments(graph, definitions, moment)
    return changes


def following(
    definitions: Mapping[str, SegmentDefinition], ids: Sequence[str], at: datetime, cause: str
) -> list[Statement]:
    """The statements that bring the memberships of some profiles in line with the stored segments, in the transaction
    that changes those profiles; each answers rows of segment, id and belongs."""
    statements: list[Statement] = []
    for name in refresh_order(definitions):
        parameters = Parameters(at)
        condition = definitions[name].rule.compile(parameters)
        kinds = [kind.value for kind in definitions[name].kinds]
        values = {**parameters.values, "at": at, "cause": cause}
        statements.append(stored.following(name, condition, kinds, ids, values))
    return statements


async def _refresh(graph: Graph, name: str, definition: SegmentDefinition, at: datetime) -> SegmentChange:
    rule = definition.text()
    former = await stored.define_segment(graph, name, definition.description, rule, at)
    parameters = Parameters(at)
    condition = definition.rule.compile(parameters)
    kinds = [kind.value for kind in definition.kinds]
    entering, leaving = await stored.find_changes(graph, name, condition, kinds, parameters.values)
    cause = "segment defined" if former is None else "rule changed" if former != rule else "facts changed"
    await stored.write_changes(graph, name, (entering, leaving), at, cause)
    return SegmentChange(name, len(entering), len(leaving))
