"""What a decision would do, in plain values, and the token that stands for exactly that."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from graph.conflicts import Conflict
from graph.difference import Difference, ProfileState
from graph.judgements import StoredJudgement
from graph.neighbourhood import Judgement, Neighbourhood
from graph.vocabulary import IdentityChange
from resolution.changes import former_homes
from resolution.proposals import Proposal

Golden = Mapping[str, Mapping[str, str]]
"""The golden values of profiles, by profile id and attribute."""


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What happens to a profile: how many records it has before and after, and the profiles it exchanges them with."""

    profile_id: str
    change: IdentityChange
    before: int
    after: int
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A record that changes its profile; None where it has none."""

    record_key: str
    from_id: str | None
    to_id: str | None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A golden value that changes; None where there is none."""

    profile_id: str
    attribute: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class StateChange:
    """An identifier whose state changes."""

    identifier_key: str
    before: str
    after: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """All that a decision does. `token` is a digest of it: equal tokens, equal effect."""

    token: str
    given: tuple[Judgement, ...]
    ended: tuple[StoredJudgement, ...]
    profiles: tuple[ProfileChange, ...]
    moves: tuple[Move, ...]
    values: tuple[ValueChange, ...]
    states: tuple[StateChange, ...]
    conflicts: tuple[Conflict, ...]
    dissolved: tuple[Conflict, ...]


def preview(
    proposal: Proposal,
    ended: Iterable[StoredJudgement],
    neighbourhood: Neighbourhood,
    difference: Difference,
    golden: Golden,
) -> Preview:
    """The preview of a proposal that ends the judgements `ended`: `difference` is what it does to `neighbourhood`,
    `golden` the values that the profiles there have now."""
    ending = tuple(ended)
    return Preview(
        token=_token(proposal, ending, difference),
        given=tuple(sorted((*proposal.given, *proposal.restored), key=lambda one: one.pair)),
        ended=ending,
        profiles=tuple(_profiles(neighbourhood, difference)),
        moves=tuple(_moves(difference)),
        values=tuple(_values(difference, golden)),
        states=tuple(_states(neighbourhood, difference)),
        conflicts=tuple(difference.conflicts),
        dissolved=tuple(difference.dissolved),
    )


def _profiles(neighbourhood: Neighbourhood, difference: Difference) -> Iterator[ProfileChange]:
    held = {(key, home) for key, one in neighbourhood.records.items() for home in former_homes(one)}
    divided = {key for key, _ in (*difference.opened, *difference.closed)}
    gone = {one for one in difference.left if one[0] not in divided}
    gone |= {(key, one.profile_id) for key, one in difference.closed}
    come = {one for one in difference.joined if one[0] not in divided}
    come |= {(key, one.profile_id) for key, one in difference.opened}
    before = Counter(home for _, home in held)
    after = Counter(home for _, home in (held - gone) | come)
    for event in difference.events:
        home = event.profile_id
        yield ProfileChange(home, event.change, before[home], after[home], event.related)


def _moves(difference: Difference) -> Iterator[Move]:
    left, joined = dict(difference.left), dict(difference.joined)
    for key in sorted({*left, *joined}):
        yield Move(key, left.get(key), joined.get(key))


def _values(difference: Difference, golden: Golden) -> Iterator[ValueChange]:
    """Values of profiles that stay or come; those of a retired profile are not lost but shown by its heirs."""
    for profile in difference.profiles:
        before = golden.get(profile.id, {})
        for name in sorted({*before, *profile.values}):
            if before.get(name) != profile.values.get(name):
                yield ValueChange(profile.id, name, before.get(name), profile.values.get(name))


def _states(neighbourhood: Neighbourhood, difference: Difference) -> Iterator[StateChange]:
    held = {one.key: one.state for record in neighbourhood.records.values() for one in record.identifiers}
    for key, state, reason in difference.states:
        yield StateChange(key, held[key], state, reason)


def _shows(profile: ProfileState, proposal: Proposal) -> tuple[str, str]:
    """What a profile will show; its digest holds the time of a pin too, which is never the same twice."""
    return profile.id, profile.digest if proposal.pins is None else str(sorted(profile.values.items()))


def _pin_words(proposal: Proposal) -> list[list[tuple[str, ...]]]:
    change = proposal.pins
    if change is None:
        return []
    shown = [(one.record_key, one.attribute, one.value) for one in (*change.given, *change.restored)]
    return [sorted(shown), sorted((one.id,) for one in change.ended)]


def _token(proposal: Proposal, ended: Iterable[StoredJudgement], difference: Difference) -> str:
    """Everything but who decides, why and when."""
    words = (*proposal.given, *proposal.restored)
    parts = [
        [proposal.kind, proposal.undoes, str(proposal.expires_at)],
        sorted((one.left, one.right, one.verdict, one.locked) for one in words),
        _pin_words(proposal),
        sorted(one.id for one in ended),
        [sorted(difference.joined), sorted(difference.left), sorted(difference.handed_over)],
        [[key, str(one)] for key, one in (*difference.opened, *difference.closed)],
        sorted(_shows(one, proposal) for one in difference.profiles),
        [sorted(difference.retired), [list(state) for state in difference.states]],
        sorted((one.key, one.reason, one.weight) for one in difference.conflicts),
        sorted(one.key for one in difference.dissolved),
    ]
    return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
