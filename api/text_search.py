"""The search by anything: whoever a text can mean, how sure that is, and why, in one sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import strawberry

from api.connections import First, page_size
from api.context import Context, Info
from api.lookup import judge
from api.profiles import Profile, profile, survivor
from api.vocabulary import Outcome
from graph.errors import InputError
from graph.lookup import find_holders
from graph.profiles import StoredProfile
from graph.text import fold
from graph.text_search import Sought, TextHits, find_by_text
from graph.unusable import UnusableValueError
from resolution.clues import Clues
from resolution.search import search_profiles

_REASONS = 3
_SHOWN_WORDS = ("given_name", "middle_name", "surname", "native_name", "organisation_name", "birth_date", "city",
                "postcode")  # fmt: skip
_RANKS = (Outcome.MATCH, Outcome.AMBIGUOUS, Outcome.POSSIBLE)


@dataclass(frozen=True, slots=True)
class _Hit:
    stored: StoredProfile
    outcome: Outcome
    why: str
    probability: float | None = None


@strawberry.type(description="A profile that a text can mean.")
class SearchHit:
    profile: Profile = strawberry.field(description="The profile.")
    outcome: Outcome = strawberry.field(
        description="MATCH when the text is of this profile alone, AMBIGUOUS when also of others, otherwise POSSIBLE."
    )
    probability: float | None = strawberry.field(
        description="Probability that the described one is meant, 0 to 1; none where nothing was scored."
    )
    why: str = strawberry.field(description="Why it was found, in one sentence.")


async def find_by_anything(
    info: Info,
    text: Annotated[
        str,
        strawberry.argument(
            description="What is known, as it is typed: a name or how it begins, an e-mail address, a phone number, "
            "any other identifier, the id of a profile or record; also several, such as name and birth date."
        ),
    ],
    first: First = 10,
) -> list[SearchHit]:
    """Resolve `Query.search`."""
    size = page_size(first)
    context = info.context
    try:
        clues = Clues(text)
    except UnusableValueError as error:
        raise InputError(f"The text cannot be searched ({error.code}): {error}") from None
    if not clues.text:
        return []
    context.limits.allow_lookup(context.viewer)
    found = await _find(context, clues, size)
    context.limits.count_misses(context.viewer, not found)
    return [
        SearchHit(profile=profile(one.stored), outcome=one.outcome, probability=one.probability, why=one.why)
        for one in found
    ]


async def _find(context: Context, clues: Clues, size: int) -> list[_Hit]:
    """The hits, the surest first, each profile once."""
    sought = Sought([clues.text], clues.values, clues.beginnings, clues.query)
    hits = await find_by_text(context.graph, sought, most=size)
    found = [*await _by_id(context, hits), *_by_record(hits), *await _by_identifier(context, hits, size)]
    begun = [*_by_words(hits, clues), *_by_beginning(hits)]
    if clues.says_enough or (clues.has_full_name and not found and not begun):
        found += await _by_score(context, clues, size)
    ordered = sorted([*found, *begun], key=lambda one: _RANKS.index(one.outcome))
    best = {one.stored.id: one for one in reversed(ordered)}
    return [one for one in ordered if best[one.stored.id] is one][:size]


async def _by_id(context: Context, hits: TextHits) -> list[_Hit]:
    found = await context.profiles.load_many(hits.profile_ids)
    told: list[_Hit] = []
    for one in filter(None, found):
        stored, heirs = survivor(one)
        taken_over = stored.id != one.profile.id
        why = "It took over the records of the profile with this id." if taken_over else "This is its id."
        told.append(_Hit(stored, Outcome.MATCH, why))
        told += [_Hit(heir.profile, Outcome.AMBIGUOUS, "It holds records of this id.") for heir in heirs]
    return told


def _by_record(hits: TextHits) -> Iterator[_Hit]:
    several = len({stored.id for _, stored in hits.of_records}) > 1
    for _, stored in hits.of_records:
        yield _Hit(
            stored,
            Outcome.AMBIGUOUS if several else Outcome.MATCH,
            "One of its records has this id" + (", like records of others." if several else "."),
        )


async def _by_identifier(context: Context, hits: TextHits, size: int) -> list[_Hit]:
    holders = await find_holders(context.graph, hits.identifier_keys, limit=size)
    found: list[_Hit] = []
    for key, one in holders.items():
        answer = judge(one)
        kind = _spoken(key.partition(":")[0])
        found += [
            _Hit(stored, answer.outcome, f"This is its {kind}. {answer.reason}") for stored in answer.profiles
        ]
    return found


def _by_beginning(hits: TextHits) -> Iterator[_Hit]:
    for kind, stored in hits.of_beginnings:
        yield _Hit(stored, Outcome.POSSIBLE, f"It has a {_spoken(kind)} that begins like this.")


def _by_words(hits: TextHits, clues: Clues) -> Iterator[_Hit]:
    for stored in hits.by_words:
        yield _Hit(stored, Outcome.POSSIBLE, f"What begins like this: {_spoken_list(_where(stored, clues))}.")


def _where(stored: StoredProfile, clues: Clues) -> Sequence[str]:
    """The attributes of a golden record in which the words were found."""
    words = {name: fold(stored.attributes.get(name, "")).split() for name in _SHOWN_WORDS}
    found = [
        name
        for name, said in words.items()
        if any(word.startswith(tuple(forms)) for word in said for forms in clues.words)
    ]
    return found or ["golden_record"]


async def _by_score(context: Context, clues: Clues, size: int) -> list[_Hit]:
    scored = await search_profiles(context.graph, clues.attributes, clues.identifiers, size)
    profiles = await context.profiles.load_many([one.profile_id for one in scored])
    return [
        _Hit(
            survivor(found)[0],
            one.outcome,
            f"Compared with what was typed: {'; '.join(one.evidence[:_REASONS])}.",
            one.probability,
        )
        for one, found in zip(scored, profiles, strict=True)
        if found is not None
    ]


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _spoken_list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(map(_spoken, names[:-1])), _spoken(names[-1]))))
