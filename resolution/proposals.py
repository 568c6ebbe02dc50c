"""What acts of stewards are made of: the judgements that each gives and ends."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from graph.errors import DecisionError, InputError
from graph.judgements import StoredJudgement
from graph.neighbourhood import Judgement
from graph.pins import Pin
from graph.vocabulary import DecisionKind, Verdict


@dataclass(frozen=True, slots=True)
class Pinning:
    """A pin before it is set: the `value` of an attribute, hung on the founder of a profile."""

    record_key: str
    profile_id: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class PinChange:
    """What becomes of pins: those newly set, those that end, and the former ones restored; `around` are the records
    with which they show."""

    around: frozenset[str]
    given: tuple[Pinning, ...] = ()
    ended: tuple[Pin, ...] = ()
    restored: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision before it is made: the judgements `given`, the standing ones `ended` without another in their
    place, and the former ones `restored`; `undoes` is the id of a decision, `expires_at` is UTC."""

    kind: DecisionKind
    given: tuple[Judgement, ...] = ()
    ended: tuple[StoredJudgement, ...] = ()
    restored: tuple[StoredJudgement, ...] = ()
    undoes: str | None = None
    expires_at: datetime | None = None
    pins: PinChange | None = None

    @property
    def keys(self) -> set[str]:
        """The records that it is about."""
        judged = {key for one in (*self.given, *self.ended, *self.restored) for key in one.pair}
        return judged | (self.pins.around if self.pins else frozenset())


def judgement(left: str, right: str, verdict: Verdict, *, locked: bool = False) -> Judgement:
    """A judgement on two records in any order."""
    low, high = sorted((left, right))
    return Judgement(low, high, verdict, locked)


def judged(words: Iterable[Judgement], expires_at: datetime | None = None) -> Proposal:
    """Judge pairs; raises InputError for a record with itself, or a pair judged twice."""
    given = tuple(sorted(words, key=lambda one: one.pair))
    if any(one.left == one.right for one in given):
        raise InputError("A judgement is about two records.")
    if len({one.pair for one in given}) < len(given):
        raise InputError("A pair is judged twice in one decision.")
    return Proposal(DecisionKind.JUDGE, given, expires_at=expires_at)


def merged(founders: Sequence[str]) -> Proposal:
    """Put profiles together: the oldest founder is the same person as each of the others."""
    first, *others = founders
    return Proposal(
        DecisionKind.MERGE, tuple(judgement(first, other, Verdict.SAME) for other in sorted(others))
    )


def split(members: Sequence[str], parts: Sequence[Collection[str]]) -> Proposal:
    """Take a profile apart: each of `parts` leaves, what is left over stays; `members` are in order of age.

    Each side is one person (its founder the same as each other member), and the founders are different people.
    Raises InputError for records of another profile, in two parts or in none.
    """
    chosen = [key for part in parts for key in part]
    if not parts or not all(parts) or len(set(chosen)) < len(chosen):
        raise InputError("Each part of a split needs records, and a record can be in one part only.")
    if not set(chosen) <= set(members):
        raise InputError("A split can only part records of this profile.")
    rest = [key for key in members if key not in set(chosen)]
    sides = [[key for key in members if key in set(part)] for part in parts]
    sides += [rest] if rest else []
    if len(sides) < 2:
        raise InputError("A split leaves records on at least two sides.")
    same = [judgement(side[0], other, Verdict.SAME) for side in sides for other in side[1:]]
    apart = [judgement(one[0], other[0], Verdict.DIFFERENT) for one, other in combinations(sides, 2)]
    return Proposal(DecisionKind.SPLIT, tuple(sorted((*same, *apart), key=lambda one: one.pair)))


def locked(members: Sequence[str], expires_at: datetime | None = None) -> Proposal:
    """Lock a profile: its founder is the same person as each member, itself included, and only stewards change it."""
    given = sorted(
        (judgement(members[0], key, Verdict.SAME, locked=True) for key in members), key=lambda one: one.pair
    )
    return Proposal(DecisionKind.LOCK, tuple(given), expires_at=expires_at)


def undone(
    given: Iterable[StoredJudgement],
    ended: Iterable[StoredJudgement],
    standing: Iterable[StoredJudgement],
    now: datetime,
) -> Proposal:
    """Take decisions back: end what they gave, restore what they ended; a pair judged again since is left alone.

    Raises DecisionError when nothing of them stands.
    """
    ending = tuple(sorted((one for one in given if one.until is None), key=lambda one: one.pair))
    taken = {one.pair for one in standing} - {one.pair for one in ending}
    restored = {
        one.pair: one
        for one in sorted(ended, key=lambda one: one.id)
        if one.pair not in taken and (one.expires_at is None or one.expires_at > now)
    }
    if not ending and not restored:
        raise DecisionError("Nothing of this decision stands any more: later ones took its place.")
    return Proposal(DecisionKind.UNDO, ended=ending, restored=tuple(restored.values()))
