"""The acts of stewards: each looks up what it is about, and proposes judgements."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from graph.decisions import judgements_of, read_decision
from graph.errors import DecisionError, InputError, NotFoundError
from graph.judgements import StoredJudgement, judgements_around
from graph.memberships import members_of
from graph.neighbourhood import Judgement
from graph.transactions import Graph
from graph.vocabulary import DecisionKind
from resolution.pins import taken_back
from resolution.proposals import Proposal, judged, locked, merged, split, undone


class Act(Protocol):
    """Something a steward wants to do."""

    async def proposal(self, graph: Graph) -> Proposal:
        """The judgements it takes, as the graph is now; raises NotFoundError, InputError, DecisionError."""
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Say of pairs of records whether they are the same person."""

    judgements: tuple[Judgement, ...]
    expires_at: datetime | None = None

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        return judged(self.judgements, self.expires_at)


@dataclass(frozen=True, slots=True)
class Merge:
    """Put profiles together."""

    profile_ids: tuple[str, ...]

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        ids = sorted(set(self.profile_ids))
        if len(ids) < 2:
            raise InputError("A merge needs two profiles.")
        members = await members_of(graph, ids)
        return merged([_members(members.get(one))[0] for one in ids])


@dataclass(frozen=True, slots=True)
class Split:
    """Take a profile apart: the records of each of `parts` leave it."""

    profile_id: str
    parts: tuple[tuple[str, ...], ...]

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        members = await members_of(graph, [self.profile_id])
        return split(_members(members.get(self.profile_id)), self.parts)


@dataclass(frozen=True, slots=True)
class Lock:
    """Let a profile be changed by stewards only."""

    profile_id: str
    expires_at: datetime | None = None

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        members = await members_of(graph, [self.profile_id])
        return locked(_members(members.get(self.profile_id)), self.expires_at)


@dataclass(frozen=True, slots=True)
class Unlock:
    """Let evidence change a profile again: takes back the decisions that locked it."""

    profile_id: str

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        members = _members((await members_of(graph, [self.profile_id])).get(self.profile_id))
        standing = await judgements_around(graph, members)
        decisions = sorted({one.decision_id for one in standing if one.locked})
        if not decisions:
            raise DecisionError("This profile is not locked.")
        return replace(await _taken_back(graph, decisions), kind=DecisionKind.UNLOCK)


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a decision back."""

    decision_id: str

    async def proposal(self, graph: Graph) -> Proposal:
        """As `Act`."""
        decision = await read_decision(graph, self.decision_id)
        if decision is None:
            raise NotFoundError("There is no decision with this id.")
        if decision.undone_by:
            raise DecisionError(f"This decision was undone already, by {decision.undone_by}.")
        if decision.pinned or decision.unpinned:
            return await taken_back(graph, decision)
        return replace(await _taken_back(graph, [decision.id]), undoes=decision.id)


def _members(keys: list[str] | None) -> list[str]:
    if not keys:
        raise NotFoundError("There is no current profile with this id.")
    return keys


async def _taken_back(graph: Graph, decision_ids: list[str]) -> Proposal:
    given: list[StoredJudgement] = []
    ended: list[StoredJudgement] = []
    for decision_id in decision_ids:
        gave, replaced = await judgements_of(graph, decision_id)
        given += gave
        ended += replaced
    standing = await judgements_around(graph, {key for one in (*given, *ended) for key in one.pair})
    return undone(given, ended, standing, datetime.now(UTC))
