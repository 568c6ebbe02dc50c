"""Pins: sets and lifts the value that a steward wants a profile to show, and writes what follows from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.attributes import clean_attributes
from graph.difference import Difference
from graph.errors import InputError, NotFoundError, UnresolvedError
from graph.identifiers import clean_identifier
from graph.lease import lease
from graph.memberships import writing
from graph.neighbourhood import Neighbourhood
from graph.pins import Pin, founder_of, new_pin_id, recording
from graph.transactions import Graph, Statement
from graph.unusable import UnusableValueError
from resolution.decide import decide
from resolution.decisions import resolved_configuration
from resolution.golden import CONTACTS, PINNABLE
from resolution.settings import ResolutionSettings
from resolution.surroundings import at_rest

_PATIENCE_SECONDS = 15.0
"""How long a steward waits for a resolve that is under way."""

Follow = Callable[[Difference, datetime], Sequence[Statement]]
"""What else has to be written in the transaction of a pin, given what it changes."""


@dataclass(frozen=True, slots=True)
class PinOrder:
    """What a steward asks for: show `value` as the profile's `attribute`, or with None what the records say.

    `author` is the id of an API key.
    """

    profile_id: str
    attribute: str
    value: str | None
    author: str
    reason: str


async def pin(graph: Graph, settings: ResolutionSettings, order: PinOrder, follow: Follow) -> None:
    """Carry out an order in one transaction; an earlier pin on the attribute ends.

    Raises NotFoundError for a profile without records or a pin that is not there, InputError for an unknown attribute
    or an unusable value, UnresolvedError while its records wait to be resolved, LeaseError.
    """
    value = None if order.value is None else cleaned(order.attribute, order.value)
    if order.attribute not in PINNABLE:
        raise InputError(f"There is no attribute {order.attribute!r}; one can pin {', '.join(PINNABLE)}.")
    async with lease(graph, "resolve", _PATIENCE_SECONDS):
        founder = await founder_of(graph, order.profile_id)
        if founder is None:
            raise NotFoundError(f"There is no current profile {order.profile_id}.")
        configuration = await resolved_configuration(graph, settings)
        before = await at_rest(graph, {founder}, configuration)
        if any(record.pending for record in before.records.values()):
            raise UnresolvedError(
                "Records around this profile wait to be resolved: run `onefold resolve` first."
            )
        former = _standing(before, order)
        if value is None and not former:
            raise NotFoundError(f"Nothing is pinned as {order.attribute} of this profile.")
        at = datetime.now(UTC)
        new = [] if value is None else [_pin(order, founder, value, at)]
        pins = [one for one in before.pins if one not in former]
        act = "unpinned" if value is None else "pinned"
        cause = f"steward {order.author}: {order.attribute} {act}"
        difference = decide(replace(before, pins=[*pins, *new]), configuration, cause)
        written = recording(new, former, order.author, at)
        await graph.write_all([*written, *writing(difference, at), *follow(difference, at)])


def cleaned(attribute: str, value: str) -> str:
    """A value as its attribute holds it; raises InputError when it cannot be used."""
    if attribute in CONTACTS:
        try:
            return clean_identifier(attribute, value).value
        except UnusableValueError as error:
            raise InputError(f"The value cannot be used ({error.code}): {error}") from None
    found = clean_attributes({attribute: value}).attributes.get(attribute)
    if found is None:
        raise InputError(f"The value cannot be used as {attribute}.")
    return found


def _standing(before: Neighbourhood, order: PinOrder) -> list[Pin]:
    """The pins on the attribute that the profile shows now, the one that hides others too."""
    members = {key for key, record in before.records.items() if record.profile_id == order.profile_id}
    carried = {before.records[key].carried_id for key in members}
    return [
        one
        for one in before.pins
        if one.attribute == order.attribute
        and (one.profile_id in carried if one.orphaned else one.record_key in members)
    ]


def _pin(order: PinOrder, founder: str, value: str, at: datetime) -> Pin:
    return Pin(
        id=new_pin_id(),
        record_key=founder,
        profile_id=order.profile_id,
        attribute=order.attribute,
        value=value,
        author=order.author,
        reason=order.reason,
        at=at,
    )
