"""What standing judgements mean: which records are together, which apart, which locked, and what contradicts them."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.neighbourhood import Judgement
from graph.vocabulary import Verdict
from resolution.clustering import Pair, components


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Judgements as the clustering obeys them: pairs `together`, per record those it is kept `apart` from, and the
    records of `locked` profiles."""

    together: Sequence[Pair]
    apart: Mapping[str, frozenset[str]]
    locked: frozenset[str]


def verdicts(judgements: Iterable[Judgement], live: Collection[str]) -> Verdicts:
    """What `judgements` say of the `live` records, also by way of records that are gone.

    Judged the same as one record, two are the same as one another, whether or not that one is still there.
    """
    known = sorted(judgements, key=lambda one: one.pair)
    same = [one.pair for one in known if one.verdict is Verdict.SAME]
    named = {key for one in known for key in one.pair}
    person: dict[str, list[str]] = {}
    for group in components(named, same):
        present = [key for key in group if key in live]
        person.update((key, present) for key in group)
    together = {(keys[0], other) for keys in person.values() for other in keys[1:]}
    apart: defaultdict[str, set[str]] = defaultdict(set)
    for one in known:
        if one.verdict is Verdict.DIFFERENT and person[one.left] and person[one.right]:
            left, right = person[one.left][0], person[one.right][0]
            apart[left].add(right)
            apart[right].add(left)
    return Verdicts(
        together=sorted(together),
        apart={key: frozenset(others) for key, others in sorted(apart.items())},
        locked=frozenset(key for one in known if one.locked for key in person[one.left]),
    )


class Standing:
    """Judgements that stand together, and the test whether another one fits in."""

    def __init__(self, judgements: Iterable[Judgement]) -> None:
        self._same: defaultdict[str, dict[str, Judgement]] = defaultdict(dict)
        self._different: defaultdict[str, dict[str, Judgement]] = defaultdict(dict)
        for one in sorted(judgements, key=lambda one: one.pair):
            self.add(one)

    def add(self, judgement: Judgement) -> None:
        """Take a judgement in, in place of what stood of its pair."""
        left, right = judgement.pair
        for known in (self._same, self._different):
            known[left].pop(right, None)
            known[right].pop(left, None)
        if judgement.verdict is not Verdict.UNSURE:
            known = self._same if judgement.verdict is Verdict.SAME else self._different
            known[left][right] = known[right][left] = judgement

    def against(self, judgement: Judgement) -> tuple[Judgement, ...]:
        """The judgements, step by step from `left` to `right`, that contradict one on another pair or of another
        verdict; () when it fits."""
        left, right = judgement.pair
        if judgement.verdict is Verdict.DIFFERENT:
            return self._paths(left).get(right, ())
        if judgement.verdict is Verdict.SAME:
            there, back = self._paths(left), self._paths(right)
            for key in sorted(there):
                for other, different in sorted(self._different[key].items()):
                    if other in back:
                        return (*there[key], different, *reversed(back[other]))
        return ()

    def _paths(self, start: str) -> dict[str, tuple[Judgement, ...]]:
        """The shortest path of SAME from `start` to every record judged the same (breadth first, by key)."""
        paths: dict[str, tuple[Judgement, ...]] = {start: ()}
        queue = deque([start])
        while queue:
            key = queue.popleft()
            for other, step in sorted(self._same[key].items()):
                if other not in paths:
                    paths[other] = (*paths[key], step)
                    queue.append(other)
        return paths
