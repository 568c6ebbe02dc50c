"""What a configuration defines beyond profiles: indicators, and segments, to which thresholds belong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from insight.indicators import IndicatorDefinition
from insight.segments import SegmentDefinition


@dataclass(frozen=True, slots=True)
class Definitions:
    """Indicators and segments by name. Segments may ask for indicators, which are worked out first."""

    indicators: Mapping[str, IndicatorDefinition] = field(default_factory=dict[str, IndicatorDefinition])
    segments: Mapping[str, SegmentDefinition] = field(default_factory=dict[str, SegmentDefinition])
