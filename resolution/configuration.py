"""What a decision is configured by: the published model's cuts, the settings, and what the sources are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolution.settings import ResolutionSettings


@dataclass(frozen=True, slots=True)
class Configuration:
    """Published configuration.

    `match_weight` (log2 odds) is where two records are one person, under the model `model`, `contradiction` what it
    gives for birth dates that differ, `same_number` what for a unique number in common; `once` are the sources that
    hold each person once, `claimed` those whose contacts are only claimed, `priorities` rank sources for survivorship
    (higher wins); `salt` is the installation's.
    """

    model: str
    match_weight: float
    salt: bytes
    settings: ResolutionSettings = field(default_factory=ResolutionSettings)
    once: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()
    priorities: Mapping[str, int] = field(default_factory=dict[str, int])
    contradiction: float = 0.0
    same_number: float = 0.0
