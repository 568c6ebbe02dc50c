"""What the scored weights of pairs owe to evidence that is not to be trusted, and lose again.

A score knows values and not who holds them: it counts a customer number that a clerk gave to everybody, and an
e-mail address that a browser merely claims.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass
from resolution.agreement import birth_dates_agree, names_agree
from resolution.clustering import Pair
from resolution.features import UNIQUE_ID_KINDS
from resolution.identifiers import Holders


@dataclass(frozen=True, slots=True)
class Doubts:
    """`numbers` are the unique identifiers (keys) that are on too many people to link, of which one in common was
    scored with `same_number` bits; `contacts` those of any kind that `claimed` sources cannot prove."""

    numbers: frozenset[str]
    contacts: frozenset[str]
    claimed: frozenset[str]
    same_number: float

    @staticmethod
    def of(
        holders: Iterable[Holders], demoted: Collection[str], claimed: frozenset[str], same_number: float
    ) -> "Doubts":
        """The doubts about the identifiers of `holders`, of which `demoted` (keys) do not link."""
        numbers: set[str] = set()
        contacts: set[str] = set()
        for one in holders:
            if one.key in demoted and one.identifier.kind in UNIQUE_ID_KINDS:
                numbers.add(one.key)
            if claimed and one.identifier_class is IdentifierClass.CONTACT:
                contacts.add(one.key)
        return Doubts(frozenset(numbers), frozenset(contacts), claimed, same_number)

    def without(self, weights: Mapping[Pair, float], live: Mapping[str, StoredRecord]) -> dict[Pair, float]:
        """The weights of the pairs of `live` records that are left when the doubtful evidence is taken back."""
        inside = {pair: weight for pair, weight in weights.items() if pair[0] in live and pair[1] in live}
        if not self.numbers and not self.claimed:
            return inside
        left: dict[Pair, float] = {}
        for pair, weight in inside.items():
            one, other = live[pair[0]], live[pair[1]]
            if not self._merely_claimed(one, other):
                left[pair] = weight - self.same_number * self._by_number(one, other)
        return left

    def _by_number(self, one: StoredRecord, other: StoredRecord) -> bool:
        """Whether the only unique numbers in common are on too many people."""
        if not self.numbers:
            return False
        shared = _shared(one, other)
        common = {key for key, kind in shared.items() if kind in UNIQUE_ID_KINDS}
        return bool(common) and common <= self.numbers

    def _merely_claimed(self, one: StoredRecord, other: StoredRecord) -> bool:
        """Whether nothing but contacts that one of the two only claims to own speaks for the pair."""
        if self.claimed.isdisjoint((one.source, other.source)):
            return False
        shared = _shared(one, other)
        if not shared or not self.contacts.issuperset(shared):
            return False
        names = names_agree(one.attributes, other.attributes)
        dates = birth_dates_agree(one.attributes, other.attributes)
        return not (names or dates)


def _shared(one: StoredRecord, other: StoredRecord) -> dict[str, str]:
    """Identifiers in common: kind by key."""
    keys = {held.key for held in other.identifiers}
    return {held.key: held.identifier.kind for held in one.identifiers if held.key in keys}
