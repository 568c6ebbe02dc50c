"""What decisions do to profiles and identifiers, counted: the figures that a resolve and a plan have in common."""

from dataclasses import dataclass

from graph.difference import Difference
from graph.vocabulary import IdentifierState, IdentityChange


@dataclass(slots=True)
class Effect:
    """Counts of profiles, but for `moved`, `arrived` and `departed`, which count records, and the last four.

    `merged` were retired into others and `retired` left nobody behind; `moved` records change their profile id,
    `arrived` ones had none, `departed` ones have none any more. `moved_share` is the part of moved records in those
    that had a profile. `demoted` and `restored` count identifiers, `conflicts` are new and `dissolved` gone.
    """

    created: int = 0
    merged: int = 0
    split: int = 0
    retired: int = 0
    moved: int = 0
    moved_share: float = 0.0
    arrived: int = 0
    departed: int = 0
    demoted: int = 0
    restored: int = 0
    conflicts: int = 0
    dissolved: int = 0

    def add(self, difference: Difference) -> None:
        """Count what one difference does."""
        changes = [event.change for event in difference.events]
        self.created += changes.count(IdentityChange.CREATED)
        self.split += changes.count(IdentityChange.SPLIT)
        merged = sum(e.change is IdentityChange.RETIRED and bool(e.related) for e in difference.events)
        self.merged += merged
        self.retired += changes.count(IdentityChange.RETIRED) - merged
        joined, left = ({key for key, _ in pairs} for pairs in (difference.joined, difference.left))
        self.moved += len(joined & left)
        self.arrived += len(joined - left)
        self.departed += len(left - joined)
        states = [state for _, state, _ in difference.states]
        self.restored += states.count(IdentifierState.LINKING)
        self.demoted += states.count(IdentifierState.DEMOTED)
        self.conflicts += len(difference.conflicts)
        self.dissolved += len(difference.dissolved)

    def share(self, members: int) -> None:
        """Work out `moved_share` among the records that had a profile, given how many have one afterwards."""
        before = members - self.arrived + self.departed
        self.moved_share = self.moved / before if before else 0.0
