"""How much of an input may be rejected before its load stops."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LoadSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_LOAD_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_LOAD_", frozen=True, env_ignore_empty=True)

    rejected_rows: int = Field(default=1000, ge=0, description="A load never stops for so few rejected rows.")
    rejected_share: float = Field(
        default=0.05, ge=0, le=1, description="A load with a larger share of rejected rows stops."
    )

    def too_many(self, rejected: int, lines: int) -> bool:
        """Whether so much of an input was rejected that none of it is applied."""
        return rejected > self.rejected_rows and rejected > self.rejected_share * lines
