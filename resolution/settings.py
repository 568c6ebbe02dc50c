"""What resolution is configured by: limits, clustering, survivorship; read once and passed on."""

from pydantic import BaseModel, ConfigDict, Field

from graph.vocabulary import IdentifierClass


class Limits(BaseModel):
    """How many holders an identifier may have before it stops linking, and how large a profile may grow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unique_holders: int = Field(
        default=200, ge=2, description="records that may share one unique identifier or login"
    )
    contact_holders: int = Field(
        default=50, ge=2, description="records that may share one e-mail, phone or card"
    )
    contact_names: int = Field(default=5, ge=1, description="distinct given names that may share one contact")
    device_holders: int = Field(default=20, ge=2, description="records that may share one device")
    profile_records: int = Field(default=500, ge=2, description="records one profile may hold")
    component_records: int = Field(
        default=3000, ge=10, description="records clustered at once; a larger component raises its floor"
    )

    @property
    def most_holders(self) -> int:
        """The largest number of holders at which an identifier of any class still links."""
        return max(self.holders(identifier_class) for identifier_class in IdentifierClass)

    def holders(self, identifier_class: IdentifierClass) -> int:
        """The largest number of holders at which an identifier of this class still links."""
        return {
            IdentifierClass.UNIQUE: self.unique_holders,
            IdentifierClass.LOGIN: self.unique_holders,
            IdentifierClass.CONTACT: self.contact_holders,
            IdentifierClass.DEVICE: self.device_holders,
        }[identifier_class]


class ResolutionSettings(BaseModel):
    """The `[resolution]` table of onefold.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: Limits = Limits()
    absent_weight: float = Field(
        default=-4.0, le=0, description="log2 odds that a pair counts with which was never scored"
    )
    survivorship: dict[str, tuple[str, ...]] = Field(
        default_factory=dict[str, tuple[str, ...]],
        description="per attribute, the order of criteria: priority, recent, frequent, longest",
    )
    batch_size: int = Field(default=2000, ge=1, le=10_000, description="rows per write to the graph")
