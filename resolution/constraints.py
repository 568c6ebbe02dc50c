"""What may never be in one cluster: kinds, unique identifiers, generations, judged pairs, a source's rule."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jellyfish import levenshtein_distance

from graph.identifiers import KINDS
from graph.neighbourhood import StoredRecord
from graph.vocabulary import RecordKind

_MISTYPED = 2
"""Two values of a unique kind within so many edits may be one value mistyped: they neither link nor forbid."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a cluster holds that a merge must respect; `named` counts its records that carry a name."""

    keys: frozenset[str]
    named: int
    kinds: frozenset[RecordKind]
    generations: frozenset[str]
    once: frozenset[str]
    unique: Mapping[str, frozenset[str]]
    apart: frozenset[str] = frozenset()
    locked: bool = False

    def joined(self, other: "Holdings") -> "Holdings":
        """What the merged cluster holds."""
        kinds = sorted({*self.unique, *other.unique})
        nothing = frozenset[str]()
        return Holdings(
            self.keys | other.keys,
            self.named + other.named,
            self.kinds | other.kinds,
            self.generations | other.generations,
            self.once | other.once,
            {kind: self.unique.get(kind, nothing) | other.unique.get(kind, nothing) for kind in kinds},
            self.apart | other.apart,
            self.locked or other.locked,
        )


@dataclass(frozen=True, slots=True)
class Constraints:
    """The constraints over a set of records.

    `apart` maps a record to those it was judged different from; `once` names the sources that hold each person
    once; `exclusive` names the identifier kinds of which one person has one value, `named` the records that
    carry a name, `locked` those of locked profiles.
    """

    records: Mapping[str, StoredRecord]
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    once: frozenset[str] = frozenset()
    exclusive: frozenset[str] = frozenset()
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
        unique: dict[str, frozenset[str]] = {}
        for held in record.identifiers:
            if held.identifier.kind in self.exclusive:
                values = unique.get(held.identifier.kind, frozenset())
                unique[held.identifier.kind] = values | {held.identifier.value}
        return Holdings(
            frozenset((key,)),
            key in self.named,
            frozenset((record.kind,)) - {RecordKind.VISITOR},
            frozenset(value for value in (record.attributes.get("generation"),) if value),
            frozenset((record.source,)) & self.once,
            unique,
            self.apart.get(key, frozenset()),
            key in self.locked,
        )

    def objection(self, one: Holdings, other: Holdings) -> str | None:
        """Why the two may not merge, or None when they may."""
        return next(_objections(one, other), None)


def exclusive_kinds() -> frozenset[str]:
    """The registered identifier kinds of which one person has one value."""
    return frozenset(name for name, kind in KINDS.items() if kind.exclusive)


def _objections(one: Holdings, other: Holdings) -> Iterator[str]:
    if one.kinds and other.kinds and one.kinds != other.kinds:
        yield "a person and an organisation"
    if one.apart & other.keys or other.apart & one.keys:
        yield "judged different"
    if one.locked or other.locked:
        yield "locked"
    if one.once & other.once:
        yield "this source holds each person once"
    if one.generations and other.generations and one.generations != other.generations:
        yield "different generations"
    for kind in sorted(one.unique.keys() & other.unique.keys()):
        if _differ(one.unique[kind], other.unique[kind]):
            yield f"two values of {kind}"


def _differ(values: frozenset[str], others: frozenset[str]) -> bool:
    """Whether the two sets of values are clearly of two people: none equal, none a typing error of another."""
    if values & others:
        return False
    return all(levenshtein_distance(a, b) > _MISTYPED for a in values for b in others)
