"""Decisions of stewards: a dry run that shows every change, then the same change carried out in one transaction."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.decisions import Decision, decision_id, recording
from graph.difference import Difference
from graph.errors import (
    InputError,
    NotFoundError,
    UnresolvedError,
)
from graph.judgements import StoredJudgement, judgements_around
from graph.lease import lease
from graph.memberships import writing
from graph.models import applied_configuration
from graph.neighbourhood import Judgement, Neighbourhood, StoredRecord
from graph.pins import Pin
from graph.pins import recording as recording_pins
from graph.profiles import read_profiles
from graph.transactions import Graph, Row, Statement
from graph.vocabulary import RecordKind, Verdict
from resolution.acts import Act
from resolution.configuration import Configuration
from resolution.decide import decide
from resolution.fitting import fitted, stale
from resolution.preview import Golden, Preview, preview
from resolution.proposals import Proposal
from resolution.publishing import configuration_in_force, model_in_force
from resolution.settings import ResolutionSettings
from resolution.surroundings import at_rest

_PATIENCE_SECONDS = 15.0
"""How long a steward waits for a resolve that is under way."""


@dataclass(frozen=True, slots=True)
class Order:
    """An act, who orders it and why; `author` is the id of an API key, or a name, `approved_by` that of a second
    person."""

    act: Act
    author: str
    reason: str
    approved_by: str | None = None


Follow = Callable[[Decision, Difference], Sequence[Statement]]
"""What else has to be written in the transaction of a decision, given what it changes."""


def nothing(_decision: Decision, _difference: Difference) -> Sequence[Statement]:
    """Nothing else."""
    return ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A decision ready to be carried out: its record, the judgements it gives and ends, the difference it makes; and
    the judgements on its records that stand until then."""

    decision: Decision
    given: tuple[StoredJudgement, ...]
    ended: tuple[StoredJudgement, ...]
    pinned: tuple[Pin, ...]
    unpinned: tuple[Pin, ...]
    difference: Difference
    preview: Preview
    standing: tuple[StoredJudgement, ...] = ()

    def statements(self) -> list[Statement]:
        """What writes the judgements, and the difference that they make."""
        decision = self.decision
        judgements = recording(decision, self.given, [one.id for one in self.ended])
        pins = recording_pins(self.pinned, self.unpinned, decision.author, decision.at)
        return [*judgements, *pins, *writing(self.difference, decision.at)]


async def prepare(graph: Graph, settings: ResolutionSettings, order: Order) -> Prepared:
    """Work out all that an order would do, without writing.

    Raises ContradictionError, UnresolvedError, NotFoundError, InputError, DecisionError.
    """
    proposal = await order.act.proposal(graph)
    standing = await judgements_around(graph, proposal.keys)
    proposal, ended = fitted(proposal, standing)
    configuration = await resolved_configuration(graph, settings)
    before = await at_rest(graph, proposal.keys, configuration)
    _check(proposal, before.records)
    at = datetime.now(UTC)
    decision = Decision(
        *(decision_id(at), proposal.kind, order.author, order.reason, at, proposal.undoes),
        approved_by=order.approved_by,
    )
    pinned, unpinned = tuple(_pins(proposal, decision)), proposal.pins.ended if proposal.pins else ()
    pins = [*(one for one in before.pins if one.id not in {gone.id for gone in unpinned}), *pinned]
    after = replace(before, judgements=_judgements(before, proposal, ended), pins=pins)
    difference = decide(after, configuration, f"steward {decision.author}: decision {decision.id}")
    decision = replace(
        decision,
        profile_ids=tuple(sorted(_changed(proposal, before, difference))),
        moved=len({key for key, _ in (*difference.joined, *difference.left)}),
        pinned=tuple(one.id for one in pinned),
        unpinned=tuple(one.id for one in unpinned),
    )
    golden = await _golden(graph, difference)
    return Prepared(
        decision,
        given=tuple(_stored(proposal, decision)),
        ended=ended,
        pinned=pinned,
        unpinned=unpinned,
        difference=difference,
        preview=preview(proposal, ended, before, difference, golden),
        standing=tuple(standing),
    )


async def carry_out(
    graph: Graph, settings: ResolutionSettings, order: Order, token: str, follow: Follow = nothing
) -> tuple[Prepared, list[Row]]:
    """Do what the preview with this token showed, and nothing else, in one transaction with what has to `follow`,
    whose rows are answered.

    Raises StaleDecisionError when the graph has moved on since, LeaseError while another process resolves, and
    whatever `prepare` raises.
    """
    async with confirmed(graph, settings, order, token) as prepared:
        return prepared, await write(graph, prepared, follow)


