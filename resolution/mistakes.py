"""Where clusters and truth are furthest apart: the profiles with most strangers, the people most torn apart."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

KEYS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Mistake:
    """A profile that holds several people, or a person in several profiles (`name`): its records, how many people or
    profiles these are, the pairs of records that are wrong or missing, and some of the record keys in these `parts`."""

    name: str
    records: int
    pairs: int
    parts: tuple[tuple[str, ...], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The worst `overmerged` profiles and `torn` people; `sizes` counts clusters by size, found and true."""

    overmerged: tuple[Mistake, ...]
    torn: tuple[Mistake, ...]
    sizes: tuple[tuple[int, int, int], ...]


def find_mistakes(people: Mapping[str, str], memberships: Mapping[str, str], most: int = 10) -> Mistakes:
    """The worst of each kind among the records of `people`, the person of each record key."""
    found = {key: memberships.get(key, f"\0{key}") for key in people}
    sizes, true = (Counter(Counter(side.values()).values()) for side in (found, people))
    return Mistakes(
        overmerged=_worst(found, people, most),
        torn=_worst(people, found, most),
        sizes=tuple((size, sizes[size], true[size]) for size in sorted(sizes.keys() | true.keys())),
    )


def _worst(groups: Mapping[str, str], parts: Mapping[str, str], most: int) -> tuple[Mistake, ...]:
    """The groups with most pairs of records that are in different parts."""
    held: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key in sorted(groups):
        held[groups[key]][parts[key]].append(key)
    mistakes = [_mistake(name, list(of.values())) for name, of in held.items() if len(of) > 1]
    return tuple(sorted(mistakes, key=lambda one: (-one.pairs, one.name))[:most])


def _mistake(name: str, parts: list[list[str]]) -> Mistake:
    records = sum(map(len, parts))
    apart = (records**2 - sum(len(keys) ** 2 for keys in parts)) // 2
    largest = sorted(parts, key=lambda keys: (-len(keys), keys))
    shown: list[tuple[str, ...]] = []
    for keys in largest:
        room = KEYS_SHOWN - sum(map(len, shown))
        if room > 0:
            shown.append(tuple(keys[:room]))
    return Mistake(name, records, apart, tuple(shown), len(parts))
