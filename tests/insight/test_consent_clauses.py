"""Consent in rules: the latest of each identifier counts, the most restrictive of them, and a grant may expire."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.connection import Graph
from graph.consents import write_consents
from graph.facts import Consent, Identifier, SourceRecord
from graph.identifiers import identifier_key
from graph.records import write_records
from graph.segments import read_members
from graph.vocabulary import ConsentStatus, RecordKind
from insight.definitions import Definitions
from insight.following import follow
from insight.segments import define_segments, refresh_segments

pytestmark = pytest.mark.store

AT = datetime(2026, 5, 1, tzinfo=UTC)
ANSWERS = ("granted", "refused", "unknown")
SEGMENTS = define_segments(
    {answer: {"description": "-", "rule": {"consent": "news", "is": answer}} for answer in ANSWERS}
)
_PROFILE = """
MATCH (r:SourceRecord) CREATE (r)-[:RESOLVES_TO {since: $at}]->(:Profile {id: r.record_id, kind: 'PERSON',
  record_count: 1, created_at: $at, updated_at: $at})
"""


def said(graph: Graph, mail: str, status: ConsentStatus, day: int, expires: int | None = None) -> Consent:
    at, until = AT - timedelta(days=30 - day), None if expires is None else AT + timedelta(days=expires)
    held = Identifier("email", mail)
    return Consent("crm", held, identifier_key(held, graph.salt), "news", status, at, until)


@pytest.fixture
async def people(graph: Graph) -> Graph:
    """Ada has two addresses, the others one each."""
    held = {"ada": ("a@x.org", "b@x.org"), "bob": ("c@x.org",), "cy": ("d@x.org",), "dee": ("e@x.org",)}
    await write_records(graph, [
        SourceRecord("crm", name, RecordKind.PERSON, {}, tuple(Identifier("email", one) for one in mails))
        for name, mails in held.items()
    ])  # fmt: skip
    await graph.write(_PROFILE, at=AT)
    return graph


async def members(graph: Graph) -> dict[str, set[str]]:
    found = {name: await read_members(graph, [name], size=10, after="") for name in ANSWERS}
    return {name: {one.id for one in found[name].get(name, ())} for name in ANSWERS}


async def test_the_most_restrictive_of_the_latest_decisions_counts(people: Graph) -> None:
    granted, revoked = ConsentStatus.GRANTED, ConsentStatus.REVOKED
    await write_consents(people, [
        said(people, "a@x.org", granted, 1), said(people, "b@x.org", revoked, 2),
        said(people, "c@x.org", granted, 3), said(people, "d@x.org", granted, 1, expires=-1),
    ])  # fmt: skip
    await refresh_segments(people, SEGMENTS, at=AT)
    assert await members(people) == {"granted": {"bob"}, "refused": {"ada", "cy"}, "unknown": {"dee"}}


async def test_a_grant_that_expires_is_noticed_by_itself(people: Graph) -> None:
    await write_consents(people, [said(people, "c@x.org", ConsentStatus.GRANTED, 1, expires=3)])
    await refresh_segments(people, SEGMENTS, at=AT)
    assert not (await follow(people, Definitions(segments=SEGMENTS), at=AT + timedelta(days=2))).profiles
    followed = await follow(people, Definitions(segments=SEGMENTS), at=AT + timedelta(days=4))
    assert (followed.left["granted"], followed.entered["refused"]) == (1, 1)
