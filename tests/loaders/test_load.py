"""Loading into the real graph: idempotent, additive for events, every row accounted for."""

import asyncio
import gzip
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.cleaning import CLEANING
from graph.connection import Graph
from graph.errors import InputError, TooManyRejectedError
from graph.facts import Identifier, SourceRecord
from graph.quarantine import count_quarantined, read_quarantined
from graph.sources import list_sources
from graph.vocabulary import RecordKind
from loaders.batches import Entry, write_batch
from loaders.facts import RowFacts
from loaders.load import LoadReport, load_feeds, load_file, load_rows, read_feed
from loaders.mapping import parse_mapping
from loaders.rows import BadRow, RejectionCode, Row
from loaders.settings import LoadSettings
from loaders.staging import Feed

pytestmark = pytest.mark.store

PEOPLE = parse_mapping(
    """
[source]
name = "crm"
owner = "sales"
[record]
id = "id"
deleted = { column = "op", values = ["D"] }
[attributes]
given_name = "first"
[identifiers]
email = "mail"
"""
)
EVENTS = parse_mapping(
    """
[source]
name = "web"
authenticated = false
[record]
first_of = ["login", "device"]
[identifiers]
email = "login"
device = "device"
[touchpoint]
id = "event"
occurred_at = "at"
type = "what"
"""
)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def adds_up(report: LoadReport) -> bool:
    return (
        report.lines == report.accepted + report.duplicate + report.rejected
        and report.accepted == report.applied + report.pending + report.failed
    )


async def everything(graph: Graph) -> list[dict[str, Any]]:
    return await graph.read(
        "MATCH (n) WHERE NOT n:Installation AND NOT n:Source OPTIONAL MATCH (n)-[e]->(m) "
        "RETURN labels(n) AS labels, properties(n) AS node, type(e) AS type, properties(e) AS edge, m.key AS other "
        "ORDER BY n.key, m.key, edge.since"
    )


async def open_identifiers(graph: Graph, key: str) -> list[str]:
    rows = await graph.read(
        "MATCH (:SourceRecord {key: $key})-[h:HAS_IDENTIFIER]->(i) WHERE h.until IS NULL "
        "RETURN i.value AS value ORDER BY value",
        key=key,
    )
    return [row["value"] for row in rows]


async def test_the_same_file_again_changes_nothing(graph: Graph, tmp_path: Path) -> None:
    path = written(
        tmp_path / "p.csv",
        "id,first,mail,op\n1,Ada,ada@x.org,\n2,Bob,bob@x.org,\n2,Bob,bob@x.org,\n3,,,\n4,x\n",
    )
    first = await load_file(graph, path, PEOPLE)
    assert (first.lines, first.applied, first.duplicate, first.rejected, first.records) == (5, 2, 1, 2, 2)
    before = await everything(graph)
    again = await load_file(graph, path, PEOPLE)
    assert (again.applied, again.duplicate, again.rejected, again.records) == (0, 3, 2, 0)
    assert adds_up(first)
    assert adds_up(again)
    assert await everything(graph) == before
    assert await count_quarantined(graph) == {"cells_missing": 1, "nothing_usable": 1}
    (row, *_) = await read_quarantined(graph, size=1, code="cells_missing")
    assert (row.source, row.file, row.line, row.raw) == ("crm", "p.csv", 6, "4,x")


async def test_a_new_statement_replaces_the_old_one(graph: Graph, tmp_path: Path) -> None:
    await load_file(graph, written(tmp_path / "1.csv", "id,first,mail,op\n1,Ada,ada@x.org,\n"), PEOPLE)
    (old,) = await graph.read("MATCH (r:SourceRecord) RETURN r.accepted_at AS accepted_at")
    await graph.write("MATCH (r:Pending) REMOVE r:Pending")
    report = await load_file(
        graph, written(tmp_path / "2.csv", "id,first,mail,op\n1,,ada@new.org,\n"), PEOPLE
    )
    assert (report.applied, report.records) == (1, 1)
    (new,) = await graph.read("MATCH (r:Pending) RETURN r {.*} AS node")
    assert new["node"]["accepted_at"] == old["accepted_at"]
    assert "given_name" not in new["node"]
    assert await open_identifiers(graph, "crm:1") == ["ada@new.org"]
    (closed,) = await graph.read(
        "MATCH ()-[h:HAS_IDENTIFIER]->() WHERE h.until IS NOT NULL RETURN count(*) AS edges"
    )
    assert closed["edges"] == 1


async def test_a_delete_marker_removes_and_a_new_row_brings_back(graph: Graph, tmp_path: Path) -> None:
    path = written(tmp_path / "1.csv", "id,first,mail,op\n1,Ada,ada@x.org,\n")
    gone = written(tmp_path / "2.csv", "id,first,mail,op\n1,,,D\n7,,,D\n")
    await load_file(graph, path, PEOPLE)
    report = await load_file(graph, gone, PEOPLE)
    assert (report.applied, report.duplicate) == (1, 1)
    (node,) = await graph.read("MATCH (r:SourceRecord:Pending) RETURN r.removed_at IS NOT NULL AS removed")
    assert node["removed"]
    assert await open_identifiers(graph, "crm:1") == []
    assert (await load_file(graph, gone, PEOPLE)).duplicate == 2
    assert (await load_file(graph, path, PEOPLE)).applied == 1
    assert await open_identifiers(graph, "crm:1") == ["ada@x.org"]


