"""A new mapping over history gives the graph that loading with it at once would have given."""

from typing import Any

import pytest

from graph.errors import InputError
from graph.facts import SourceRecord
from graph.records import write_records
from graph.transactions import Graph
from graph.vocabulary import RecordKind
from loaders.load import load_rows
from loaders.mapping import Mapping, parse_mapping
from loaders.remap import remap
from loaders.rows import Row

pytestmark = pytest.mark.store

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
