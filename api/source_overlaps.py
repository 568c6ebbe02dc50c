"""Overlaps of sources in GraphQL: of every two the profiles in both, by what, and the pairs that may be one."""

import strawberry

from api.context import Info
from api.profiles import Profile, profiles_of
from resolution.source_overlaps import SourceOverlap as FoundOverlap


@strawberry.type(description="By what the records of two sources are tied.")
class MatchKeyCount:
    key: str = strawberry.field(
        description="A kind of identifier, `model` (the match weight), `judgement` (a steward), or `others`: by way of"
        " records of other sources."
    )
    profiles: int = strawberry.field(description="How many profiles; one counts under each key it has.")


@strawberry.type(description="Two profiles with a pair of records that may be one person.")
class PossiblePair:
    profile_ids: list[strawberry.ID] = strawberry.field(description="Ids of both when it was measured.")

    @strawberry.field(description="Both as they are now.")
    async def profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.profile_ids)


@strawberry.type(description="What two sources have in common, or one with itself: its duplicates.")
class SourceOverlap:
    left: str = strawberry.field(description="One source.")
    right: str = strawberry.field(
        description="The other, not before it in the alphabet; the same for duplicates."
    )
    matched: int = strawberry.field(
        description="Profiles with records of both; of one source those with several of its records."
    )
    possible: int = strawberry.field(
        description="Pairs of their records in two profiles, with a weight from the model's `possible` on."
    )
    keys: list[MatchKeyCount] = strawberry.field(description="By what they are tied, the commonest first.")
    matched_ids: list[strawberry.ID] = strawberry.field(
        description="Ids of some matched profiles, at most 10."
    )
    possible_pairs: list[PossiblePair] = strawberry.field(description="Some possible pairs, at most 10.")

    @strawberry.field(description="Some matched profiles as they are now, at most 10.")
    async def matched_profiles(self, info: Info) -> list[Profile]:
        return await profiles_of(info, self.matched_ids)


def source_overlap(found: FoundOverlap) -> SourceOverlap:
    """The GraphQL shape of an overlap."""
    return SourceOverlap(
        left=found.left,
        right=found.right,
        matched=found.matched,
        possible=found.possible,
        keys=[MatchKeyCount(key=key, profiles=count) for key, count in found.keys],
        matched_ids=[strawberry.ID(one) for one in found.matched_ids],
        possible_pairs=[
            PossiblePair(profile_ids=[strawberry.ID(one) for one in pair]) for pair in found.possible_ids
        ],
    )