async def test_events_add_to_their_users_and_devices(graph: Graph, tmp_path: Path) -> None:
    path = written(
        tmp_path / "e.csv",
        "event,at,what,login,device\n1,2024-05-06T07:08:09Z,view,,d1\n2,2024-05-06T07:09:00Z,buy,ada@x.org,d1\n"
        "3,2024-05-07T07:09:00Z,buy,ada@x.org,d2\n4,yesterday,view,,d2\n2,2024-05-06T07:09:00Z,buy,ada@x.org,d1\n",
    )
    report = await load_file(graph, path, EVENTS)
    assert adds_up(report)
    assert (report.applied, report.duplicate, report.rejected) == (3, 1, 1)
    assert (report.records, report.touchpoints) == (2, 3)
    rows = await graph.read(
        "MATCH (t:Touchpoint)-[:OF]->(r:SourceRecord {key: t.record_key}) "
        "RETURN t.key AS key, t.occurred_at AS at, r.kind AS kind ORDER BY key"
    )
    assert [row["kind"] for row in rows] == ["VISITOR", "PERSON", "PERSON"]
    assert rows[0]["at"] == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    user = await graph.read("MATCH (r:SourceRecord {kind: 'PERSON'}) RETURN r.key AS key")
    assert await open_identifiers(graph, user[0]["key"]) == ["ada@x.org", "d1", "d2"]
    before = await everything(graph)
    assert (await load_file(graph, path, EVENTS)).duplicate == 4
    assert await everything(graph) == before


async def test_two_loaders_at_once_write_each_fact_once(graph: Graph, tmp_path: Path) -> None:
    lines = [f"{n},Name{n % 50},shared{n % 7}@x.org,\n" for n in range(1500)]
    forward = written(tmp_path / "1.csv", "id,first,mail,op\n" + "".join(lines))
    backward = written(tmp_path / "2.csv", "id,first,mail,op\n" + "".join(reversed(lines)))
    reports = await asyncio.gather(*(load_file(graph, path, PEOPLE) for path in (forward, backward, forward)))
    assert all(adds_up(report) and report.failed == 0 for report in reports)
    (counts,) = await graph.read(
        "MATCH (r:SourceRecord) WITH count(r) AS records MATCH (i:Identifier) WITH records, count(i) AS identifiers "
        "MATCH ()-[h:HAS_IDENTIFIER]->() RETURN records, identifiers, count(h) AS edges"
    )
    assert counts == {"records": 1500, "identifiers": 7, "edges": 1500}


async def test_a_poison_row_is_alone_in_quarantine(graph: Graph) -> None:
    def entry(line: int, record_id: str) -> Entry:
        record = SourceRecord(
            "crm",
            record_id,
            RecordKind.PERSON,
            {"given_name": "Ada"},
            (Identifier("email", f"{line}@x.org"),),
            {},
            "{}",
            "h",
        )
        return Entry(line, f"row {line}", RowFacts("crm", record), "p.csv")

    entries = [entry(line, str(line)) for line in range(64)]
    entries[17] = entry(17, "x" * 40_000)
    report = await write_batch(graph, entries, datetime.now(UTC))
    assert (report.applied, report.failed, report.duplicate) == (63, 1, 0)
    (count,) = await graph.read("MATCH (r:SourceRecord) RETURN count(r) AS records")
    assert count["records"] == 63
    (row,) = await read_quarantined(graph, size=10)
    assert (row.code, row.line, row.raw) == ("write_failed", 17, "row 17")
    assert "xxxx" not in row.reason


async def test_sources_are_catalogued_with_their_fields(graph: Graph, tmp_path: Path) -> None:
    await load_file(
        graph, written(tmp_path / "p.csv", "id,first,mail,op,note\n1,Ada,,,x\n2,Bob,b@x.org,,\n"), PEOPLE
    )
    (source,) = await list_sources(graph)
    assert (source.name, source.owner, source.authenticated) == ("crm", "sales", True)
    fields = {field.column: (field.mapped_to, field.filled, field.rows) for field in source.fields}
    assert fields["mail"] == ("identifiers.email", 1, 2)
    assert fields["note"] == ("", 1, 2)
    assert source.last_loaded_at is not None


async def test_a_load_that_stopped_half_way_is_resumed(graph: Graph, tmp_path: Path) -> None:
    lines = [f"{n},Name{n},n{n}@x.org,\n" for n in range(6000)]
    path = written(tmp_path / "p.csv", "id,first,mail,op\n" + "".join(lines))
    task = asyncio.create_task(load_file(graph, path, PEOPLE))
    while not (await graph.read("MATCH (r:SourceRecord) RETURN r.key LIMIT 1")):  # noqa: ASYNC110 - the graph tells
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    report = await load_file(graph, path, PEOPLE)
    assert adds_up(report)
    assert report.duplicate >= 2000
    (count,) = await graph.read("MATCH (r:SourceRecord:Pending) RETURN count(r) AS records")
    assert count["records"] == 6000


