"""Survivorship: which value of each attribute a profile shows, from which record, by which criterion, and what lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from graph.neighbourhood import StoredRecord
from graph.pins import Pin
from graph.vocabulary import ATTRIBUTES

ADDRESS: tuple[str, ...] = ("house_number", "street", "unit", "city", "postcode", "region", "country")
"""An address is kept whole: all its parts come from one record."""
CONTACTS: tuple[str, ...] = ("email", "phone")
PINNABLE: tuple[str, ...] = (*ATTRIBUTES, *CONTACTS)
SUBJECTS: tuple[str, ...] = (*(name for name in PINNABLE if name not in ADDRESS), "address")
"""What survivorship decides on, each by criteria of its own."""

Criterion = Literal["verified", "priority", "recent", "frequent", "longest"]
DEFAULT_CRITERIA: tuple[Criterion, ...] = get_args(Criterion)

_RULES: Mapping[str, str] = {
    "located": "most complete",
    "verified": "verified",
    "priority": "source priority",
    "recent": "most recent",
    "frequent": "most frequent",
    "longest": "longest",
}
_ADDRESS_INPUTS = frozenset((*ADDRESS, "address", "street_line"))
_NAME_PARTS = frozenset(("given_name", "middle_name", "surname", "generation"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value of an attribute, the record that says it, and when it was last true by that record (UTC)."""

    value: str
    record_key: str
    source: str
    at: datetime
    verified: bool = False


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """The surviving value of one attribute, the rule that decided, and the losing values (most likely first)."""

    attribute: str
    chosen: Candidate
    rule: str
    alternatives: tuple[Candidate, ...]


Measure = Callable[[Candidate], float]


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules: `priorities` per source (higher wins), `criteria` per subject."""

    priorities: Mapping[str, int]
    criteria: Mapping[str, Sequence[str]]

    def golden(self, records: Sequence[StoredRecord], pins: Iterable[Pin] = ()) -> dict[str, GoldenValue]:
        """The golden record of the profile that `records` form, in the order of the attributes; a pin wins."""
        found = self._address(records)
        for subject in SUBJECTS:
            candidates = _candidates(subject, records)
            if candidates:
                ordered, rule = self._ranked(subject, candidates)
                found[subject] = GoldenValue(subject, ordered[0], rule, _losers(ordered, ordered[0].value))
        for pin in sorted(pins, key=lambda one: (one.at, one.id)):
            found[pin.attribute] = _pinned(pin, found.get(pin.attribute))
        return {name: found[name] for name in PINNABLE if name in found}

    def _ranked(
        self, subject: str, candidates: Sequence[Candidate], located: Measure | None = None
    ) -> tuple[list[Candidate], str]:
        """The candidates, the best first, and the criterion that told the best from the next other value."""
        frequency = Counter(one.value for one in candidates)
        known: dict[str, Measure] = {
            "verified": lambda one: one.verified,
            "priority": lambda one: self.priorities.get(one.source, 0),
            "recent": lambda one: one.at.timestamp(),
            "frequent": lambda one: frequency[one.value],
            "longest": lambda one: len(one.value),
        }
        measures = {name: known[name] for name in self.criteria.get(subject, DEFAULT_CRITERIA)}
        if located:
            measures = {"located": located, **measures}

        def order(one: Candidate) -> tuple[float | str, ...]:
            return (*(-measure(one) for measure in measures.values()), one.value, one.record_key)

        ordered = sorted(candidates, key=order)
        return ordered, _deciding(ordered, measures)

    def _address(self, records: Sequence[StoredRecord]) -> dict[str, GoldenValue]:
        """The parts of the address of one record, the best located one first and then by the criteria."""
        by_key = {record.key: record for record in records}
        candidates = [_candidate("address", text, one) for one in records if (text := _address_of(one))]
        if not candidates:
            return {}
        ordered, rule = self._ranked("address", candidates, lambda one: _located(by_key[one.record_key]))
        home = by_key[ordered[0].record_key]
        golden: dict[str, GoldenValue] = {}
        for name in ADDRESS:
            if value := home.attributes.get(name):
                parts = (_candidate(name, by_key[one.record_key].attributes.get(name, ""), by_key[one.record_key])
                         for one in ordered)  # fmt: skip
                said = [one for one in parts if one.value]
                golden[name] = GoldenValue(
                    name, _candidate(name, value, home), f"address kept whole: {rule}", _losers(said, value)
                )
        return golden


def _candidates(subject: str, records: Sequence[StoredRecord]) -> list[Candidate]:
    if subject == "address":
        return []
    if subject not in CONTACTS:
        return [_candidate(subject, value, one) for one in records if (value := one.attributes.get(subject))]
    return [
        _candidate(subject, held.identifier.value, record)
        for record in records
        for held in record.identifiers
        if held.identifier.kind == subject
    ]


def _candidate(subject: str, value: str, record: StoredRecord) -> Candidate:
    """When a value was last true: as its source says, else when its record was accepted."""
    at = record.observed_at or record.accepted_at
    return Candidate(value, record.key, record.source, at, _is_verified(subject, record.verified))


def _is_verified(subject: str, verified: frozenset[str]) -> bool:
    if not verified:
        return False
    if subject == "address" or subject in ADDRESS:
        return not verified.isdisjoint(_ADDRESS_INPUTS)
    return subject in verified or (subject in _NAME_PARTS and "full_name" in verified)


def _address_of(record: StoredRecord) -> str:
    return ", ".join(value for name in ADDRESS if (value := record.attributes.get(name)))


def _located(record: StoredRecord) -> int:
    """How well an address can be found: a street, and a town or postcode."""
    attributes = record.attributes
    town = attributes.get("city") or attributes.get("postcode")
    return bool(attributes.get("street")) + bool(town)


def _deciding(ordered: Sequence[Candidate], measures: Mapping[str, Measure]) -> str:
    best = ordered[0]
    other = next((one for one in ordered if one.value != best.value), None)
    if other is None:
        return "only value"
    name = next((name for name, measure in measures.items() if measure(best) != measure(other)), None)
    return _RULES[name] if name else "equal by every criterion, first by value"


def _losers(ordered: Iterable[Candidate], chosen: str) -> tuple[Candidate, ...]:
    """The other values, each by the best record that says it."""
    others: dict[str, Candidate] = {}
    for one in ordered:
        if one.value != chosen:
            others.setdefault(one.value, one)
    return tuple(others.values())


def _pinned(pin: Pin, said: GoldenValue | None) -> GoldenValue:
    """The pinned value; what the records or an older pin say stays as alternatives."""
    known = (said.chosen, *said.alternatives) if said else ()
    chosen = Candidate(pin.value, pin.record_key, "steward", pin.at)
    return GoldenValue(pin.attribute, chosen, f"pinned by {pin.author}", _losers(known, pin.value))
