"""Reads `onefold.toml`: how to resolve, sessions, what follows from profiles, what is pulled, tokens, costs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.oidc import OidcSettings
from graph.errors import ConfigurationError
from insight.actions import ActionDefinition, define_actions
from insight.definitions import Definitions, define_all
from insight.funnels import FunnelDefinition, define_funnels
from insight.segments import SegmentDefinition
from insight.sessions import SessionSettings
from insight.tables import checked
from loaders.origins import Origin, with_variables
from resolution.quality_settings import QualitySettings
from resolution.reviewing import ReviewSettings
from resolution.settings import ResolutionSettings
from resolution.stewardship import StewardshipSettings


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says; everything has a default."""

    resolution: ResolutionSettings = field(default_factory=ResolutionSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    definitions: Definitions = field(default_factory=Definitions)
    funnels: dict[str, FunnelDefinition] = field(default_factory=dict[str, FunnelDefinition])
    sources: dict[str, Origin] = field(default_factory=dict[str, Origin])
    actions: dict[str, ActionDefinition] = field(default_factory=dict[str, ActionDefinition])
    oidc: OidcSettings | None = None
    stewardship: StewardshipSettings = field(default_factory=StewardshipSettings)

    @property
    def reviews(self) -> ReviewSettings:
        """What reviews are worked out by."""
        return ReviewSettings(self.resolution, self.stewardship, self.quality)

    @property
    def segments(self) -> Mapping[str, SegmentDefinition]:
        """The segments by name, thresholds among them."""
        return self.definitions.segments


_TABLES = frozenset(
    (
        "actions",
        "funnels",
        "indicators",
        "oidc",
        "quality",
        "resolution",
        "segments",
        "sessions",
        "sources",
        "stewardship",
        "thresholds",
    )
)


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
    unknown = sorted(set(document) - set(_TABLES))
    if unknown:
        raise ConfigurationError(
            f"{path.name} has an unknown table [{unknown[0]}]; known are {', '.join(sorted(_TABLES))}."
        )
    resolution = checked(ResolutionSettings, document.get("resolution", {}), "resolution")
    sources = {
        name: checked(Origin, said, "sources", name) for name, said in document.get("sources", {}).items()
    }
    beside = {
        name: one.model_copy(update={"mapping": path.parent / one.mapping}) for name, one in sources.items()
    }
    insight = (document.get(name, {}) for name in ("indicators", "thresholds", "segments"))
    return Configuration(
        resolution=resolution,
        quality=checked(QualitySettings, document.get("quality", {}), "quality"),
        sessions=checked(SessionSettings, document.get("sessions", {}), "sessions"),
        definitions=define_all(*insight),
        funnels=define_funnels(document.get("funnels", {})),
        sources=beside,
        actions=define_actions(with_variables(document.get("actions", {}))),
        oidc=checked(OidcSettings, with_variables(document["oidc"]), "oidc") if "oidc" in document else None,
        stewardship=checked(StewardshipSettings, document.get("stewardship", {}), "stewardship"),
    )
