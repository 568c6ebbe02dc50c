"""How a profile came together: the merges of its records one after the other, with what each made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.neighbourhood import StoredRecord
from graph.transactions import Graph
from graph.vocabulary import RecordKind
from resolution.explanation import signed
from resolution.golden import GoldenValue, Survivorship
from resolution.replay import Replay, replay
from resolution.settings import ResolutionSettings
from resolution.ties import Tie, by_record, strongest_between

Golden = Mapping[str, GoldenValue]


class StepKind(StrEnum):
    """Why two sides became one: a steward's judgement, their weight, or a device known of one person only."""

    JUDGED = "JUDGED"
    MERGED = "MERGED"
    VISITED = "VISITED"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that a step joins: its records, sorted, and the name it goes by (None when it has none)."""

    record_keys: tuple[str, ...]
    name: str | None

    def __str__(self) -> str:
        count = len(self.record_keys)
        what = self.record_keys[0] if count == 1 else f"{count} records"
        return f"{what} ({self.name})" if self.name else what


@dataclass(frozen=True, slots=True)
class Step:
    """Two sides become one: `weight` is the mean over their pairs (log2 odds, only of a MERGED step), `strongest` the
    firmest tie between them, `golden` what the profile says after the step; `divided` of a visitor on a device that
    several people use by turns."""

    kind: StepKind
    left: Side
    right: Side
    weight: float | None
    strongest: Tie | None
    golden: Golden
    divided: bool = False

    @property
    def sentence(self) -> str:
        """The step in plain words."""
        if self.kind is StepKind.JUDGED:
            return f"{self.left} and {self.right} were judged to be the same."
        because = _because(self.strongest, len(self.left.record_keys) * len(self.right.record_keys))
        if self.kind is StepKind.VISITED and self.divided:
            return f"{self.right} joined {self.left}, who of several people has the first turn on its device{because}."
        if self.kind is StepKind.VISITED:
            return f"{self.right} joined {self.left}, the only person known on its device{because}."
        pairs = len(self.left.record_keys) * len(self.right.record_keys)
        mean = "" if pairs == 1 else f" in the mean of their {pairs} pairs"
        return f"{self.left} and {self.right} became one at {signed(self.weight or 0.0)}{mean}{because}."


def _because(tie: Tie | None, pairs: int) -> str:
    if tie is None:
        return ""
    return f": {tie}" if pairs == 1 else f"; firmest are {tie.left} and {tie.right}: {tie}"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The steps that made a profile, in their order; a profile of one record has none."""

    replay: Replay
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> str:
        """The whole in plain words."""
        count = len(self.replay.members)
        told = (
            f"{count} records became one profile in {len(self.steps)} steps." if self.steps else "One record."
        )
        return f"{told}{staleness(self.replay)}"


def staleness(replayed: Replay) -> str:
    """A sentence on why the profile as stored may differ from its replay; nothing when it does not."""
    if replayed.pending_count:
        who = "1 record waits" if replayed.pending_count == 1 else f"{replayed.pending_count} records wait"
        return f" {who} to be resolved: the profile as stored is older than this."
    if not replayed.applied:
        return (
            " Model, settings or sources have changed since the last resolve: the profile as stored is older."
        )
    return "" if replayed.up_to_date else " The graph has changed since the profile was stored."


async def how_profile(graph: Graph, profile_id: str, settings: ResolutionSettings) -> Assembly:
    """How the profile came together under the published model; raises as `replay` does."""
    return assembly(await replay(graph, profile_id, settings))


def assembly(replayed: Replay) -> Assembly:
    """The steps of a replay."""
    return Assembly(replayed, tuple(_Builder(replayed).steps()))


class _Builder:
    """The clusters between two steps, by name (their smallest key), each with its golden values."""

    def __init__(self, replayed: Replay) -> None:
        self._replayed = replayed
        configuration = replayed.configuration
        self._survivorship = Survivorship(configuration.priorities, configuration.settings.survivorship)
        self._ties = by_record(replayed.ties)
        self._turns = replayed.partition.turns
        self._keys: dict[str, list[str]] = {key: [key] for key in replayed.members}
        self._golden: dict[str, Golden] = {key: self._golden_of([key]) for key in replayed.members}

    def steps(self) -> Sequence[Step]:
        inside = frozenset(self._replayed.members)
        found: list[Step] = []
        home = {key: key for key in inside}
        for pair in sorted(self._replayed.verdicts.together):
            if inside.issuperset(pair) and home[pair[0]] != home[pair[1]]:
                found.append(self._join(StepKind.JUDGED, home[pair[0]], home[pair[1]], None))
                home = {key: name for name, keys in self._keys.items() for key in keys}
        found += [
            self._join(StepKind.MERGED, merge.left, merge.right, merge.weight)
            for merge in self._replayed.partition.merges
            if merge.left in inside
        ]
        return [*found, *self._visits()]

    def _visits(self) -> list[Step]:
        """Whatever is not merged yet: visitors, which join last, the person if there is one."""
        first, *others = sorted(self._keys, key=lambda name: (not self._is_known(name), name))
        found: list[Step] = []
        for name in others:
            found.append(self._join(StepKind.VISITED, first, name, None))
            first = min(first, name)
        return found

    def _is_known(self, name: str) -> bool:
        return any(self._record(key).kind is not RecordKind.VISITOR for key in self._keys[name])

    def _join(self, kind: StepKind, left: str, right: str, weight: float | None) -> Step:
        sides = self._side(left), self._side(right)
        strongest = strongest_between(self._keys[left], self._keys[right], self._ties)
        keys = sorted((*self._keys.pop(left), *self._keys.pop(right)))
        self._keys[keys[0]] = keys
        golden = self._golden[keys[0]] = self._golden_of(keys)
        divided = kind is StepKind.VISITED and not self._turns.keys().isdisjoint(sides[1].record_keys)
        return Step(kind, *sides, weight, strongest, golden, divided)

    def _side(self, name: str) -> Side:
        return Side(tuple(self._keys[name]), display_name(self._golden[name]))

    def _golden_of(self, keys: Sequence[str]) -> Golden:
        pins = [
            pin for pin in self._replayed.neighbourhood.pins if not pin.orphaned and pin.record_key in keys
        ]
        speaking = [key for key in keys if key not in self._turns] or keys
        return self._survivorship.golden([self._record(key) for key in speaking], pins)

    def _record(self, key: str) -> StoredRecord:
        return self._replayed.live[key]


def display_name(golden: Golden) -> str | None:
    """What somebody goes by: the name of a person or organisation, else an e-mail address, else nothing."""
    person = " ".join(golden[name].chosen.value for name in ("given_name", "surname") if name in golden)
    others = (golden[name].chosen.value for name in ("organisation_name", "email") if name in golden)
    return person or next(others, None)
