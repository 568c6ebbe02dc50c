"""What a load keeps in the archive, and what a suppressed identifier keeps out of everything."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import Identifier
from graph.quarantine import read_quarantined
from graph.sources import list_sources
from graph.suppressions import suppress
from graph.transactions import Graph
from loaders.archive import Archive
from loaders.load import load_rows
from loaders.mapping import mapping_text, parse_mapping
from loaders.rows import BadRow, RejectionCode, Row

pytestmark = pytest.mark.store

MAPPING = parse_mapping(
    """
[source]
name = "crm"
[record]
id = "id"
without_id = "reject"
observed_at = "seen"
[attributes]
given_name = "first"
[identifiers]
email = "mail"
[file]
missing = ["-"]
"""
)
ADA = Row(2, {"id": "1", "first": "Ada", "mail": "ADA@example.org", "city": "-"})
BOB = Row(3, {"id": "2", "first": "Bob", "mail": "bob@example.org", "seen": "2026-02-03T04:05:06Z"})
NAMELESS = Row(4, {"mail": "ada@example.org"})
BROKEN = BadRow(5, RejectionCode.CELLS_MISSING, "2 cells too few.", "3,Cy")


def archive_of(graph: Graph) -> Archive:
    return Archive.open(graph.settings.data_dir / "archive")


async def test_every_row_is_kept_verbatim_once(graph: Graph) -> None:
    for _ in range(2):
        await load_rows(graph, "people.csv", [ADA, BOB, NAMELESS, BROKEN], MAPPING)
    with archive_of(graph) as archive:
        kept = list(archive.replay("crm"))
        [version] = archive.mappings("crm")
    assert [(one.name, one.line) for one in kept] == [("people.csv", 2), ("people.csv", 3), ("people.csv", 4)]
    assert kept[0].body == b'{"id":"1","first":"Ada","mail":"ADA@example.org","city":"-"}'
    assert version.text == mapping_text(MAPPING)
    [source] = await list_sources(graph)
    assert (source.rows, source.rejected, source.mapping) == (4, 2, version.text)
    [row] = await graph.read("MATCH (r:SourceRecord {key: 'crm:2'}) RETURN toString(r.observed_at) AS at")
    assert row["at"] == "2026-02-03T04:05:06Z", "an offset, not a named zone"
    assert source.newest_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


async def test_nothing_of_a_suppressed_row_is_kept(graph: Graph) -> None:
    address = Identifier("email", "ada@example.org")
    await suppress(graph, [address], author="me", reason="", at=datetime.now(UTC))
    report = await load_rows(graph, "people.csv", [ADA, BOB, NAMELESS], MAPPING)
    assert (report.lines, report.rejected, report.applied) == (3, 2, 1)
    refused = await read_quarantined(graph, size=10)
    assert {(one.code, one.line, one.raw) for one in refused} == {
        ("suppressed", 2, ""),
        ("suppressed", 4, ""),
    }
    with archive_of(graph) as archive:
        assert [one.line for one in archive.replay("crm")] == [3]
    assert await graph.read("MATCH (i:Identifier) RETURN i.value AS value") == [{"value": "bob@example.org"}]


def test_a_mapping_survives_its_text(tmp_path: Path) -> None:
    assert parse_mapping(mapping_text(MAPPING)) == MAPPING
    events = parse_mapping(
        """
        [source]
        column = "app"
        [record]
        first_of = ["user", "device"]
        kind = { column = "k", organisation = ["firm"] }
        [attributes]
        birth_date = { column = ["y", "m", "d"], order = "ymd", verified = "checked" }
        [identifiers]
        phone = { column = "tel", country = "DE", separator = ";" }
        [touchpoint]
        id = "content"
        occurred_at = "at"
        type = { fixed = "visit" }
        """
    )
    assert parse_mapping(mapping_text(events)) == events
