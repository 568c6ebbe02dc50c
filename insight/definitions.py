"""What a configuration defines beyond profiles: indicators, and segments, to which thresholds belong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graph.segment_definitions import saved_definitions
from graph.transactions import Graph
from insight.indicators import IndicatorDefinition
from insight.segments import SegmentDefinition, definition_of


@dataclass(frozen=True, slots=True)
class Definitions:
    """Indicators and segments by name. Segments may ask for indicators, which are worked out first."""

    indicators: Mapping[str, IndicatorDefinition] = field(default_factory=dict[str, IndicatorDefinition])
    segments: Mapping[str, SegmentDefinition] = field(default_factory=dict[str, SegmentDefinition])


async def in_force(graph: Graph, definitions: Definitions) -> Definitions:
    """The definitions of a configuration, and the segments saved through the API; of one name the former counts."""
    saved = {one.name: definition_of(one) for one in await saved_definitions(graph)}
    if not saved:
        return definitions
    return replace(definitions, segments=_standing(saved | dict(definitions.segments)))


def _standing(segments: dict[str, SegmentDefinition]) -> dict[str, SegmentDefinition]:
    """All but those that refer to one that is no longer there: they rest as they are."""
    while broken := {
        name for name, one in segments.items() if not segments.keys() >= set(one.rule.segments())
    }:
        segments = {name: one for name, one in segments.items() if name not in broken}
    return segments
