"""Why two records are, or are not, taken for one, in GraphQL; and the reasons that a search gives too."""

from collections.abc import Iterable
from typing import Annotated

import strawberry

from api.conflicts import Conflict, conflict
from api.context import Info
from api.judgements import Judgement, judgement
from api.sensitivity import PersonalText
from api.vocabulary import IdentifierState, Outcome
from graph.neighbourhood import StoredRecord
from resolution.compared import Value
from resolution.explanation import Reason as FoundReason
from resolution.meeting import SharedIdentifier as FoundIdentifier
from resolution.pairs import PairExplanation as Found
from resolution.pairs import why_records
from resolution.sentences import pair_sentences


@strawberry.type(description="What one record says on a subject.")
class ComparedValue:
    shown: PersonalText | None = strawberry.field(description="As it is shown.")
    compared: PersonalText | None = strawberry.field(
        description="As it is compared: folded to plain letters."
    )


@strawberry.type(description="One comparison of two records; weights are log2 odds (bits).")
class Reason:
    comparison: str = strawberry.field(description="What was compared, such as surname.")
    level: str = strawberry.field(description="What was found, such as same surname.")
    left: ComparedValue = strawberry.field(description="What the first says.")
    right: ComparedValue = strawberry.field(description="What the second says.")
    m: float | None = strawberry.field(description="How often records of one person agree like this, 0 to 1.")
    u: float | None = strawberry.field(description="How often records of two people do, 0 to 1.")
    term_frequency_adjustment: float = strawberry.field(
        description="What the rarity of the value they share adds; part of the weight."
    )
    weight: float = strawberry.field(
        description="What this comparison adds: for it above 0, against it below."
    )
    total: float = strawberry.field(description="The prior and all weights up to this one.")


@strawberry.type(description="A record of an explained pair.")
class ExplainedRecord:
    key: strawberry.ID = strawberry.field(description="Its unique key.")
    source: str = strawberry.field(description="The source it came from.")
    profile_id: strawberry.ID | None = strawberry.field(description="The profile it is in today.")
    pending: bool = strawberry.field(description="Whether it waits to be resolved.")
    removed: bool = strawberry.field(description="Whether its source has removed it.")


@strawberry.type(description="A blocking rule under which both records have the same value.")
class SharedBlock:
    rule: str = strawberry.field(description="Name of the rule.")
    name: str = strawberry.field(description="What its records have in common.")
    value: PersonalText = strawberry.field(description="The value they have in common.")
    crowded: bool = strawberry.field(
        description="Whether too many records have it, so that it makes nobody candidates."
    )


@strawberry.type(description="An identifier that both records hold.")
class SharedIdentifier:
    key: strawberry.ID = strawberry.field(description="Key without the value: safe in logs.")
    kind: str = strawberry.field(description="Kind, such as email or phone.")
    value: PersonalText = strawberry.field(description="The cleaned value.")
    state: IdentifierState = strawberry.field(description="Whether it links its holders.")
    holder_count: int = strawberry.field(description="How many records hold it.")
    weight: float | None = strawberry.field(description="With what it links the two, log2 odds.")
    why_not: str | None = strawberry.field(description="Why it does not link the two.")


@strawberry.type(description="Why two records are, or are not, taken for one; the numbers are Splink's.")
class PairExplanation:
    left: ExplainedRecord = strawberry.field(description="The first record.")
    right: ExplainedRecord = strawberry.field(description="The second record.")
    sentences: list[PersonalText] = strawberry.field(
        description="The explanation in plain words, the outcome first."
    )
    outcome: Outcome = strawberry.field(
        description="What the two alone come to; other records of their profiles may decide otherwise."
    )
    same_profile: bool = strawberry.field(description="Whether both are in one profile today.")
    model: str = strawberry.field(description="Version of the model.")
    compared: bool = strawberry.field(
        description="Whether a resolve compares the two; if not, the weight is what it would find."
    )
    prior_weight: float = strawberry.field(description="Where every pair begins, log2 odds.")
    reasons: list[Reason] = strawberry.field(
        description="Every comparison on which one of them says something, in the order they are added up."
    )
    weight: float = strawberry.field(description="The sum, log2 odds.")
    probability: float = strawberry.field(description="The same as a probability, 0 to 1.")
    match_weight: float = strawberry.field(
        description="The weight from which on two records match, log2 odds."
    )
    possible_weight: float = strawberry.field(
        description="The weight from which on a match is possible, log2 odds."
    )
    blocks: list[SharedBlock] = strawberry.field(description="The blocking rules that join them.")
    identifiers: list[SharedIdentifier] = strawberry.field(description="The identifiers both hold.")
    objections: list[PersonalText] = strawberry.field(description="The constraints that keep the two apart.")
    conflicts: list[Conflict] = strawberry.field(description="Refused merges of their two profiles.")
    judgements: list[Judgement] = strawberry.field(
        description="The standing judgements that name one of them."
    )


RecordKey = Annotated[strawberry.ID, strawberry.argument(description="Key of a source record.")]


async def explain_pair(info: Info, left: RecordKey, right: RecordKey) -> PairExplanation:
    """Resolve `Query.whyRecords`."""
    return pair_explanation(await why_records(info.context.graph, left, right, info.context.resolution))


def pair_explanation(found: Found) -> PairExplanation:
    """The GraphQL shape of an explained pair."""
    return PairExplanation(
        left=_record(found.left),
        right=_record(found.right),
        sentences=pair_sentences(found),
        outcome=found.outcome,
        same_profile=found.together,
        model=found.model.version,
        compared=found.compared,
        prior_weight=found.waterfall.prior,
        reasons=reason_list(found.waterfall.reasons),
        weight=found.waterfall.weight,
        probability=found.waterfall.probability,
        match_weight=found.model.match,
        possible_weight=found.model.possible,
        blocks=[
            SharedBlock(rule=one.rule, name=one.name, value=one.value, crowded=one.crowded)
            for one in found.blocks
        ],
        identifiers=[_identifier(one) for one in found.identifiers],
        objections=list(found.objections),
        conflicts=[conflict(one) for one in found.conflicts],
        judgements=[judgement(one) for one in found.judgements],
    )


def _record(record: StoredRecord) -> ExplainedRecord:
    return ExplainedRecord(
        key=strawberry.ID(record.key),
        source=record.source,
        profile_id=strawberry.ID(record.profile_id) if record.profile_id else None,
        pending=record.pending,
        removed=record.removed,
    )


def _identifier(found: FoundIdentifier) -> SharedIdentifier:
    return SharedIdentifier(
        key=strawberry.ID(found.key),
        kind=found.identifier.kind,
        value=found.identifier.value,
        state=found.state,
        holder_count=found.holder_count,
        weight=found.weight,
        why_not=found.why_not,
    )


def reason_list(found: Iterable[FoundReason]) -> list[Reason]:
    """The GraphQL shape of the comparisons on which one of the two says something; the others weigh nothing."""
    return [
        Reason(
            comparison=one.comparison,
            level=one.level,
            left=_value(one.left),
            right=_value(one.right),
            m=one.m,
            u=one.u,
            term_frequency_adjustment=one.adjustment,
            weight=one.weight,
            total=one.total,
        )
        for one in found
        if one.left.shown or one.right.shown
    ]


def _value(found: Value) -> ComparedValue:
    return ComparedValue(shown=found.shown, compared=found.compared)
