"""Profiles and look-up answers as plain JSON, the same through REST and on the command line."""

from datetime import datetime

from typing_extensions import TypedDict

from api.lookup import Answer
from api.profiles import survivor
from graph.profiles import Found, StoredProfile


class HeirBody(TypedDict):
    """A profile that now holds `record_count` of the records once held by another."""

    profile_id: str
    record_count: int


class ProfileBody(TypedDict):
    """A profile with its golden values; times are ISO 8601 in UTC."""

    id: str
    kind: str
    record_count: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    attributes: dict[str, str]


class FoundProfileBody(ProfileBody):
    """A profile asked for by id: which retired id led here, and who holds the records that left it."""

    redirected_from: str | None
    heirs: list[HeirBody]


class LookupBody(TypedDict):
    """Who is behind an identifier: MATCH, POSSIBLE, AMBIGUOUS or NO_MATCH, why, and the profiles (at most 100)."""

    outcome: str
    reason: str
    profile_count: int
    profiles: list[ProfileBody]


class ErrorBody(TypedDict):
    """What went wrong: a stable code (docs/errors.md) and a sentence."""

    code: str
    message: str


def profile_body(stored: StoredProfile) -> ProfileBody:
    """A stored profile as plain values."""
    return {
        "id": stored.id,
        "kind": stored.kind.value,
        "record_count": stored.record_count,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "retired_at": stored.retired_at,
        "attributes": dict(stored.attributes),
    }


def found_body(found: Found, asked_for: str) -> FoundProfileBody:
    """What an id stands for now, as plain values."""
    stored, heirs = survivor(found)
    return {
        **profile_body(stored),
        "redirected_from": None if stored.id == asked_for else asked_for,
        "heirs": [{"profile_id": heir.profile.id, "record_count": heir.record_count} for heir in heirs],
    }


def lookup_body(answer: Answer) -> LookupBody:
    """A look-up's answer as plain values."""
    return {
        "outcome": answer.outcome.value,
        "reason": answer.reason,
        "profile_count": answer.profile_count,
        "profiles": [profile_body(stored) for stored in answer.profiles],
    }