async def test_what_came_before_a_damage_is_kept(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "p.csv.gz"
    chance = random.Random(7)
    rows = "".join(f"{n},Name{n},,,{chance.randbytes(400).hex()}\n" for n in range(3000))
    path.write_bytes(gzip.compress(f"id,first,mail,op,note\n{rows}".encode())[:-20])
    with pytest.raises(InputError, match="compressed stream"):
        await load_file(graph, path, PEOPLE)
    (count,) = await graph.read("MATCH (r:SourceRecord) RETURN count(r) AS records")
    assert 1000 < count["records"] < 3000


async def test_too_much_rejected_stops_a_load_before_it_is_applied(graph: Graph, tmp_path: Path) -> None:
    good = "".join(f"{n},Name{n},,\n" for n in range(10))
    path = written(tmp_path / "p.csv", f"id,first,mail,op\n{good}{'x' * 3}\n{'y' * 3}\n")
    strict = LoadSettings(rejected_rows=1, rejected_share=0.1)
    with pytest.raises(TooManyRejectedError, match=r"2 of 12 rows .*cells_missing 2.*nothing was applied"):
        await load_feeds(graph, [read_feed(path, PEOPLE)], strict)
    assert await graph.read("MATCH (n:SourceRecord|Source) RETURN n") == []
    assert await count_quarantined(graph) == {"cells_missing": 2}
    report = await load_feeds(graph, [read_feed(path, PEOPLE)], LoadSettings(rejected_rows=2))
    assert (report.applied, report.rejected) == (10, 2)


def test_both_the_number_and_the_share_must_be_large() -> None:
    settings = LoadSettings()
    assert settings.too_many(1_001, 10_000)
    assert not settings.too_many(1_000, 10_000)
    assert not settings.too_many(1_001, 50_000)


async def test_several_feeds_are_one_load(graph: Graph) -> None:
    people = [Row(1, {"id": "1", "first": "Ada"}), Row(2, {"id": "2", "first": "Bob"})]
    events = [
        Row(1, {"event": "1", "at": "2024-05-06", "what": "view", "device": "d1"}),
        BadRow(2, RejectionCode.NUL_BYTE, "A text holds a NUL character.", "\ud800"),
    ]
    report = await load_feeds(graph, [Feed("people", people, PEOPLE), Feed("topic", events, EVENTS)])
    assert adds_up(report)
    assert (report.lines, report.applied, report.rejected, report.records) == (4, 3, 1, 3)
    assert {source.name for source in await list_sources(graph)} == {"crm", "web"}
    again = await load_rows(graph, "people", people, PEOPLE)
    assert (again.lines, again.duplicate) == (2, 2)


async def test_the_last_of_several_statements_wins_however_far_apart(graph: Graph) -> None:
    rows = [Row(n, {"id": str(n), "first": f"Name{n}", "mail": f"{n}@x.org"}) for n in range(2100)]
    rows += [Row(5000, {"id": "7", "first": "Eve", "mail": "eve@x.org"})]
    await load_rows(graph, "people", rows, PEOPLE)
    assert await open_identifiers(graph, "crm:7") == ["eve@x.org"]
    before = await everything(graph)
    again = await load_rows(graph, "people", rows, PEOPLE)
    assert (again.applied, again.duplicate) == (1, 2100)
    assert await everything(graph) == before


async def test_a_touchpoint_hangs_where_the_last_row_says(graph: Graph) -> None:
    def row(line: int, device: str) -> Row:
        return Row(line, {"event": "1", "at": "2024-05-06", "what": "view", "device": device})

    await load_rows(graph, "topic", [row(1, "z"), row(2, "a")], EVENTS)
    await load_rows(graph, "topic", [row(1, "z"), row(2, "a")], EVENTS)
    rows = await graph.read("MATCH (:Touchpoint)-[:OF]->(r) RETURN r.record_id AS id")
    assert [one["id"] for one in rows] == ["device:a"]


async def test_what_older_rules_cleaned_is_written_anew(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = parse_mapping('[source]\nname = "crm"\n[record]\nid = "id"\n[attributes]\ngiven_name = "first"')
    rows = [Row(2, {"id": "1", "first": "Ada"})]
    versions = "MATCH (r:SourceRecord) RETURN r.cleaning AS version"
    with monkeypatch.context() as before:
        before.setattr("graph.records.CLEANING", 0)
        before.setattr("loaders.facts.CLEANING", 0)
        assert (await load_rows(graph, "file", rows, mapping)).applied == 1
        assert (await load_rows(graph, "file", rows, mapping)).duplicate == 1
        assert await graph.read(versions) == [{"version": 0}]
    assert (await load_rows(graph, "file", rows, mapping)).applied == 1
    assert (await load_rows(graph, "file", rows, mapping)).duplicate == 1
    assert await graph.read(versions) == [{"version": CLEANING}]
