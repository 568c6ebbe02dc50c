"""Rows of the quarantine are mended, or read again under a mended mapping, by one call."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from graph.errors import InputError
from graph.facts import Identifier, Rejected
from graph.quarantine import count_quarantined, find_quarantined, read_quarantined, write_quarantined
from graph.suppressions import suppress
from graph.transactions import Graph
from loaders.door import Door, open_door
from loaders.load import load_rows
from loaders.mapping import parse_mapping
from loaders.replay import Replay
from loaders.rows import BadRow, RejectionCode, Row

pytestmark = pytest.mark.store

TEXT = """
[source]
name = "crm"
[record]
id = "id"
without_id = "reject"
[attributes]
given_name = "first"
[identifiers]
email = "mail"
"""
MAPPING = parse_mapping(TEXT)
BY_NUMBER = parse_mapping(TEXT.replace('id = "id"', 'id = "number"'))
GOOD = Row(2, {"id": "1", "first": "Ada"})
NUMBERED = Row(3, {"number": "7", "first": "Bob", "mail": "bob@example.org"})
BROKEN = BadRow(4, RejectionCode.CELLS_MISSING, "2 cells too few.", "3,Cy")


@pytest.fixture
async def door(graph: Graph) -> AsyncIterator[Door]:
    await load_rows(graph, "people.csv", [GOOD, NUMBERED, BROKEN], MAPPING)
    async with open_door(graph) as opened:
        yield opened


async def names(graph: Graph) -> dict[str, str]:
    rows = await graph.read("MATCH (r:SourceRecord) RETURN r.key AS key, r.given_name AS name")
    return {row["key"]: row["name"] for row in rows}


async def test_a_mended_mapping_releases_what_it_can_read(graph: Graph, door: Door) -> None:
    waiting = await read_quarantined(graph, size=10)
    assert {one.code for one in waiting} == {"record_id_missing", "cells_missing"}
    results = await Replay(graph, door, "key_1", BY_NUMBER).all(waiting)
    assert sorted((one.record_key or "", one.code or "") for one in results) == [
        ("", "cells_missing"),
        ("crm:7", ""),
    ]
    assert await names(graph) == {"crm:1": "Ada", "crm:7": "Bob"}
    assert await count_quarantined(graph) == {"cells_missing": 1}
    [released] = [
        one for one in await find_quarantined(graph, [one.key for one in waiting]) if one.released_at
    ]
    assert (released.released_by, released.raw) == ("key_1", "")
    await load_rows(graph, "people.csv", [GOOD, NUMBERED, BROKEN], MAPPING)
    assert await count_quarantined(graph) == {"cells_missing": 1}, "what was mended stays mended"


async def test_one_row_is_mended_and_kept(graph: Graph, door: Door) -> None:
    [broken] = await read_quarantined(graph, size=10, code="cells_missing")
    replay = Replay(graph, door, "key_1")
    refused = await replay.mended(broken, '{"id": "3", "first": ')
    assert (refused.code, refused.record_key) == ("json_invalid", None)
    assert (await find_quarantined(graph, [broken.key]))[0] == broken, "a bad repair changes nothing"
    assert (await replay.mended(broken, '{"id": "3", "first": "Cy"}')).record_key == "crm:3"
    assert (await names(graph))["crm:3"] == "Cy"
    assert [one.body for one in door.replay("crm")][-1] == b'{"id": "3", "first": "Cy"}'


async def test_a_row_that_its_source_has_overtaken_is_released_without_being_written(
    graph: Graph, door: Door
) -> None:
    await load_rows(graph, "later.csv", [Row(2, {"number": "7", "first": "Robert"})], BY_NUMBER)
    waiting = await read_quarantined(graph, size=10, code="record_id_missing")
    [result] = await Replay(graph, door, "key_1", BY_NUMBER).all(waiting)
    assert result.record_key == "crm:7"
    assert (await names(graph))["crm:7"] == "Robert"
    assert await count_quarantined(graph, "crm") == {"cells_missing": 1}


async def test_a_row_that_was_suppressed_meanwhile_is_forgotten(graph: Graph, door: Door) -> None:
    bob = Identifier("email", "bob@example.org")
    await suppress(graph, [bob], author="me", reason="", at=datetime.now(UTC))
    waiting = await read_quarantined(graph, size=10, code="record_id_missing")
    await Replay(graph, door, "key_1", BY_NUMBER).all(waiting)
    [forgotten] = await find_quarantined(graph, [waiting[0].key])
    assert (forgotten.code, forgotten.raw) == ("suppressed", "")


async def test_without_a_mapping_nothing_is_guessed(graph: Graph, door: Door) -> None:
    by_column = parse_mapping(TEXT.replace('name = "crm"', 'column = "app"'))
    await load_rows(graph, "new.csv", [Row(2, {"id": "1"})], by_column)
    waiting = await read_quarantined(graph, size=10, source="new.csv")
    with pytest.raises(InputError, match=r"No mapping is known for the source new\.csv"):
        await Replay(graph, door, "key_1").all(waiting)


async def test_a_message_is_mended(graph: Graph, door: Door) -> None:
    raw = '{"type": "track", "event": "Bought", "messageId": "m1"}'
    refused = Rejected("web", "journal", 7, "record_id_missing", "Nobody is named.", raw, "event")
    await write_quarantined(graph, [refused])
    [waiting] = await read_quarantined(graph, size=10, source="web")
    replay = Replay(graph, door, "key_1")
    [still] = await replay.all([waiting])
    assert still.code
    text = raw.replace("}", ', "userId": "u1", "timestamp": "2026-01-02T03:04:05Z"}')
    mended = await replay.mended(waiting, text)
    assert (mended.code, (mended.record_key or "").partition(":")[0]) == (None, "web")
    assert await graph.read("MATCH (t:Touchpoint) RETURN t.key AS key") == [{"key": "web:m1"}]
    *_, kept = door.replay("web")
    assert (kept.form, kept.body) == ("event", text.encode())
