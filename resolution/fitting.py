"""Fits a proposal among the judgements that stand: what is said already, what ends with it, what it contradicts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from graph.errors import ContradictionError, DecisionError, StaleDecisionError
from graph.judgements import StoredJudgement
from graph.neighbourhood import Judgement
from graph.vocabulary import DecisionKind, Verdict
from resolution.proposals import Proposal
from resolution.verdicts import Standing


def fitted(
    proposal: Proposal, standing: Iterable[StoredJudgement]
) -> tuple[Proposal, tuple[StoredJudgement, ...]]:
    """The proposal without what stands already, and all judgements that end with it.

    A judgement takes the place of the one on the same pair, but not that of a lock. Raises ContradictionError,
    DecisionError when nothing is left to decide.
    """
    by_pair = {one.pair: one for one in standing if one not in proposal.ended}
    given = tuple(one for one in proposal.given if not _stands(one, by_pair.get(one.pair), proposal))
    if not given and not proposal.ended and not proposal.restored and not proposal.pins:
        stands = [by_pair[one.pair] for one in proposal.given]
        raise DecisionError(
            f"This is judged already: {said(max(stands, key=_age))}. There is nothing to decide."
        )
    known = Standing(by_pair.values())
    replaced: list[StoredJudgement] = []
    for one in (*given, *proposal.restored):
        present = by_pair.get(one.pair)
        if path := _objection(known, one, present):
            raise contradicted(one, path)
        known.add(one)
        replaced += [present] if present else []
    ended = sorted((*proposal.ended, *replaced), key=lambda one: one.id)
    return replace(proposal, given=given), tuple(ended)


def _stands(judgement: Judgement, present: StoredJudgement | None, proposal: Proposal) -> bool:
    return (
        proposal.kind is DecisionKind.JUDGE
        and present is not None
        and present.verdict is judgement.verdict
        and (present.locked or present.expires_at == proposal.expires_at)
    )


def _objection(
    known: Standing, judgement: Judgement, present: StoredJudgement | None
) -> tuple[Judgement, ...]:
    if present is None:
        return known.against(judgement)
    if present.locked and not judgement.locked:
        return (present,)
    without = replace(judgement, verdict=Verdict.UNSURE)
    known.add(without)  # the one on the same pair gives way before the others are asked
    return known.against(judgement)


def stale(standing: Iterable[StoredJudgement]) -> StaleDecisionError:
    """The error that says that a preview is no longer true, and who had the last word on its records."""
    last = max(standing, key=_age, default=None)
    told = f" The last word on these records: {said(last)}." if last else ""
    return StaleDecisionError(
        f"The graph has changed since the preview: what would happen now is not what was shown.{told} Preview again."
    )


def contradicted(judgement: Judgement, path: Iterable[Judgement]) -> ContradictionError:
    """The error that says how a judgement contradicts those on `path`."""
    steps = list(path)
    told = "; ".join(_told(one) for one in steps)
    keys = [judgement.left]
    for one in steps:
        keys.append(one.right if one.left == keys[-1] else one.left)
    last = max((one for one in steps if isinstance(one, StoredJudgement)), key=_age, default=None)
    by = f" (the last of it by {last.author})" if last else ""
    message = f"{_told(judgement)} contradicts what is judged already: {told}{by}. Undo or unlock that first."
    return ContradictionError(message, tuple(keys))


def _told(one: Judgement) -> str:
    return f"{one.left} {one.verdict.value}{' (locked)' if one.locked else ''} {one.right}"


def said(one: StoredJudgement) -> str:
    """A judgement with who gave it and when, in words."""
    return f"{_told(one)}, by {one.author} on {one.at:%Y-%m-%d at %H:%M} UTC"


def _age(one: StoredJudgement) -> tuple[datetime, str]:
    return one.at, one.id
