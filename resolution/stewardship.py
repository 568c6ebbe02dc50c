"""What stewards' work is configured by: what a mistake costs, and from when on two have to agree."""

from math import log2

from pydantic import BaseModel, ConfigDict, Field

from graph.exposures import ExposureCosts


class StewardshipSettings(BaseModel):
    """The `[stewardship]` table of onefold.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment_cost: float = Field(default=1.0, ge=0, description="what a segment of a wrong profile costs")
    consent_cost: float = Field(default=1.0, ge=0, description="what a consent of a wrong profile costs")
    purchase_cost: float = Field(default=0.1, ge=0, description="what a purchase of a wrong profile costs")
    revenue_cost: float = Field(default=0.0, ge=0, description="what a unit of its purchases' revenue costs")
    least_error: float = Field(
        default=0.01, gt=0, lt=0.5, description="what is less likely to be wrong is not asked"
    )
    approval_exposure: float | None = Field(
        default=None, ge=0, description="a decision on profiles with a higher exposure needs a second person"
    )

    @property
    def floor(self) -> float:
        """The weight (log2 odds) from which on a pair that stands apart is asked."""
        return log2(self.least_error / (1 - self.least_error))

    @property
    def costs(self) -> ExposureCosts:
        """What one of each costs."""
        return ExposureCosts(self.segment_cost, self.consent_cost, self.purchase_cost, self.revenue_cost)
