"""What resolution is configured by: limits, identifier kinds, clustering, survivorship; read once and passed on."""

from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from graph.identifiers import canonical_kind
from graph.unusable import UnusableValueError
from resolution.engines import Engine
from resolution.golden import ADDRESS, SUBJECTS, Criterion
from resolution.kinds import Kinds, KindSettings
from resolution.limits import Limits
from resolution.shared_devices import SharedDevices


class ResolutionSettings(BaseModel):
    """The `[resolution]` table of onefold.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: Limits = Limits()
    identifiers: dict[str, KindSettings] = Field(
        default_factory=dict[str, KindSettings],
        description="per identifier kind: class, priority, limits and block list",
    )
    shared_devices: SharedDevices = SharedDevices()
    absent_weight: float = Field(
        default=-4.0, le=0, description="log2 odds that a pair counts with which was never scored"
    )
    ambiguity_margin: float = Field(
        default=1.0, ge=0, description="log2 odds within which two candidates of a record are equally good"
    )
    refit_growth: float = Field(
        default=4.0, ge=0, description="growth of the graph after which the model is fitted anew; 0 is never"
    )
    survivorship: dict[str, tuple[Criterion, ...]] = Field(
        default_factory=dict[str, tuple[Criterion, ...]],
        description="per attribute, the order of criteria: verified, priority, recent, frequent, longest",
    )
    engine: Engine = Field(
        default=Engine.DUCKDB, description="what scores many records; the outcome is the same"
    )
    batch_size: int = Field(default=2000, ge=1, le=10_000, description="rows per write to the graph")

    @field_validator("identifiers", mode="before")
    @classmethod
    def _known_by_one_name(cls, tables: Any) -> Any:
        """Kinds under their registered names, so that `E-Mail` is email."""
        if not isinstance(tables, dict):
            return tables
        named: dict[str, Any] = {}
        for name, table in tables.items():
            try:
                kind = canonical_kind(str(name))
            except UnusableValueError as error:
                raise ValueError(f"{name}: {error}") from error
            if kind in named:
                raise ValueError(f"{name} is {kind}, which has a table already")
            named[kind] = table
        return named

    @field_validator("survivorship")
    @classmethod
    def _known_subjects(cls, criteria: dict[str, tuple[Criterion, ...]]) -> dict[str, tuple[Criterion, ...]]:
        for name, order in criteria.items():
            if name in ADDRESS:
                raise ValueError(
                    f"{name} is part of the address, which is kept whole: give criteria for address"
                )
            if name not in SUBJECTS:
                raise ValueError(f"unknown attribute {name}; known are {', '.join(SUBJECTS)}")
            if not order or len(set(order)) < len(order):
                raise ValueError(f"{name} needs at least one criterion, and each once")
        return criteria

    @cached_property
    def kinds(self) -> Kinds:
        """The identifier kinds under these settings."""
        return Kinds(self.limits, self.identifiers)
