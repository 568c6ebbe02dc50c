"""What an input may be: how much rejected, how much gone at its source, and how large before it is imported."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LoadSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_LOAD_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_LOAD_", frozen=True, env_ignore_empty=True)

    rejected_rows: int = Field(default=1000, ge=0, description="A load never stops for so few rejected rows.")
    rejected_share: float = Field(
        default=0.05, ge=0, le=1, description="A load with a larger share of rejected rows stops."
    )
    import_rows: int = Field(
        default=200_000,
        ge=0,
        description="From so many rows on an empty embedded graph is filled by the offline importer.",
    )

    def too_many(self, rejected: int, lines: int) -> bool:
        """Whether so much of an input was rejected that none of it is applied."""
        return rejected > self.rejected_rows and rejected > self.rejected_share * lines


class SyncSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_SYNC_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_SYNC_", frozen=True, env_ignore_empty=True)

    removed_rows: int = Field(
        default=1000, ge=0, description="A sync never refuses to remove so few records."
    )
    removed_share: float = Field(
        default=0.2, ge=0, le=1, description="A sync removes no larger share of a source's records."
    )
    attempts: int = Field(default=3, ge=1, description="How often a source is tried in one sync.")
    pause_seconds: float = Field(
        default=2, ge=0, description="Wait before the second try; doubled each time."
    )

    def too_many(self, removed: int, records: int) -> bool:
        """Whether so many records are gone that it is more likely that their source is not whole."""
        return removed > self.removed_rows and removed > self.removed_share * records


class KafkaSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_KAFKA_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_KAFKA_", frozen=True, env_ignore_empty=True)

    group: str = Field(default="onefold", description="Consumer group: its processes share a topic.")
    tls: bool = Field(default=False, description="Speak TLS with the brokers.")
    ca_file: Path | None = Field(
        default=None, description="Certificates that the brokers' are checked against."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN", description="How to log in at the brokers, where a user name is given."
    )
    user: str | None = Field(default=None, description="User name at the brokers; none: no login.")
    password: SecretStr = Field(default=SecretStr(""), description="Password at the brokers.")