@asynccontextmanager
async def confirmed(
    graph: Graph, settings: ResolutionSettings, order: Order, token: str
) -> AsyncGenerator[Prepared]:
    """What the preview with this token showed; nobody else decides or resolves while the context is open.

    Raises as `carry_out`.
    """
    async with lease(graph, "resolve", _PATIENCE_SECONDS):
        prepared = await prepare(graph, settings, order)
        if prepared.preview.token != token:
            raise stale(prepared.standing)
        yield prepared


async def write(
    graph: Graph, prepared: Prepared, follow: Follow, also: Sequence[Statement] = ()
) -> list[Row]:
    """Write a confirmed decision, and `also`, in one transaction with what has to `follow`, whose rows are answered."""
    following = follow(prepared.decision, prepared.difference)
    answers = await graph.write_all([*prepared.statements(), *also, *following])
    return _last(answers, len(following))


async def rehearse(graph: Graph, prepared: Prepared, follow: Follow) -> list[Row]:
    """The rows that `follow` would answer if the decision were carried out; nothing is kept."""
    following = follow(prepared.decision, prepared.difference)
    if not following:
        return []
    return _last(await graph.rehearse([*prepared.statements(), *following]), len(following))


def _last(answers: Sequence[list[Row]], count: int) -> list[Row]:
    return [row for rows in answers[len(answers) - count :] for row in rows]


async def resolved_configuration(graph: Graph, settings: ResolutionSettings) -> Configuration:
    """The configuration that the whole graph is resolved by; raises UnresolvedError when it is another one."""
    model = await model_in_force(graph)
    if model is None:
        raise UnresolvedError("Nothing is resolved yet: run `onefold resolve` first.")
    configuration, digest = await configuration_in_force(graph, model, settings)
    if await applied_configuration(graph) != digest:
        raise UnresolvedError("Model or settings have changed: run `onefold resolve` first.")
    return configuration


def _check(proposal: Proposal, records: Mapping[str, StoredRecord]) -> None:
    missing = sorted(proposal.keys - records.keys())
    if missing:
        raise NotFoundError(f"There is no record {missing[0]}.")
    pending = sum(record.pending for record in records.values())
    if pending:
        raise UnresolvedError(
            f"{pending} records around this wait to be resolved: run `onefold resolve` first."
        )
    for one in proposal.given:
        kinds = {records[key].kind for key in one.pair}
        if one.verdict is Verdict.SAME and len(kinds - {RecordKind.VISITOR}) > 1:
            raise InputError(
                f"{one.left} and {one.right} are a person and an organisation, which never merge."
            )


def _changed(proposal: Proposal, before: Neighbourhood, difference: Difference) -> set[str]:
    """The ids of the profiles that change: their records, what they show, or who may change them."""
    locks = (one for one in (*proposal.given, *proposal.ended, *proposal.restored) if one.locked)
    held = {before.records[key].profile_id for one in locks for key in one.pair}
    told = {event.profile_id for event in difference.events}
    return {
        *(one.id for one in difference.profiles),
        *difference.retired,
        *told,
        *(one for one in held if one),
    }


def _judgements(
    before: Neighbourhood, proposal: Proposal, ended: Iterable[StoredJudgement]
) -> list[Judgement]:
    gone = {one.pair for one in ended}
    kept = [one for one in before.judgements if one.pair not in gone]
    return [*kept, *proposal.given, *proposal.restored]


def _stored(proposal: Proposal, decision: Decision) -> Iterable[StoredJudgement]:
    """The judgements as they will be stored; a restored one keeps its author, reason, time and expiry."""
    for number, one in enumerate(proposal.given):
        yield StoredJudgement(
            *(one.left, one.right, one.verdict, one.locked),
            id=f"{decision.id}-{number:06}",
            decision_id=decision.id,
            author=decision.author,
            reason=decision.reason,
            at=decision.at,
            expires_at=proposal.expires_at,
        )
    for number, one in enumerate(proposal.restored, len(proposal.given)):
        yield replace(
            one, id=f"{decision.id}-{number:06}", decision_id=decision.id, until=None, superseded_by=None
        )


def _pins(proposal: Proposal, decision: Decision) -> Iterable[Pin]:
    """The pins as they will be stored; a restored one keeps its author, reason and time."""
    change = proposal.pins
    for number, one in enumerate(change.given if change else ()):
        yield Pin(
            *(f"{decision.id}-{number:06}", one.record_key, one.profile_id, one.attribute, one.value),
            *(decision.author, decision.reason, decision.at),
            decision_id=decision.id,
        )
    for number, one in enumerate(change.restored if change else ()):
        yield replace(
            one, id=f"{decision.id}-r{number:06}", decision_id=decision.id, until=None, ended_by=None
        )


async def _golden(graph: Graph, difference: Difference) -> Golden:
    found = await read_profiles(graph, [one.id for one in difference.profiles])
    return {
        name: {value.attribute: value.value for value in one.profile.golden()}
        for name, one in found.items()
        if one.profile.retired_at is None
    }
