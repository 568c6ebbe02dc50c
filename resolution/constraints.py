"""What may never be in one cluster: kinds, identifiers and their limits, generations, judged pairs, a source's rule."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jellyfish import levenshtein_distance

from graph.neighbourhood import StoredRecord
from graph.vocabulary import RecordKind
from resolution.agreement import relatives
from resolution.kinds import Kinds
from resolution.limits import Limits, Sighting

_MISTYPED = 2
"""Two values of a unique kind within so many edits may be one value mistyped: they neither link nor forbid."""

_FULL_DATE = len("yyyy-mm-dd")

_Values = Mapping[str, frozenset[Sighting]]
"""By kind, the values and when each was seen."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why two clusters may not merge; `kind` is the identifier kind that forbids it, if one does."""

    reason: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a cluster holds that a merge must respect: `values` of exclusive and limited identifier kinds;
    `named` counts its records that carry a name, `births` those with each full birth date."""

    keys: frozenset[str]
    named: int
    kinds: frozenset[RecordKind]
    generations: frozenset[str]
    once: frozenset[str]
    values: _Values
    apart: frozenset[str] = frozenset()
    locked: bool = False
    births: Mapping[str, int] = field(default_factory=dict[str, int])

    def joined(self, other: "Holdings") -> "Holdings":
        """What the merged cluster holds."""
        return Holdings(
            self.keys | other.keys,
            self.named + other.named,
            self.kinds | other.kinds,
            self.generations | other.generations,
            self.once | other.once,
            _united(self.values, other.values),
            self.apart | other.apart,
            self.locked or other.locked,
            _counted(self.births, other.births),
        )


@dataclass(frozen=True, slots=True)
class Constraints:
    """The constraints over a set of records.

    `apart` maps a record to those it was judged different from; `once` names the sources that hold each person
    once; `kinds` has the limits of the identifiers; `named` are the records that carry a name, `locked` those of
    locked profiles.
    """

    records: Mapping[str, StoredRecord]
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    once: frozenset[str] = frozenset()
    kinds: Kinds = field(default_factory=lambda: Kinds(Limits(), {}))
    named: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()

    def of(self, keys: Iterable[str]) -> Holdings:
        """The holdings of a cluster of `keys`."""
        holdings: Holdings | None = None
        for key in keys:
            one = self._single(key)
            holdings = one if holdings is None else holdings.joined(one)
        if holdings is None:
            raise ValueError("a cluster has at least one record")
        return holdings

    def _single(self, key: str) -> Holdings:
        record = self.records[key]
        return Holdings(
            frozenset((key,)),
            key in self.named,
            frozenset((record.kind,)) - {RecordKind.VISITOR},
            frozenset(value for value in (record.attributes.get("generation"),) if value),
            frozenset((record.source,)) & self.once,
            self._values(record),
            self.apart.get(key, frozenset()),
            key in self.locked,
            _birth(record),
        )

    def _values(self, record: StoredRecord) -> _Values:
        """The record's values of the kinds that a merge must respect, seen when it was true or since it holds them."""
        found: dict[str, frozenset[Sighting]] = {}
        observed = int(record.observed_at.timestamp()) if record.observed_at else None
        for held in record.identifiers:
            kind = held.identifier.kind
            if kind in self.kinds.respected:
                seen = (held.identifier.value, held.since if observed is None else observed)
                found[kind] = found.get(kind, frozenset()) | {seen}
        return found

    def objection(self, one: Holdings, other: Holdings) -> Objection | None:
        """Why the two may not merge, or None when they may."""
        return next(self.objections(one, other), None)

    def objections(self, one: Holdings, other: Holdings) -> Iterator[Objection]:
        """Every reason why the two may not merge."""
        if one.kinds and other.kinds and one.kinds != other.kinds:
            yield Objection("a person and an organisation")
        if one.apart & other.keys or other.apart & one.keys:
            yield Objection("judged different")
        if one.locked or other.locked:
            yield Objection("locked")
        if one.once & other.once:
            yield Objection("this source holds each person once")
        if one.generations and other.generations and one.generations != other.generations:
            yield Objection("different generations")
        for kind in sorted(one.values.keys() & other.values.keys()):
            if kind in self.kinds.exclusive and _differ(_plain(one.values[kind]), _plain(other.values[kind])):
                yield Objection(f"two values of {kind}", kind)
        broken = self.broken_limit(one, other)
        if broken:
            yield broken

    def relatives(self, one: str, other: str) -> bool:
        """Whether two records are of two people of one family."""
        return relatives(self.records[one], self.records[other])

    def broken_limit(self, one: Holdings, other: Holdings) -> Objection | None:
        """The limit on a profile's identifiers that the two together exceed, the first by name, or None."""
        for kind in sorted(one.values.keys() & other.values.keys() & self.kinds.limited.keys()):
            for limit in self.kinds.limited[kind]:
                if limit.broken(one.values[kind], other.values[kind]):
                    return Objection(limit.reason(kind), kind)
        return None


def _birth(record: StoredRecord) -> Mapping[str, int]:
    date = record.attributes.get("birth_date", "")
    return {date: 1} if len(date) == _FULL_DATE else {}


def _counted(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    """The sums of two counts; nothing is copied where one of them is empty."""
    if not one or not other:
        return one or other
    return {date: one.get(date, 0) + other.get(date, 0) for date in (*one, *other)}


def _united(one: _Values, other: _Values) -> _Values:
    """What both hold; nothing is copied where one of them holds nothing."""
    if not one or not other:
        return one or other
    nothing = frozenset[Sighting]()
    return {kind: one.get(kind, nothing) | other.get(kind, nothing) for kind in sorted({*one, *other})}


def _plain(sightings: frozenset[Sighting]) -> frozenset[str]:
    return frozenset(value for value, _ in sightings)


def _differ(values: frozenset[str], others: frozenset[str]) -> bool:
    """Whether the two sets of values are clearly of two people: none equal, none a typing error of another."""
    if values & others:
        return False
    return all(levenshtein_distance(a, b) > _MISTYPED for a in values for b in others)
