"""What a configuration defines beyond profiles: indicators, and segments, to which thresholds belong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graph.errors import ConfigurationError
from graph.segment_definitions import saved_definitions
from graph.transactions import Graph
from insight.clauses import Clause
from insight.indicator_clauses import Crossing, IndicatorIs
from insight.indicators import IndicatorDefinition, define_indicators
from insight.segments import SegmentDefinition, define_segments, definition_of, refresh_order
from insight.thresholds import define_thresholds

Tables = Mapping[str, object]


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


def define_all(indicators: Tables, thresholds: Tables, segments: Tables) -> Definitions:
    """The definitions in the tables of a configuration.

    Raises ConfigurationError for what does not fit, for a name that is used twice, and for a segment that refers to
    what is not defined.
    """
    if twice := sorted(thresholds.keys() & segments.keys()):
        raise ConfigurationError(f"{twice[0]} is a segment and a threshold: give one of them another name.")
    known = define_indicators(indicators)
    definitions = {**define_thresholds(thresholds, known), **define_segments(segments, check=False)}
    refresh_order(definitions)
    for name in segments:
        check_indicators(name, definitions[name].rule, known)
    return Definitions(known, definitions)


def check_indicators(name: str, rule: Clause, known: Mapping[str, object]) -> None:
    """Raise ConfigurationError when the rule of a segment refers to an indicator which is not defined, or has a
    threshold's own clause."""
    for clause in _all_clauses(rule):
        if isinstance(clause, Crossing):
            raise ConfigurationError(
                f"segments.{name}: a threshold stands under [thresholds], as one of its own."
            )
        if isinstance(clause, IndicatorIs) and clause.indicator not in known:
            raise ConfigurationError(
                f"segments.{name} refers to indicator {clause.indicator!r}, which is not defined."
            )


def _all_clauses(rule: Clause) -> Iterator[Clause]:
    yield rule
    for part in rule.parts():
        yield from _all_clauses(part)
