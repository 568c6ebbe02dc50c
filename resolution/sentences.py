"""Tells in plain sentences why two records are, or are not, taken for one; made of the numbers, and of nothing else."""

from collections.abc import Iterator, Sequence

from graph.vocabulary import Outcome, Verdict
from resolution.explanation import Reason, signed
from resolution.pairs import PairExplanation

_NAMED = 4
"""So many reasons for and so many against are named."""

_TAKEN = {
    Outcome.MATCH: "These records are taken for one",
    Outcome.POSSIBLE: "These records may be one, for a steward to say",
    Outcome.AMBIGUOUS: "These records match, but another candidate matches as well",
    Outcome.NO_MATCH: "These records are not taken for one",
}


def pair_sentences(found: PairExplanation) -> list[str]:
    """What the explanation says, the outcome first."""
    return [
        _outcome(found),
        *_judgements(found),
        *_forbidden(found),
        _meeting(found),
        *_identifiers(found),
        *_today(found),
    ]


def weighed(reasons: Sequence[Reason], *, against_first: bool = False) -> str:
    """Reasons in words: "same e-mail (+9.1), same surname (+7.9); against it: different given name (−3.2)"."""
    speaking = sorted((one for one in reasons if one.speaks), key=lambda one: -abs(one.weight))
    for_it = ", ".join([str(one) for one in speaking if one.weight >= 0][:_NAMED])
    against = ", ".join([str(one) for one in speaking if one.weight < 0][:_NAMED])
    if against_first:
        parts = [against, for_it and f"for it: {for_it}"]
    else:
        parts = [for_it, against and f"against it: {against}"]
    return "; ".join(filter(None, parts))


def _outcome(found: PairExplanation) -> str:
    apart = found.outcome is Outcome.NO_MATCH
    liked = found.waterfall.weight >= found.model.possible
    told = weighed(found.waterfall.reasons, against_first=apart and not liked)
    said = f": {told}" if told else ": there is nothing that both say"
    although = ", although their values speak for it" if apart and liked else ""
    prior, weight = signed(found.waterfall.prior), signed(found.waterfall.weight)
    total = f"From {prior} for any two records this comes to {weight}, {_chance(found)}."
    return f"{_TAKEN[found.outcome]}{although}{said}. {total}"


def _chance(found: PairExplanation) -> str:
    """A probability that does not pretend to be certain."""
    percent = found.waterfall.probability * 100
    if percent > 99.9:
        return "more than 99.9 %"
    return "less than 0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def _judgements(found: PairExplanation) -> Iterator[str]:
    own = {found.left.key, found.right.key}
    direct = [one for one in found.judgements if set(one.pair) == own]
    for one in direct:
        yield f"A steward judged them {one.verdict.lower()}."
    if found.judged_same and not any(one.verdict is Verdict.SAME for one in direct):
        yield "Stewards judged both to be the same as a third record."


def _forbidden(found: PairExplanation) -> Iterator[str]:
    if found.objections:
        yield f"They may not be in one profile: {', '.join(found.objections)}."
    if found.conflicts:
        reasons = ", ".join(dict.fromkeys(one.reason for one in found.conflicts))
        yield f"A merge of their profiles was refused: {reasons}."


def _meeting(found: PairExplanation) -> str:
    if found.left.removed or found.right.removed:
        return "One of them was removed by its source, and is compared with nobody."
    open_blocks = [one.name for one in found.blocks if not one.crowded]
    crowded = [one.name for one in found.blocks if one.crowded]
    too_many = f" The block {_and(crowded)} is too crowded to be compared." if len(crowded) == 1 else ""
    too_many = (
        f" The blocks {_and(crowded)} are too crowded to be compared." if len(crowded) > 1 else too_many
    )
    if open_blocks:
        return f"They are compared, because they share {_and(open_blocks)}.{too_many}"
    if any(one.meets for one in found.identifiers):
        return f"They are compared because of an identifier; no blocking rule joins them.{too_many}"
    if crowded:
        return f"They were never compared.{too_many}"
    return "No blocking rule joins them, so that they were never compared: their numbers count for nothing."


def _identifiers(found: PairExplanation) -> Iterator[str]:
    for one in found.identifiers:
        if one.weight is None:
            yield f"The shared {one.name} does not link them: {one.why_not}."
        else:
            yield f"The shared {one.name} links them ({signed(one.weight)}; of two weights the heavier counts)."


def _today(found: PairExplanation) -> Iterator[str]:
    if found.together:
        yield "They are in one profile today."
        if found.outcome is not Outcome.MATCH:
            yield "Other records hold them together: ask why one of them is in its profile."
    elif found.left.profile_id and found.right.profile_id:
        yield "They are in two profiles today."
        if found.outcome is Outcome.MATCH and not found.conflicts and not found.pending:
            yield "The other records of the two profiles speak against it in the mean."
    else:
        yield "They are not in one profile today."
    if found.pending:
        yield "One of them waits to be resolved: what is said of profiles may change."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
