"""The look-up: who is behind one identifier, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import strawberry

from api.context import LARGEST_ANSWER, Info
from api.identifiers import IdentifierInput
from api.profiles import Profile, profile
from api.vocabulary import IdentifierState, Outcome
from graph.errors import InputError
from graph.identifiers import clean_identifier, identifier_key
from graph.lookup import Holders, find_holders
from graph.profiles import StoredProfile
from graph.transactions import Graph
from graph.unusable import UnusableValueError

MOST_IDENTIFIERS = 1_000
LARGEST_OF_EACH = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up found; at most 100 of `profile_count` profiles, by id."""

    outcome: Outcome
    reason: str
    profile_count: int
    profiles: tuple[StoredProfile, ...]


def key_of(graph: Graph, kind: str, value: str, country: str | None = None) -> str:
    """The key of an identifier as somebody wrote it; raises InputError when no record can hold such a value."""
    try:
        return identifier_key(clean_identifier(kind, value, country=country), graph.salt)
    except UnusableValueError as error:
        raise InputError(f"The value cannot be looked up ({error.code}): {error}") from None


def judge(holders: Holders | None) -> Answer:
    """How sure the answer is, given who holds the identifier.

    One profile is a MATCH and several are AMBIGUOUS; an identifier that is demoted or blocked is at best POSSIBLE.
    """
    if holders is None or not holders.profile_count:
        return Answer(Outcome.NO_MATCH, _nobody(holders), 0, ())
    if holders.profile_count > 1:
        outcome, reason = Outcome.AMBIGUOUS, f"Shared by {holders.profile_count} profiles."
        if holders.divided:
            reason += " They take turns on the device: the first has it last."
    elif holders.state is IdentifierState.LINKING:
        outcome, reason = Outcome.MATCH, "Held by one profile only."
    else:
        outcome, reason = Outcome.POSSIBLE, "Held by one profile only."
    if holders.state is not IdentifierState.LINKING:
        reason += (
            f" The identifier is {holders.state.value}: {holders.reason or 'it does not link its holders'}."
        )
    return Answer(outcome, reason, holders.profile_count, holders.profiles)


def _nobody(holders: Holders | None) -> str:
    if holders is not None and holders.pending_count:
        return f"Held by {holders.pending_count} records that are not resolved yet."
    return "No record holds this identifier."


async def look_up(graph: Graph, kind: str, value: str, country: str | None = None) -> Answer:
    """Look up one identifier as somebody wrote it; raises InputError when the value is unusable."""
    key = key_of(graph, kind, value, country)
    holders = await find_holders(graph, [key], limit=LARGEST_ANSWER)
    return judge(holders.get(key))


async def look_up_all(
    graph: Graph, wanted: Sequence[tuple[str, str, str | None]], *, limit: int = LARGEST_ANSWER
) -> list[Answer]:
    """Look up identifiers as somebody wrote them (kind, value, country), in their order, in one statement; at most
    `limit` profiles of each.

    A value that no record can hold is an answer too (NO_MATCH). Raises InputError for more than `MOST_IDENTIFIERS`.
    """
    if not 0 < len(wanted) <= MOST_IDENTIFIERS:
        raise InputError(f"Name 1 to {MOST_IDENTIFIERS} identifiers.")
    keys: list[str | InputError] = []
    for kind, value, country in wanted:
        try:
            keys.append(key_of(graph, kind, value, country))
        except InputError as unusable:
            keys.append(unusable)
    holders = await find_holders(graph, [key for key in keys if isinstance(key, str)], limit=limit)
    return [
        judge(holders.get(key)) if isinstance(key, str) else Answer(Outcome.NO_MATCH, str(key), 0, ())
        for key in keys
    ]


@strawberry.type(description="Who is behind an identifier, and how sure that is.")
class LookupAnswer:
    outcome: Outcome = strawberry.field(description="MATCH, POSSIBLE, AMBIGUOUS or NO_MATCH.")
    reason: str = strawberry.field(description="Why the outcome is what it is, in one sentence.")
    profile_count: int = strawberry.field(description="How many profiles hold the identifier.")
    profiles: list[Profile] = strawberry.field(
        description="Those profiles by id, at most 100; of a shared device the last to have it first."
    )


async def find_by_identifier(
    info: Info,
    kind: Annotated[str, strawberry.argument(description="Kind of identifier, such as email or phone.")],
    value: Annotated[str, strawberry.argument(description="The value as written.")],
    country: Annotated[
        str | None, strawberry.argument(description="ISO 3166 code: where a national phone number is read.")
    ] = None,
) -> LookupAnswer:
    """Resolve `Query.lookup`."""
    context = info.context
    context.limits.allow_lookup(context.viewer)
    key = key_of(context.graph, kind, value, country)
    answer = judge(await context.holders.load(key))
    context.limits.count_misses(context.viewer, answer.outcome is Outcome.NO_MATCH)
    return _lookup_answer(answer)


async def find_by_identifiers(
    info: Info,
    identifiers: Annotated[
        list[IdentifierInput], strawberry.argument(description="At most 1,000 identifiers, as written.")
    ],
) -> list[LookupAnswer]:
    """Resolve `Query.lookups`."""
    context = info.context
    context.limits.allow_lookup(context.viewer)
    wanted = [(one.kind, one.value, one.country) for one in identifiers]
    found = await look_up_all(context.graph, wanted, limit=LARGEST_OF_EACH)
    context.limits.count_misses(context.viewer, misses(found))
    return [_lookup_answer(answer) for answer in found]


def misses(answers: Sequence[Answer]) -> int:
    """How many look-ups found nobody."""
    return sum(one.outcome is Outcome.NO_MATCH for one in answers)


def _lookup_answer(answer: Answer) -> LookupAnswer:
    return LookupAnswer(
        outcome=answer.outcome,
        reason=answer.reason,
        profile_count=answer.profile_count,
        profiles=[profile(stored) for stored in answer.profiles],
    )
