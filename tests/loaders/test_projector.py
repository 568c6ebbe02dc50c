"""The projector: what waits in the journal reaches the graph in order, once, whatever fails on the way."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from graph.connection import Graph
from graph.errors import GraphUnavailableError
from graph.quarantine import read_quarantined
from graph.sources import declare_source, find_source
from loaders import projector as module
from loaders.archive import Archive
from loaders.journal import Journal, JournalCounts, Message
from loaders.projector import Projector

pytestmark = pytest.mark.store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
_TOUCHPOINTS = (
    "MATCH (t:Touchpoint)-[:OF]->(r:SourceRecord) RETURN t.message_id AS id, r.source AS source ORDER BY id"
)


def track(number: int, source: str = "web", **more: Any) -> Message:
    said = {"type": "track", "event": "seen", "messageId": f"m{number}", "anonymousId": "a1",
            "timestamp": "2026-03-01T11:59:00Z", **more}  # fmt: skip
    return Message(source, f"m{number}", orjson.dumps(said), AT)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal.open(tmp_path / "journal")
    yield journal
    journal.close()


@pytest.fixture
async def projector(graph: Graph, journal: Journal, tmp_path: Path) -> AsyncIterator[Projector]:
    with Archive.open(tmp_path / "archive") as archive:
        yield Projector(graph, journal, archive)


async def test_what_waits_reaches_graph_quarantine_and_archive(graph, journal, projector, tmp_path) -> None:
    bad = Message("web", "m9", b"{", AT, rejection=("json_invalid", "No JSON."))
    untyped = Message("shop", "m8", b'{"messageId": "m8", "anonymousId": "a"}', AT)
    await journal.append([track(1), bad, track(2, "shop"), untyped])
    assert await projector.step() == 4
    assert await projector.step() == 0
    assert await graph.read(_TOUCHPOINTS) == [{"id": "m1", "source": "web"}, {"id": "m2", "source": "shop"}]
    assert await journal.counts() == {
        "web": JournalCounts(accepted=1, rejected=1, applied=1),
        "shop": JournalCounts(accepted=2, applied=1, failed=1),
    }
    quarantined = await read_quarantined(graph, size=9)
    assert {(one.source, one.code, one.raw) for one in quarantined} >= {("web", "json_invalid", "{")}
    assert len(quarantined) == 2
    with Archive.open(tmp_path / "archive") as archive:
        assert [one.body for one in archive.replay("web")] == [track(1).body, b"{"]


async def test_the_catalogue_knows_when_events_came_and_what_they_speak_of(graph, journal, projector) -> None:
    late = track(2, timestamp="2026-03-01T10:00:00Z")
    await declare_source(graph, "web", authenticated=False)
    for message in (track(1), late):
        await journal.append([message])
        await projector.step()
    web = await find_source(graph, "web")
    assert web.newest_at == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    assert web.last_loaded_at > web.newest_at
    assert not web.authenticated, "what was declared stays"


async def test_a_step_that_was_cut_off_is_done_again(graph, journal, projector, monkeypatch) -> None:
    await journal.append([track(n) for n in range(30)])

    async def cut(*_: object) -> None:
        raise GraphUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(journal, "settle", cut)
        with pytest.raises(GraphUnavailableError):
            await projector.step()
    assert (await journal.counts())["web"].pending == 30
    await projector.step()
    assert len(await graph.read(_TOUCHPOINTS)) == 30
    assert (await journal.counts())["web"] == JournalCounts(accepted=30, applied=30)


async def test_a_defect_of_the_reader_holds_nobody_up(graph, journal, projector, monkeypatch) -> None:
    facts = module.EventReader.facts

    def broken(self, message):
        if message.message_id == "m1":
            raise KeyError("a defect")
        return facts(self, message)

    monkeypatch.setattr(module.EventReader, "facts", broken)
    await journal.append([track(n) for n in range(3)])
    await projector.step()
    assert (await journal.counts())["web"] == JournalCounts(accepted=3, applied=2, failed=1)
    [row] = await read_quarantined(graph, size=9)
    assert (row.code, row.reason) == ("write_failed", "KeyError")
