"""Pins in GraphQL: the values that stewards want a profile to show."""

from datetime import datetime

import strawberry

from api.sensitivity import PersonalText, shown
from graph.pins import Pin as StoredPin


@strawberry.type(description="A value that a steward wants a profile to show, whatever its records say.")
class Pin:
    id: strawberry.ID = strawberry.field(description="Unique id.")
    attribute: str = strawberry.field(description="The attribute, as in `GoldenValue`.")
    value: PersonalText = strawberry.field(description="The value.")
    record_key: strawberry.ID = strawberry.field(
        description="The record that it goes with: the founder of the profile at that time."
    )
    author: str = strawberry.field(description="Who pinned it: the id of an API key, or a name.")
    reason: PersonalText = strawberry.field(description="Why, in a steward's words.")
    at: datetime = strawberry.field(description="When, UTC.")


def standing_pin(stored: StoredPin) -> Pin:
    """The GraphQL shape of a pin that stands."""
    return Pin(
        id=strawberry.ID(stored.id),
        attribute=stored.attribute,
        value=shown(stored.attribute, stored.value),
        record_key=strawberry.ID(stored.record_key),
        author=stored.author,
        reason=stored.reason,
        at=stored.at,
    )
