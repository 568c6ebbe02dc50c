"""Checks a description before it is inserted anywhere: whether somebody known is meant, by identifier first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.facts import Identifier
from graph.identifiers import identifier_key, kind_of
from graph.lookup import Holders, find_holders
from graph.transactions import Graph
from graph.vocabulary import IdentifierClass, IdentifierState, Outcome
from resolution.search import Candidate, search_profiles

_MOST_PROFILES = 10
_LINKING_ALONE = frozenset({IdentifierClass.UNIQUE, IdentifierClass.LOGIN})


@dataclass(frozen=True, slots=True)
class Known:
    """A profile that a description may be of. `probability` is None where it was found by an identifier only: there
    is nothing to compare, or what there is speaks against it."""

    profile_id: str
    outcome: Outcome
    probability: float | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a description is of somebody known: how sure that is, why, and who it could be, likeliest first."""

    outcome: Outcome
    reason: str
    known: tuple[Known, ...]


async def check_record(
    graph: Graph, attributes: Mapping[str, str], identifiers: Sequence[Identifier]
) -> Check:
    """Check a description; `attributes` are as written, `identifiers` cleaned. Nothing is written."""
    keys = {identifier_key(one, graph.salt): one for one in identifiers}
    holders, candidates = await asyncio.gather(
        find_holders(graph, list(keys), limit=_MOST_PROFILES),
        search_profiles(graph, attributes, identifiers, _MOST_PROFILES),
    )
    return checked({keys[key]: held for key, held in holders.items()}, candidates)


def checked(holders: Mapping[Identifier, Holders], candidates: Sequence[Candidate]) -> Check:
    """The verdict, given who holds each identifier and who is like the description.

    One profile that holds an identifier which links alone is a MATCH, several are AMBIGUOUS; then the likeness decides;
    a shared contact with nothing that agrees is POSSIBLE.
    """
    alone = _profiles(holders, _LINKING_ALONE)
    known = [_by_identifier(id_, kinds, len(alone)) for id_, kinds in alone.items()]
    known += [_by_likeness(one, decided=bool(alone)) for one in candidates if one.profile_id not in alone]
    met = {one.profile_id for one in known}
    others = _profiles(holders, frozenset(IdentifierClass))
    known += [
        Known(id_, Outcome.POSSIBLE, None, (f"the same {', '.join(kinds)}",))
        for id_, kinds in others.items()
        if id_ not in met
    ]
    if not known:
        return Check(Outcome.NO_MATCH, "Nobody known holds an identifier of it or is like it.", ())
    return Check(known[0].outcome, _reason(known, bool(alone)), tuple(known[:_MOST_PROFILES]))


def _profiles(
    holders: Mapping[Identifier, Holders], classes: frozenset[IdentifierClass]
) -> dict[str, list[str]]:
    """The profiles that hold an identifier of these classes, by id, with the kinds; one that is no evidence is left
    out unless contacts are asked for too."""
    found: dict[str, list[str]] = {}
    for identifier in sorted(holders):
        held = holders[identifier]
        trusted = held.state is IdentifierState.LINKING
        if kind_of(identifier.kind).identifier_class in classes and (
            trusted or len(classes) > len(_LINKING_ALONE)
        ):
            for profile in held.profiles:
                found.setdefault(profile.id, []).append(identifier.kind)
    return dict(sorted(found.items()))


def _by_identifier(profile_id: str, kinds: Sequence[str], profile_count: int) -> Known:
    outcome = Outcome.MATCH if profile_count == 1 else Outcome.AMBIGUOUS
    return Known(profile_id, outcome, None, (f"the same {', '.join(kinds)}",))


def _by_likeness(one: Candidate, *, decided: bool) -> Known:
    outcome = Outcome.POSSIBLE if decided else one.outcome
    return Known(one.profile_id, outcome, one.probability, one.evidence)


def _reason(known: Sequence[Known], by_identifier: bool) -> str:
    first = known[0]
    if by_identifier and first.outcome is Outcome.MATCH:
        return f"One profile holds {first.evidence[0]}."
    if by_identifier:
        return "Its identifiers lead to several profiles."
    if first.outcome is Outcome.AMBIGUOUS:
        return "Several profiles fit about equally well."
    if first.outcome is Outcome.MATCH:
        return "One profile fits clearly better than any other."
    if first.probability is None:
        return f"Somebody holds {first.evidence[0]}, and nothing else agrees."
    return "Somebody is like it, not enough to be sure."
