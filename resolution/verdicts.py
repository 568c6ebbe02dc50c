"""What standing judgements mean: which records are together, which apart, which locked, and where they contradict."""

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


def contradiction(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The shortest path of SAME between two records judged DIFFERENT, with that judgement last; () when none is.

    Of several the one with the smallest pair.
    """
    known = sorted(judgements, key=lambda one: one.pair)
    neighbours: defaultdict[str, list[tuple[str, Judgement]]] = defaultdict(list)
    for one in known:
        if one.verdict is Verdict.SAME:
            neighbours[one.left].append((one.right, one))
            neighbours[one.right].append((one.left, one))
    for one in known:
        if one.verdict is Verdict.DIFFERENT and (path := _path(neighbours, *one.pair)):
            return (*path, one)
    return ()


def _path(
    neighbours: Mapping[str, Sequence[tuple[str, Judgement]]], start: str, end: str
) -> tuple[Judgement, ...]:
    """The judgements on a shortest way from `start` to `end`, () when there is none (breadth first)."""
    reached: dict[str, tuple[Judgement, ...]] = {start: ()}
    queue = deque([start])
    while queue:
        key = queue.popleft()
        for other, step in neighbours.get(key, ()):
            if other not in reached:
                reached[other] = (*reached[key], step)
                queue.append(other)
        if end in reached:
            return reached[end]
    return ()
