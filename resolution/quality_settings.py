"""The checks of the quality board: what one profile may have, and what share of profiles with more is an alarm."""

from enum import StrEnum
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator


class Check(StrEnum):
    """What is looked for: signs of several people in one profile, then of one person in several."""

    LARGEST = "largest"
    OVERSIZED = "oversized"
    GIVEN_NAMES = "given_names"
    BIRTH_DATES = "birth_dates"
    POSTCODES = "postcodes"
    UNIQUES = "uniques"
    NAME_BIRTH_DATE = "name_birth_date"
    NAME_PHONE = "name_phone"
    NAME_EMAIL = "name_email"

    @property
    def is_over_merge(self) -> bool:
        """Whether it speaks for several people in one profile."""
        return self not in (Check.NAME_BIRTH_DATE, Check.NAME_PHONE, Check.NAME_EMAIL)


class Threshold(BaseModel):
    """From what on a check is an alarm: when more than `share` of the profiles have more than `limit`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(ge=0, le=1)
    limit: int | None = Field(default=None, ge=1)


def _over(limit: int, share: float) -> Threshold:
    return Threshold(limit=limit, share=share)


class QualitySettings(BaseModel):
    """The `[quality]` table of onefold.toml: one threshold for each check."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest: Threshold = Field(
        default=Threshold(share=0.01), description="share of all records in the largest profile"
    )
    oversized: Threshold = Field(default=_over(50, 0), description="records of one profile")
    given_names: Threshold = Field(
        default=_over(3, 0.001), description="given names of one profile, spellings and nicknames aside"
    )
    birth_dates: Threshold = Field(default=_over(2, 0.01), description="birth dates of one profile")
    postcodes: Threshold = Field(default=_over(5, 0.001), description="postcodes of one profile")
    uniques: Threshold = Field(
        default=_over(1, 0), description="values of an exclusive identifier kind of one profile"
    )
    name_birth_date: Threshold = Field(
        default=Threshold(share=0.01), description="profiles with the name and birth date of another"
    )
    name_phone: Threshold = Field(
        default=Threshold(share=0.01), description="profiles with the name and phone of another"
    )
    name_email: Threshold = Field(
        default=Threshold(share=0.01), description="profiles with the name and e-mail of another"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _over_the_default(cls, said: Any, info: ValidationInfo) -> Any:
        """What a table leaves out is as by default; a limit means something only where there is one."""
        usual: Threshold = cls.model_fields[info.field_name or ""].default
        if not isinstance(said, dict):
            return said
        table = cast("dict[str, Any]", said)
        if usual.limit is None and table.get("limit") is not None:
            raise ValueError("this check has no limit, only a share")
        return usual.model_dump() | table

    def threshold(self, check: Check) -> Threshold:
        """The threshold of a check."""
        return getattr(self, check.value)
