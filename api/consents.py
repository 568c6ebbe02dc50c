"""Consents in GraphQL: what counts for each purpose now, and the decisions behind it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby

import strawberry

from api.context import Info
from graph.consents import StoredConsent
from graph.vocabulary import ConsentStatus

strawberry.enum(ConsentStatus, description="What somebody said of a purpose.")


@strawberry.type(description="One decision on one purpose, by one identifier.")
class Consent:
    identifier_key: strawberry.ID = strawberry.field(description="Key of the identifier that it was made by.")
    identifier_kind: str = strawberry.field(description="Kind of that identifier, such as email.")
    status: ConsentStatus = strawberry.field(description="What was decided.")
    decided_at: datetime = strawberry.field(description="When, UTC; when it was heard of, if nobody says.")
    expires_at: datetime | None = strawberry.field(description="From when on it no longer counts, UTC.")
    source: str = strawberry.field(description="The source that says so.")


@strawberry.type(description="Where a profile stands with one purpose.")
class PurposeConsent:
    purpose: str = strawberry.field(description="The purpose, such as newsletter.")
    granted: bool = strawberry.field(
        description="Whether it may be acted on now: the latest decision of every identifier that made one grants it"
        " and has not expired."
    )
    status: ConsentStatus = strawberry.field(
        description="The most restrictive of the latest decisions of the identifiers, whether expired or not."
    )
    decisions: list[Consent] = strawberry.field(description="All decisions, the latest first.")


async def profile_consents(info: Info, profile_id: str) -> list[PurposeConsent]:
    """Where a profile stands, by purpose."""
    found = await info.context.consents.load(profile_id) or ()
    now = datetime.now(UTC)
    return [_purpose(name, list(said), now) for name, said in groupby(found, key=lambda one: one.purpose)]


def _purpose(name: str, decisions: list[StoredConsent], now: datetime) -> PurposeConsent:
    standing = latest(decisions)
    return PurposeConsent(
        purpose=name,
        granted=all(grants(one, now) for one in standing),
        status=max((one.status for one in standing), key=list(ConsentStatus).index),
        decisions=[_consent(one) for one in decisions],
    )


def latest(decisions: Iterable[StoredConsent]) -> list[StoredConsent]:
    """The latest decision of each identifier on one purpose; of two at one instant the more restrictive."""
    standing: dict[str, StoredConsent] = {}
    strictness = list(ConsentStatus).index
    for one in decisions:
        known = standing.get(one.identifier_key)
        if known is None or (one.decided_at, strictness(one.status)) > (
            known.decided_at,
            strictness(known.status),
        ):
            standing[one.identifier_key] = one
    return list(standing.values())


def grants(one: StoredConsent, at: datetime) -> bool:
    """Whether a decision lets its purpose be acted on at an instant (UTC)."""
    return one.status is ConsentStatus.GRANTED and (one.expires_at is None or one.expires_at > at)


def _consent(stored: StoredConsent) -> Consent:
    return Consent(
        identifier_key=strawberry.ID(stored.identifier_key),
        identifier_kind=stored.identifier_kind,
        status=stored.status,
        decided_at=stored.decided_at,
        expires_at=stored.expires_at,
        source=stored.source,
    )
