"""A new mapping over history gives the graph that loading with it at once would have given."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from graph.errors import InputError
from graph.facts import SourceRecord
from graph.names import NameParts
from graph.records import write_records
from graph.transactions import Graph
from graph.vocabulary import RecordKind
from loaders.archive import Archive, Input
from loaders.batches import Entry, write_batch
from loaders.events import EventReader
from loaders.identifying import read_identifier
from loaders.journal_file import Message
from loaders.load import load_rows
from loaders.mapping import Mapping, parse_mapping
from loaders.remap import remap
from loaders.rows import Row

pytestmark = pytest.mark.store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

PEOPLE = """
[source]
name = "crm"
[record]
id = "id"
[attributes]
given_name = "first"
[identifiers]
email = "mail"
"""
BETTER = PEOPLE.replace('"first"', '"called"').replace('email = "mail"', 'phone = "tel"')
ROWS = [
    Row(2, {"id": "1", "number": "a", "first": "Ada", "called": "Augusta", "mail": "a@example.org"}),
    Row(3, {"id": "2", "number": "b", "first": "Bob", "tel": "+49 30 901820"}),
    Row(4, {"id": "1", "number": "a", "first": "Ada", "called": "Ada", "tel": "+49 30 901821"}),
    Row(5, {"called": "nobody"}),
]
EVENTS = """
[source]
name = "web"
[record]
id = "user"
[attributes]
given_name = "first"
[identifiers]
email = "mail"
[touchpoint]
id = "event"
occurred_at = "at"
type = "what"
"""
CLICKS = [
    Row(
        2,
        {"event": "e1", "user": "u1", "at": "2026-01-01T00:00:00Z", "what": "visit", "mail": "a@example.org"},
    ),
    Row(3, {"event": "e2", "user": "u1", "at": "2026-01-02T00:00:00Z", "what": "visit", "first": "Ada"}),
    Row(4, {"event": "e3", "user": "u2", "at": "2026-01-03T00:00:00Z", "what": "visit", "other": "o3"}),
]


async def facts(graph: Graph) -> list[Any]:
    """Records that stand, with their identifiers and touchpoints."""
    return await graph.read(
        """
        MATCH (r:SourceRecord) WHERE r.removed_at IS NULL
        RETURN r.key AS key, r.given_name AS name, r.source AS source,
          COLLECT { MATCH (r)-[h:HAS_IDENTIFIER]->(i) WHERE h.until IS NULL RETURN i.value ORDER BY i.value } AS held,
          COLLECT { MATCH (t:Touchpoint)-[:OF]->(r) RETURN t.key ORDER BY t.key } AS touchpoints
        ORDER BY key
        """
    )


async def wipe(graph: Graph) -> None:
    await graph.write("MATCH (n) WHERE NOT n:Installation DETACH DELETE n")


@pytest.mark.parametrize(
    ("rows", "old", "new"),
    [
        (ROWS, PEOPLE, BETTER),
        (ROWS, PEOPLE, PEOPLE.replace('"id"', '"number"')),
        (CLICKS, EVENTS, EVENTS.replace('id = "event"', 'id = "other"')),
        (CLICKS, EVENTS, EVENTS.replace('email = "mail"', 'cookie = "mail"').replace('"first"', '"what"')),
        (CLICKS, EVENTS, EVENTS.replace('id = "user"', 'first_of = ["mail", "user"]')),
        (CLICKS, EVENTS, EVENTS.partition("[touchpoint]")[0]),
    ],
)
async def test_remapped_is_as_loaded_at_once(graph: Graph, rows: list[Row], old: str, new: str) -> None:
    before, after = parse_mapping(old), parse_mapping(new)
    name = before.source.name or ""
    await load_rows(graph, "file", rows, after)
    expected = await facts(graph)
    await wipe(graph)
    await load_rows(graph, "file", rows, before)
    assert await facts(graph) != expected
    await remap(graph, name, after)
    assert await facts(graph) == expected
    again = await remap(graph, name, after)
    assert await facts(graph) == expected
    assert (again.records_removed, again.touchpoints_removed) == (0, 0)


async def test_what_did_not_come_from_rows_stays(graph: Graph) -> None:
    await load_rows(graph, "file", ROWS, parse_mapping(PEOPLE))
    told = SourceRecord("crm", "told", RecordKind.PERSON, {"given_name": "Eve"}, content_hash="x")
    await write_records(graph, [told])
    report = await remap(graph, "crm", parse_mapping(PEOPLE.replace('"id"', '"number"')))
    assert report.records_removed == 2
    assert {row["key"] for row in await facts(graph)} >= {"crm:told", "crm:a", "crm:b"}


async def test_a_return_to_an_older_state_is_the_last_word(graph: Graph) -> None:
    mapping = parse_mapping(PEOPLE)
    for name in ("Ada", "Augusta", "Ada"):
        await load_rows(graph, "file", [Row(2, {"id": "1", "first": name})], mapping)
    await remap(graph, "crm", mapping)
    assert [row["name"] for row in await facts(graph)] == ["Ada"]


@pytest.mark.parametrize(
    ("source", "mapping", "why"),
    [("crm", EVENTS, "for the source web"), ("nothing", PEOPLE.replace("crm", "nothing"), "holds no rows")],
)
async def test_a_mapping_that_cannot_apply_is_refused(
    graph: Graph, source: str, mapping: str, why: str
) -> None:
    known: Mapping = parse_mapping(mapping)
    with pytest.raises(InputError, match=why):
        await remap(graph, source, known)


def message(number: int, **said: Any) -> Input:
    body = orjson.dumps(
        {"timestamp": "2026-03-01T11:59:00Z", "userId": "u1", "messageId": f"m{number}", **said}
    )
    return Input("app", "event", "journal", number, body, AT)


async def project(graph: Graph, inputs: list[Input]) -> None:
    """As the projector does: kept, then written."""
    with Archive.open(graph.settings.data_dir / "archive") as archive:
        archive.keep(inputs)
    reader = EventReader(graph.salt)
    messages = [Message("app", f"m{one.line}", one.body, one.received_at, None) for one in inputs]
    facts = [reader.facts(one) for one in messages if b"type" in one.body]
    await write_batch(graph, [Entry(1, "{}", one, "journal", "event") for one in facts], AT)


async def test_messages_are_read_again_under_the_present_rules(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [
        message(1, type="identify", traits={"firstName": "ada", "email": "ada.l@gmail.com"}),
        message(2, type="track", event="seen"),
        message(3, event="nothing"),
    ]
    await project(graph, said)
    expected = await facts(graph)
    await wipe(graph)
    with monkeypatch.context() as before:
        before.setattr("graph.records.CLEANING", 0)
        before.setattr("graph.identifiers.clean_email", str.upper)
        before.setattr("graph.attributes.clean_given", lambda given: NameParts(given.upper()))
        read_identifier.cache_clear()
        await project(graph, said)
        read_identifier.cache_clear()
    assert await facts(graph) != expected
    report = await remap(graph, "app")
    assert await facts(graph) == expected
    assert (report.load.lines, report.load.rejected, report.load.applied) == (3, 1, 1)
    assert (await remap(graph, "app")).load.applied == 0


async def test_the_same_mapping_renews_what_older_rules_cleaned(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load_rows(graph, "file", CLICKS, parse_mapping(EVENTS))
    expected = await facts(graph)
    await wipe(graph)
    with monkeypatch.context() as before:
        before.setattr("graph.records.CLEANING", 0)
        before.setattr("graph.attributes.clean_given", lambda given: NameParts(given.upper()))
        await load_rows(graph, "file", CLICKS, parse_mapping(EVENTS))
    assert await facts(graph) != expected
    await remap(graph, "web")
    assert await facts(graph) == expected
