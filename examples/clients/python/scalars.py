"""The scalars of Onefold that a role may see redacted: then they are an object instead of the value."""

from typing import Any, Literal

from pydantic import BaseModel


class Redacted(BaseModel):
    """What stands where the role of the key may not see the value."""

    redacted: Literal["PERSONAL", "RAW"]


PersonalText = str | Redacted
PersonalData = Redacted | Any
RawInput = Redacted | Any


def shown(value: PersonalText | None) -> str:
    """The text, or a placeholder where the role of the key may not see it."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else "(redacted)"
