"""Reads `onefold.toml`: how to resolve, and which segments there are."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graph.errors import ConfigurationError
from insight.segments import SegmentDefinition, define_segments
from resolution.settings import ResolutionSettings


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says; everything has a default."""

    resolution: ResolutionSettings = field(default_factory=ResolutionSettings)
    segments: dict[str, SegmentDefinition] = field(default_factory=dict[str, SegmentDefinition])


def read_configuration(path: Path) -> Configuration:
    """The configuration in a file, the defaults when there is no such file.

    Raises ConfigurationError naming the table and key that cannot be used.
    """
    if not path.exists():
        return Configuration()
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path.name} cannot be read as TOML: {error}.") from error
    unknown = sorted(set(document) - {"resolution", "segments"})
    if unknown:
        raise ConfigurationError(
            f"{path.name} has an unknown table [{unknown[0]}]: resolution and segments are known."
        )
    try:
        resolution = ResolutionSettings.model_validate(document.get("resolution", {}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in ("resolution", *first["loc"]))
        raise ConfigurationError(f"{place}: {first['msg']}.") from error
    return Configuration(resolution, define_segments(document.get("segments", {})))
