"""Consents are read from rows and events as they are said, and what cannot be read is a problem of the row."""

from datetime import UTC, datetime

import orjson

from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.vocabulary import ConsentStatus
from loaders.events import EventReader
from loaders.facts import RowFacts, RowMapper
from loaders.journal_file import Message
from loaders.mapping import parse_mapping
from loaders.rows import Row

SALT = b"salt"
MAPPING = """
[source]
name = "crm"
[record]
id = "id"
observed_at = "seen"
[identifiers]
phone = { column = "phone", country = "GB" }
email = "mail"
[consents]
calls = "calls"
[consents.newsletter]
column = "news"
granted = ["Ja"]
denied = ["Nein"]
decided_at = "said"
expires_at = "until"
identifier = "email"
"""
SEEN, SAID = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def facts(**values: str) -> RowFacts:
    return RowMapper(parse_mapping(MAPPING), SALT).facts(Row(2, {"id": "1", **values}))


def test_each_purpose_hangs_on_its_identifier_with_its_instant() -> None:
    said = facts(
        phone="+442071838750",
        mail="Ada@x.org",
        calls="YES",
        news="nein",
        seen="2026-05-01",
        said="2026-04-01",
    )
    email = Identifier("email", "ada@x.org")
    calls, newsletter = said.consents
    assert (calls.identifier.kind, calls.status, calls.decided_at) == ("phone", ConsentStatus.GRANTED, SEEN)
    assert (newsletter.identifier, newsletter.status) == (email, ConsentStatus.DENIED)
    assert (newsletter.decided_at, newsletter.expires_at) == (SAID, None)
    assert newsletter.key == f"crm|{identifier_key(email, SALT)}|newsletter|2026-04-01T00:00:00+00:00"


def test_nothing_is_guessed() -> None:
    assert facts(mail="ada@x.org", calls="").consents == ()
    unclear = facts(mail="ada@x.org", news="vielleicht")
    assert (unclear.consents, unclear.record.extra["problems"]) == ((), "newsletter:unknown_status")
    nobody = facts(phone="+442071838750", news="ja")
    assert (nobody.consents, nobody.record.extra["problems"]) == ((), "newsletter:no_identifier")


def test_an_event_carries_the_choices_of_a_consent_manager() -> None:
    body = {
        "type": "track",
        "event": "Viewed",
        "messageId": "m1",
        "userId": "u1",
        "anonymousId": "a1",
        "timestamp": "2026-04-01T00:00:00Z",
        "context": {
            "consent": {"categoryPreferences": {"Analytics": False, "Advertising": True, "x": "yes"}}
        },
    }
    message = Message("web", "m1", orjson.dumps(body), SEEN, None)
    consents = EventReader(SALT).facts(message).consents
    assert [(one.purpose, one.status, one.identifier.kind) for one in consents] == [
        ("Advertising", ConsentStatus.GRANTED, "user_id"),
        ("Analytics", ConsentStatus.DENIED, "user_id"),
    ]
    assert {one.decided_at for one in consents} == {SAID}
