"""Survivorship: which value of each attribute a profile shows, from which record, and what lost."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.neighbourhood import StoredRecord
from graph.vocabulary import ATTRIBUTES

ADDRESS: tuple[str, ...] = ("house_number", "street", "unit", "city", "postcode", "region", "country")
"""An address is kept whole: all its parts come from one record."""
CONTACTS: tuple[str, ...] = ("email", "phone")
DEFAULT_CRITERIA: tuple[str, ...] = ("priority", "recent", "frequent", "longest")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record's value of an attribute."""

    value: str
    record: StoredRecord

    @property
    def at(self) -> datetime:
        """When the value was last true: as its source says, else when it was accepted."""
        return self.record.observed_at or self.record.accepted_at


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """The surviving value of one attribute, the criteria that chose it, and the losing values (most likely first)."""

    attribute: str
    chosen: Candidate
    rule: str
    alternatives: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules: `priorities` per source (higher wins), `criteria` per attribute."""

    priorities: Mapping[str, int]
    criteria: Mapping[str, Sequence[str]]

    def golden(self, records: Sequence[StoredRecord]) -> dict[str, GoldenValue]:
        """The golden record of the profile that `records` form, in the order of the attributes."""
        address_rank = self._address_rank(records)
        golden: dict[str, GoldenValue] = {}
        for attribute in (*ATTRIBUTES, *CONTACTS):
            candidates = _candidates(attribute, records)
            if not candidates:
                continue
            criteria = self.criteria.get(attribute, DEFAULT_CRITERIA)
            if attribute in ADDRESS:
                ordered = sorted(candidates, key=lambda one: address_rank[one.record.key])
            else:
                ordered = sorted(candidates, key=self._order(criteria, candidates))
            golden[attribute] = _survivor(attribute, ordered, criteria)
        return _address_kept_whole(golden, address_rank)

    def _order(
        self, criteria: Sequence[str], candidates: Sequence[Candidate]
    ) -> Callable[[Candidate], tuple[float | str, ...]]:
        frequency = Counter(one.value for one in candidates)
        measures: dict[str, Callable[[Candidate], float]] = {
            "priority": lambda one: self.priorities.get(one.record.source, 0),
            "recent": lambda one: one.at.timestamp(),
            "frequent": lambda one: frequency[one.value],
            "longest": lambda one: len(one.value),
        }
        return lambda one: (*(-measures[name](one) for name in criteria), one.value, one.record.key)

    def _address_rank(self, records: Sequence[StoredRecord]) -> dict[str, int]:
        """Records by how well they serve as the address: a located one first, then priority, then recency."""

        def order(record: StoredRecord) -> tuple[float | str, ...]:
            located = bool(record.attributes.get("street")) + bool(
                record.attributes.get("city") or record.attributes.get("postcode")
            )
            priority = self.priorities.get(record.source, 0)
            at = record.observed_at or record.accepted_at
            return (-located, -priority, -at.timestamp(), record.key)

        return {record.key: rank for rank, record in enumerate(sorted(records, key=order))}


def _candidates(attribute: str, records: Sequence[StoredRecord]) -> list[Candidate]:
    if attribute not in CONTACTS:
        return [Candidate(r.attributes[attribute], r) for r in records if r.attributes.get(attribute)]
    return [
        Candidate(held.identifier.value, record)
        for record in records
        for held in record.identifiers
        if held.identifier.kind == attribute
    ]


def _survivor(attribute: str, ordered: Sequence[Candidate], criteria: Sequence[str]) -> GoldenValue:
    chosen = ordered[0]
    alternatives: dict[str, Candidate] = {}
    for one in ordered[1:]:
        if one.value != chosen.value:
            alternatives.setdefault(one.value, one)
    rule = "address kept whole" if attribute in ADDRESS else ", ".join(criteria)
    return GoldenValue(attribute, chosen, rule, tuple(alternatives.values()))


def _address_kept_whole(golden: dict[str, GoldenValue], rank: Mapping[str, int]) -> dict[str, GoldenValue]:
    """Drop address parts that come from another record than the one whose address is shown."""
    parts = [golden[name] for name in ADDRESS if name in golden]
    if not parts:
        return golden
    home = min((part.chosen.record.key for part in parts), key=lambda key: rank[key])
    return {
        name: value
        for name, value in golden.items()
        if name not in ADDRESS or value.chosen.record.key == home
    }
