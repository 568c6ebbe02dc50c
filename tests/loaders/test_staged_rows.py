"""Facts come out of the staging as they went in, whatever is in them."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from graph.facts import Consent, Identifier, SourceRecord, Tombstone, Touchpoint
from graph.staging import Staging
from graph.vocabulary import ATTRIBUTES, ConsentStatus, RecordKind
from loaders.batches import Entry
from loaders.facts import RowFacts
from loaders.staged_rows import staged, unstaged

RECORD = SourceRecord(
    "crm",
    "1",
    RecordKind.PERSON,
    {name: f"{name} ✓" for name in ATTRIBUTES},
    (Identifier("email", "ada@x.org"), Identifier("phone", "+491")),
    {"problems": "phone:invalid"},
    '{"a":"b"}',
    "hash",
    datetime(1, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
    ("birth_date", "email"),
)
TOUCHPOINT = Touchpoint(
    "crm",
    "m1",
    RECORD.key,
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "view",
    "mobile",
    "spring",
    12.5,
    {"page": "/a"},
    "other",
    "device:abc",
)
CONSENT = Consent(
    "crm",
    Identifier("email", "ada@x.org"),
    "email:abc",
    "newsletter",
    ConsentStatus.REVOKED,
    datetime(2024, 1, 2, tzinfo=UTC),
    datetime(2034, 1, 2, tzinfo=UTC),
)


def test_every_field_survives(tmp_path) -> None:
    for fact in (RECORD, TOUCHPOINT, CONSENT):
        names = {field.name for field in fields(fact)} - {"trait_times"}
        assert all(getattr(fact, name) for name in names), "the example leaves a field out"
    sparse = SourceRecord("web", "2", RecordKind.VISITOR, {}, content_hash="h")
    entries = [
        Entry(1, RECORD.raw, RowFacts("crm", RECORD, consents=(CONSENT,)), "a.csv"),
        Entry(2, '{"other":1}', RowFacts("crm", RECORD, TOUCHPOINT, partial=True), "b.csv"),
        Entry(3, "gone", RowFacts("crm", tombstone=Tombstone("crm", "3")), "a.csv"),
        Entry(1, "x", RowFacts("web", sparse, partial=True), "c.csv"),
    ]
    staging = Staging(tmp_path)
    staging.write(0, staged(enumerate(entries[:2])))
    staging.write(1, staged(enumerate(entries[2:], start=2)))
    found = list(unstaged(staging.statements(3)))
    assert found == entries
    instants = [found[0].facts.record.observed_at, found[1].facts.touchpoint.occurred_at]
    assert {instant.tzinfo for instant in instants} == {UTC}, "the driver takes no other zone"
    assert list(unstaged(Staging(tmp_path / "empty").statements(3))) == []


def test_messages_of_clients_are_not_for_the_staging() -> None:
    message = RowFacts("crm", replace(RECORD, trait_times={"email": "2025"}), partial=True)
    with pytest.raises(ValueError, match="messages"):
        staged([(0, Entry(1, "{}", message))])
