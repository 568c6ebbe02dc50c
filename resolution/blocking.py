"""How complete the candidates are: which true pairs each rule brings together, alone or not, and at what cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import combinations

from graph.blocking import Block
from graph.crowds import Crowd
from graph.neighbourhood import StoredRecord

Signs = Mapping[str, Set[Block]]
"""Of each record key what it may be found by: a block column with its value, or an identifier kind with a key."""

MISSED_SHOWN = 50


def signs_of(record: StoredRecord) -> frozenset[Block]:
    """What a record may be found by."""
    held = {(one.identifier.kind, one.key) for one in record.identifiers}
    return frozenset(held | set(record.blocks.items()))


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule does: true pairs `found`, those that no other rule finds (`only`), those that it leaves to others
    because too many records share the value (`crowded`), and the pairs of any records that it has compared
    (`candidates`)."""

    name: str
    found: int
    only: int
    crowded: int
    candidates: int


@dataclass(frozen=True, slots=True)
class Blocking:
    """True `pairs`, how many of them are candidates (`found`), by which rule, and examples of the `missed`.

    `together` of the missed pairs are in one profile all the same, by way of other records.
    """

    pairs: int
    found: int
    together: int
    rules: tuple[Rule, ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def completeness(self) -> float:
        """Pair completeness: the share of the true pairs that are candidates; 1 when there are none."""
        return self.found / self.pairs if self.pairs else 1.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Of the whole graph: the signs on too many records to be compared by, and the candidates of each rule."""

    crowded: Set[Block]
    candidates: Mapping[str, int]

    @classmethod
    def of(cls, crowds: Iterable[Crowd]) -> "Costs":
        """From how many records share each value; those that are named are too many."""
        crowded = set[Block]()
        candidates = Counter[str]()
        for one in crowds:
            if one.value is None:
                candidates[one.rule] += one.count * one.holders * (one.holders - 1) // 2
            else:
                crowded.add((one.rule, one.value))
        return cls(crowded, candidates)


def measure_blocking(
    people: Mapping[str, str], memberships: Mapping[str, str], signs: Signs, costs: Costs
) -> Blocking:
    """Look at every pair of records that are one person in truth (`people`: the person of each record key)."""
    found, only, crowded = Counter[str](), Counter[str](), Counter[str]()
    pairs = together = missing = 0
    missed: list[tuple[str, str]] = []
    for left, right in _true_pairs(people):
        pairs += 1
        shared = signs.get(left, frozenset()) & signs.get(right, frozenset())
        rules = {rule for rule, _ in shared - costs.crowded}
        found.update(rules)
        crowded.update({rule for rule, _ in shared & costs.crowded} - rules)
        if len(rules) == 1:
            only.update(rules)
        if not rules:
            missing += 1
            together += left in memberships and memberships[left] == memberships.get(right)
            if len(missed) < MISSED_SHOWN:
                missed.append((left, right))
    names = sorted({*costs.candidates, *found, *crowded}, key=lambda name: (-only[name], -found[name], name))
    rules = (
        Rule(name, found[name], only[name], crowded[name], costs.candidates.get(name, 0)) for name in names
    )
    return Blocking(pairs, pairs - missing, together, tuple(rules), tuple(missed))


def _true_pairs(people: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    records: defaultdict[str, list[str]] = defaultdict(list)
    for key, person in sorted(people.items()):
        records[person].append(key)
    for keys in records.values():
        yield from combinations(keys, 2)
