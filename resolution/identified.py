"""The answer to who a record is of, read off the pass that resolved it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.conflicts import Conflict
from graph.difference import Difference
from graph.ledger import IdentityEvent
from graph.neighbourhood import Neighbourhood, StoredRecord
from graph.vocabulary import IdentifierState, IdentityChange, Outcome
from resolution.clustering import AMBIGUOUS, Pair
from resolution.configuration import Configuration
from resolution.explanation import waterfall
from resolution.features import features
from resolution.identifiers import Holders, links
from resolution.matching import record_row
from resolution.realtime import Scorer
from resolution.replay import holders_of
from resolution.run import Run
from resolution.search import Candidate

_MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Identified:
    """Who a record is of.

    `is_new` says that its profile came to be with it. `candidates` are the profiles that it was found alike, its own
    among them, the likeliest first; `affected` are the ledger's entries about profiles that changed with it,
    `conflicts` the merges that its profile was refused.
    """

    record_key: str
    profile_id: str
    is_new: bool
    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
    affected: tuple[IdentityEvent, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Seen:
    """What a pass saw and decided: `records` are all that it read, `neighbourhood` and `edges` what it decided on."""

    def __init__(self, run: Run, differences: Sequence[Difference]) -> None:
        self._model = run.model
        self._claimed = run.configuration.claimed
        self._records = {**run.evidence.records, **run.neighbourhood.records}
        self._edges = run.edges
        self._linking = _linking(run.neighbourhood, differences, run.configuration)
        self._homes = _homes(self._records, differences)
        self._conflicts = _conflicts(run.neighbourhood, differences)
        self._events = [event for difference in differences for event in difference.events]
        self._scorer = Scorer(run.model)

    def identified(self, key: str) -> Identified:
        """Who the record `key`, one of those that the pass was made for, is of."""
        home = self._homes[key]
        members = {other for other, where in self._homes.items() if where == home}
        conflicts = tuple(one for one in self._conflicts if members & {one.left, one.right})
        torn = {
            side for one in conflicts if one.reason.startswith(AMBIGUOUS) for side in (one.left, one.right)
        }
        candidates = tuple(self._candidates(key, {self._homes[side] for side in torn if side in self._homes}))
        affected = tuple(_affected(self._events, key, home))
        return Identified(
            record_key=key,
            profile_id=home,
            is_new=any(one.profile_id == home and one.change is IdentityChange.CREATED for one in affected),
            outcome=_outcome(len(members) > 1, bool(members & torn), candidates),
            candidates=candidates,
            affected=affected,
            conflicts=conflicts,
        )

    def _candidates(self, key: str, rivals: Collection[str]) -> Iterator[Candidate]:
        """The profiles that the record is like, its own first of all that weigh the same, by the record most alike."""
        best: dict[str, tuple[float, str]] = {}
        for other, weight in sorted(self._weights(key).items()):
            home = self._homes.get(other)
            if home and weight >= self._model.possible and (home not in best or best[home][0] < weight):
                best[home] = weight, other
        ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        for home, (weight, other) in ordered[:_MOST_CANDIDATES]:
            described, record = self._records[key], self._records[other]
            edge = self._scorer.edge(features(record_row(described)), features(record_row(record)))
            elsewhere = Outcome.AMBIGUOUS if home in rivals else Outcome.POSSIBLE
            yield Candidate(
                profile_id=home,
                record_key=other,
                weight=weight,
                outcome=Outcome.MATCH if home == self._homes[key] else elsewhere,
                waterfall=waterfall(self._model, described, record, edge.gammas),
                linked=weight > edge.weight,
            )

    def _weights(self, key: str) -> dict[str, float]:
        """How much the record weighs with each other: of its edge and the links by identifiers the heaviest."""
        weights = {_other(pair, key): edge.weight for pair, edge in self._edges.items() if key in pair}
        held = {one.key for one in self._records[key].identifiers}
        for holders in self._linking:
            if holders.key in held:
                for pair, weight in links(holders, self._claimed):
                    if key in pair:
                        other = _other(pair, key)
                        weights[other] = max(weight, weights.get(other, weight))
        return weights


def _other(pair: Pair, key: str) -> str:
    return pair[1] if pair[0] == key else pair[0]


def _homes(records: Mapping[str, StoredRecord], differences: Iterable[Difference]) -> dict[str, str]:
    """The profile of every record after the differences."""
    homes = {key: record.profile_id for key, record in records.items() if record.profile_id}
    for difference in differences:
        for key, _ in difference.left:
            homes.pop(key, None)
        homes |= dict(difference.joined)
    return homes


def _conflicts(neighbourhood: Neighbourhood, differences: Iterable[Difference]) -> list[Conflict]:
    """The conflicts after the differences."""
    known = {one.key: one for one in neighbourhood.conflicts}
    for difference in differences:
        for one in difference.dissolved:
            known.pop(one.key, None)
        known |= {one.key: one for one in difference.conflicts}
    return [one for _, one in sorted(known.items())]


def _linking(
    neighbourhood: Neighbourhood, differences: Iterable[Difference], configuration: Configuration
) -> list[Holders]:
    """The identifiers that link after the differences, each with its holders."""
    live = {key: one for key, one in neighbourhood.records.items() if not one.removed}
    states = {held.key: held.state for record in live.values() for held in record.identifiers}
    for difference in differences:
        states |= {key: state for key, state, _ in difference.states}
    wanted = {key for key, state in states.items() if state == IdentifierState.LINKING}
    return list(holders_of(live, wanted, configuration).values())


def _affected(events: Sequence[IdentityEvent], key: str, home: str) -> Iterator[IdentityEvent]:
    """The events of all profiles that changed with the one that the record is in."""
    involved = {home} | {one.profile_id for one in events if key in one.record_keys}
    reached = 0
    while reached < len(involved):
        reached = len(involved)
        for one in events:
            if involved & {one.profile_id, *one.related}:
                involved |= {one.profile_id, *one.related}
    yield from (one for one in events if one.profile_id in involved)


def _outcome(joined: bool, torn: bool, candidates: Sequence[Candidate]) -> Outcome:
    if joined:
        return Outcome.MATCH
    if torn:
        return Outcome.AMBIGUOUS
    return Outcome.POSSIBLE if candidates else Outcome.NO_MATCH
