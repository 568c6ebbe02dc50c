"""Profiles and look-up answers as plain JSON, the same through REST and on the command line."""

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from api.access import Viewer
from api.errors import RULES
from api.lookup import Answer
from api.profiles import survivor
from api.sensitivity import Sensitivity, redact, shown
from graph.profiles import Found, StoredProfile
from loaders.stated import Stated
from resolution.check import Check


class HeirBody(TypedDict):
    """A profile that now holds `record_count` of the records once held by another."""

    profile_id: str
    record_count: int


class RedactedBody(TypedDict):
    """Instead of a value that the caller's role may not see: PERSONAL or RAW."""

    redacted: str


class ProfileBody(TypedDict):
    """A profile with its golden values; times are ISO 8601 in UTC."""

    id: str
    kind: str
    record_count: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    attributes: dict[str, str | RedactedBody]


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


class IdentifierBody(TypedDict):
    """An identifier as written; `country` (ISO 3166) is where a national phone number is read."""

    kind: str
    value: str
    country: NotRequired[str]


class LookupsAsked(TypedDict):
    """Up to 1,000 identifiers to look up."""

    identifiers: list[IdentifierBody]


class LookupsBody(TypedDict):
    """An answer for each identifier, in their order, with at most 10 profiles each."""

    answers: list[LookupBody]


class CheckAsked(TypedDict):
    """What is known of somebody: attributes by their names (docs/mapping.md), as written, and identifiers."""

    attributes: NotRequired[dict[str, str]]
    identifiers: NotRequired[list[IdentifierBody]]


class KnownBody(TypedDict):
    """A profile that a description may be of; `probability` is null where only an identifier leads to it."""

    profile_id: str
    outcome: str
    probability: float | None
    evidence: list[str]


class ProblemBody(TypedDict):
    """A value that could not be used: the attribute or identifier kind, and why."""

    name: str
    code: str


class CheckBody(TypedDict):
    """Whether a description is of somebody known: MATCH, POSSIBLE, AMBIGUOUS or NO_MATCH, why, and who it could be."""

    outcome: str
    reason: str
    known: list[KnownBody]
    problems: list[ProblemBody]


class ErrorBody(TypedDict):
    """What went wrong: a stable code (docs/errors.md) and a sentence."""

    code: str
    message: str


def profile_body(stored: StoredProfile, viewer: Viewer) -> ProfileBody:
    """A stored profile as plain values, as `viewer` may see them."""
    return {
        "id": stored.id,
        "kind": stored.kind.value,
        "record_count": stored.record_count,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "retired_at": stored.retired_at,
        "attributes": _attributes(stored, viewer),
    }


def _attributes(stored: StoredProfile, viewer: Viewer) -> dict[str, str | RedactedBody]:
    if viewer.sees(Sensitivity.PERSONAL):
        return dict(stored.attributes)
    return {
        name: redact(Sensitivity.PERSONAL, shown(name, value)) for name, value in stored.attributes.items()
    }


def found_body(found: Found, asked_for: str, viewer: Viewer) -> FoundProfileBody:
    """What an id stands for now, as plain values."""
    stored, heirs = survivor(found)
    return {
        **profile_body(stored, viewer),
        "redirected_from": None if stored.id == asked_for else asked_for,
        "heirs": [{"profile_id": heir.profile.id, "record_count": heir.record_count} for heir in heirs],
    }


def lookup_body(answer: Answer, viewer: Viewer) -> LookupBody:
    """A look-up's answer as plain values."""
    return {
        "outcome": answer.outcome.value,
        "reason": answer.reason,
        "profile_count": answer.profile_count,
        "profiles": [profile_body(stored, viewer) for stored in answer.profiles],
    }


def check_body(said: Stated, found: Check) -> CheckBody:
    """A check's answer as plain values."""
    return {
        "outcome": found.outcome.value,
        "reason": found.reason,
        "known": [
            {
                "profile_id": one.profile_id,
                "outcome": one.outcome.value,
                "probability": one.probability,
                "evidence": list(one.evidence),
            }
            for one in found.known
        ],
        "problems": [{"name": name, "code": code} for name, code in said.problems],
    }


_EVERYWHERE = ("unauthenticated", "permission_denied", "rate_exceeded", "graph_unavailable", "graph_timeout")


def documented_errors(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The documented error answers of a route, by HTTP status."""
    by_status: dict[int | str, list[str]] = {}
    for code in (*codes, *_EVERYWHERE):
        by_status.setdefault(int(RULES[code].status), []).append(code)
    return {
        status: {"model": ErrorBody, "description": ", ".join(names)} for status, names in by_status.items()
    }
