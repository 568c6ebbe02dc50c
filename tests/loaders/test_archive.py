"""The archive keeps each input once, verbatim, and replays a source in the order of what was said last."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ArchiveError
from loaders.archive import Archive, Input

AT = datetime(2026, 3, 1, 12, 30, 1, 123456, tzinfo=UTC)


def row(body: bytes, line: int = 1, source: str = "crm") -> Input:
    return Input(source, "row", "customers.csv", line, body, AT)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive") as opened:
        yield opened


def test_inputs_come_back_as_they_were(archive: Archive) -> None:
    inputs = [
        row(b'{"a": "\\u0000"}', 1),
        row(b"\xff\n\x00 not text\n", 2),
        Input("web", "event", "journal", 7, b'{"type":"track"}', AT, "2026-03-01T12:30:00.5Z"),
    ]
    assert archive.keep(inputs) == 3
    assert list(archive.replay("crm")) == inputs[:2]
    assert list(archive.replay("web")) == inputs[2:]
    assert list(archive.replay("unknown")) == []
    assert archive.find("web", b'{"type":"track"}') == inputs[2]
    assert archive.find("crm", b'{"type":"track"}') is None
    assert archive.counts() == {"crm": 2, "web": 1}


def test_an_input_is_kept_once_where_it_stood_first(archive: Archive) -> None:
    archive.keep([row(b"1", line=1)])
    assert archive.keep([row(b"1", line=9), row(b"1", line=10), row(b"1", source="shop")]) == 1
    assert [one.line for one in archive.replay("crm")] == [1]
    assert archive.counts() == {"crm": 1, "shop": 1}


def test_what_is_said_again_is_replayed_last(archive: Archive) -> None:
    """A record that went from A to B and back to A must end at A."""
    archive.keep([row(b"A"), row(b"other")])
    archive.keep([row(b"B")])
    archive.keep([row(b"A")])
    assert [one.body for one in archive.replay("crm")] == [b"other", b"B", b"A"]


def test_an_event_that_comes_again_changes_nothing(archive: Archive) -> None:
    events = [Input("web", "event", "journal", n, b"%d" % n, AT) for n in range(3)]
    archive.keep(events)
    assert archive.keep(events[:1]) == 0
    assert list(archive.replay("web")) == events


def test_large_inputs_are_cut_into_blocks(archive: Archive) -> None:
    inputs = [row(b"x" * 1_500_000 + b"%d" % n, n) for n in range(7)] + [
        row(b"%d" % n, n) for n in range(2_500)
    ]
    assert archive.keep(inputs) == len(inputs)
    assert list(archive.replay("crm")) == inputs


def test_two_processes_write_at_the_same_time(archive: Archive, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from loaders.archive import Archive, Input\n"
        "with Archive.open(Path(sys.argv[1])) as archive:\n"
        "  for n in range(30):\n"
        "    archive.keep([Input('crm', 'row', 'f', n, b'%d' % n, datetime.now(UTC))])\n"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "archive")])
    for n in range(20, 50):
        archive.keep([row(b"%d" % n)])
    assert other.wait() == 0
    assert {one.body for one in archive.replay("crm")} == {b"%d" % n for n in range(50)}


def test_mappings_are_kept_by_their_content(archive: Archive) -> None:
    first = archive.note_mapping("crm", "[source]\n", AT)
    archive.note_mapping("crm", "[record]\n", AT.replace(year=2027))
    assert archive.note_mapping("crm", "[source]\n", AT.replace(year=2028)) == first
    assert [(one.text, one.first_used_at.year, one.last_used_at.year) for one in archive.mappings("crm")] == [
        ("[record]\n", 2027, 2027),
        ("[source]\n", 2026, 2028),
    ]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(ArchiveError, match="not a database"):
        Archive.open(tmp_path)


def test_a_failure_keeps_nothing_of_a_batch(archive: Archive, tmp_path: Path) -> None:
    blocking = sqlite3.connect(tmp_path / "archive" / "archive.sqlite")
    blocking.execute(
        "CREATE TRIGGER full BEFORE INSERT ON inputs BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    blocking.close()
    with pytest.raises(ArchiveError, match="disk full"):
        archive.keep([row(b"1")])
    assert archive.counts() == {}


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 20), max_size=12), max_size=6))
def test_the_replay_is_what_was_said_last_of_each(batches: list[list[int]]) -> None:
    said = [number for batch in batches for number in batch]
    expected = list(reversed(dict.fromkeys(reversed(said))))
    with TemporaryDirectory() as folder, Archive.open(Path(folder)) as archive:
        kept = [archive.keep([row(b"%d" % number) for number in batch]) for batch in batches]
        assert [int(one.body) for one in archive.replay("crm")] == expected
        assert sum(kept) == len(expected)
