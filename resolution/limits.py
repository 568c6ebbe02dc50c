"""Limits: how far an identifier may be shared, how large a profile may grow, and how many values it may hold when."""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from graph.vocabulary import IdentifierClass

Sighting = tuple[str, int]
"""A value of an identifier kind, and when it was seen (seconds since 1970, UTC)."""

_DAY = 86_400


class Window(StrEnum):
    """The time within which a profile's values count together; it slides over the times of the facts."""

    EVER = "ever"
    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"

    @property
    def seconds(self) -> int | None:
        """Its length; None for ever."""
        return _SECONDS[self]


_SECONDS = {
    Window.EVER: None,
    Window.YEAR: 366 * _DAY,
    Window.MONTH: 31 * _DAY,
    Window.WEEK: 7 * _DAY,
    Window.DAY: _DAY,
}


class ProfileLimit(BaseModel):
    """How many values of one identifier kind a profile may hold within a window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: int = Field(ge=1)
    window: Window = Window.EVER

    def broken(self, one: Collection[Sighting], other: Collection[Sighting]) -> bool:
        """Whether two profiles' sightings together exceed the limit, and by more than either does alone."""
        if len(one) + len(other) <= self.values:
            return False
        together = most_values({*one, *other}, self.window)
        return together > self.values and together > max(
            most_values(one, self.window), most_values(other, self.window)
        )

    def reason(self, kind: str) -> str:
        """What a refused merge says: "more than 5 of device a week"."""
        within = "" if self.window is Window.EVER else f" a {self.window}"
        return f"more than {self.values} of {kind}{within}"


def most_values(sightings: Collection[Sighting], window: Window) -> int:
    """The largest number of different values that were seen within any stretch of time as long as the window."""
    length = window.seconds
    if length is None:
        return len({value for value, _ in sightings})
    ordered = sorted(sightings, key=lambda one: (one[1], one[0]))
    inside = Counter[str]()
    first, most = 0, 0
    for value, at in ordered:
        inside[value] += 1
        while ordered[first][1] <= at - length:
            gone = ordered[first][0]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        most = max(most, len(inside))
    return most


class Limits(BaseModel):
    """How many holders an identifier may have before it stops linking, and how large a profile may grow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unique_holders: int = Field(
        default=200, ge=2, description="records that may share one unique identifier or login"
    )
    contact_holders: int = Field(
        default=50, ge=2, description="records that may share one e-mail, phone or card"
    )
    contact_names: int = Field(
        default=5,
        ge=1,
        description="people, told apart by name and birth date, that may share one identifier",
    )
    device_holders: int = Field(default=20, ge=2, description="records that may share one device")
    profile_records: int = Field(default=500, ge=2, description="records one profile may hold")
    component_records: int = Field(
        default=3000, ge=10, description="records clustered at once; a larger component raises its floor"
    )

    def holders(self, identifier_class: IdentifierClass) -> int:
        """The largest number of holders at which an identifier of this class still links."""
        return {
            IdentifierClass.UNIQUE: self.unique_holders,
            IdentifierClass.LOGIN: self.unique_holders,
            IdentifierClass.CONTACT: self.contact_holders,
            IdentifierClass.DEVICE: self.device_holders,
        }[identifier_class]
