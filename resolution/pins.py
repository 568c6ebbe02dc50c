"""Pins: acts that set and lift the value a profile shows, and what taking them back ends and restores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.attributes import clean_attributes
from graph.clusters import read_homes
from graph.decisions import Decision
from graph.errors import DecisionError, InputError, NotFoundError
from graph.identifiers import clean_identifier
from graph.pins import Pin as StoredPin
from graph.pins import founder_of, pins_of, read_pins
from graph.transactions import Graph
from graph.unusable import UnusableValueError
from graph.vocabulary import DecisionKind
from resolution.golden import CONTACTS, PINNABLE
from resolution.proposals import PinChange, Pinning, Proposal


@dataclass(frozen=True, slots=True)
class Pin:
    """Let a profile show a value, whatever its records say; an earlier pin on the attribute ends."""

    profile_id: str
    attribute: str
    value: str

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        value = cleaned(self.attribute, self.value)
        founder, former = await _place(graph, self.profile_id, self.attribute)
        if former and former[0].value == value:
            raise DecisionError("This is pinned already: there is nothing to decide.")
        new = Pinning(founder, self.profile_id, self.attribute, value)
        pins = PinChange(frozenset({founder}), given=(new,), ended=tuple(former))
        return Proposal(DecisionKind.PIN, pins=pins)


@dataclass(frozen=True, slots=True)
class Unpin:
    """Let a profile show what its records say again."""

    profile_id: str
    attribute: str

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        founder, former = await _place(graph, self.profile_id, self.attribute)
        if not former:
            raise NotFoundError(f"Nothing is pinned as {self.attribute} of this profile.")
        return Proposal(DecisionKind.UNPIN, pins=PinChange(frozenset({founder}), ended=tuple(former)))


def cleaned(attribute: str, value: str) -> str:
    """A value as its attribute holds it; raises InputError when it cannot be used, or the attribute not be pinned."""
    if attribute not in PINNABLE:
        raise InputError(f"There is no attribute {attribute!r}; one can pin {', '.join(PINNABLE)}.")
    if attribute in CONTACTS:
        try:
            return clean_identifier(attribute, value).value
        except UnusableValueError as error:
            raise InputError(f"The value cannot be used ({error.code}): {error}") from None
    found = clean_attributes({attribute: value}).attributes.get(attribute)
    if found is None:
        raise InputError(f"The value cannot be used as {attribute}.")
    return found


async def _place(graph: Graph, profile_id: str, attribute: str) -> tuple[str, list[StoredPin]]:
    """The founder of a current profile, and its pins on an attribute, newest first: the one that hides others too."""
    founder = await founder_of(graph, profile_id)
    if founder is None:
        raise NotFoundError(f"There is no current profile {profile_id}.")
    standing = (await pins_of(graph, [profile_id])).get(profile_id, ())
    return founder, [one for one in standing if one.attribute == attribute]


async def taken_back(graph: Graph, decision: Decision) -> Proposal:
    """Take a decision on pins back: end those it set, restore those it ended, unless another stands there.

    Raises DecisionError when nothing of it stands.
    """
    given = await read_pins(graph, decision.pinned)
    ending = [one for one in given if one.until is None]
    former = await read_pins(graph, decision.unpinned)
    around = {key for one in (*ending, *former) if (key := await _shown_with(graph, one))}
    taken = await _taken(graph, around, ending)
    restored = tuple(one for one in former if one.attribute not in taken)
    if not around or not (ending or restored):
        raise DecisionError("Nothing of this decision stands any more: later ones took its place.")
    pins = PinChange(frozenset(around), ended=tuple(ending), restored=restored)
    return Proposal(DecisionKind.UNDO, pins=pins, undoes=decision.id)


async def _shown_with(graph: Graph, pin: StoredPin) -> str | None:
    """The record with which a pin shows: its own, or when that is gone the founder of who carries the id on."""
    return await founder_of(graph, pin.profile_id) if pin.orphaned else pin.record_key


async def _taken(graph: Graph, around: Iterable[str], ending: Sequence[StoredPin]) -> set[str]:
    """The attributes that other pins stand on, where these would show."""
    homes = set((await read_homes(graph, sorted(around))).values())
    gone = {one.id for one in ending}
    found = await pins_of(graph, sorted(homes))
    return {one.attribute for pins in found.values() for one in pins if one.id not in gone}
