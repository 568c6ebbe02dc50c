"""A tenth of all commit answers never arrives: nothing is lost, doubled, or told to anybody."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from graph.connection import Graph, open_graph
from graph.embedded import ensure_running
from graph.settings import GraphSettings
from loaders import projector as projecting
from loaders.archive import Archive
from loaders.journal import Journal, JournalCounts, Message
from loaders.projector import Projector
from resolution.intake import Intake
from resolution.settings import ResolutionSettings
from tests.faults.severing_proxy import COMMIT, SeveringProxy

pytestmark = [pytest.mark.store, pytest.mark.flow]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENTS, TOGETHER = 300, 10
_TOLD = "MATCH (t:Touchpoint) RETURN t.message_id AS id, COUNT { (t)-[:OF]->() } AS hangings"
_LEFT = """
RETURN COUNT { MATCH (:Pending) } AS pending, COUNT { MATCH (:Quarantined) } AS quarantined,
  COUNT { MATCH (r:SourceRecord) WHERE COUNT { (r)-[m:RESOLVES_TO]->() WHERE m.until IS NULL } <> 1 } AS homeless
"""


@pytest.fixture
async def proxy(graph: Graph, graph_settings: GraphSettings) -> AsyncIterator[SeveringProxy]:
    """In front of the session's emptied graph."""
    uri = graph_settings.neo4j_uri or ensure_running(graph_settings).uri
    async with SeveringProxy(int(uri.rsplit(":", 1)[1])).listening() as listening:
        yield listening


@pytest.fixture
async def fragile(graph_settings: GraphSettings, proxy: SeveringProxy) -> AsyncIterator[Graph]:
    password = graph_settings.neo4j_password
    if not graph_settings.neo4j_uri:
        password = SecretStr(ensure_running(graph_settings).password)
    through = {"neo4j_uri": f"bolt://127.0.0.1:{proxy.port}", "neo4j_password": password}
    async with open_graph(graph_settings.model_copy(update=through)) as opened:
        yield opened
        proxy.share = 0


def event(number: int) -> Message:
    said = {
        "type": "track",
        "event": "seen",
        "messageId": f"m{number}",
        "anonymousId": f"a{number % 40}",
        "timestamp": (AT + timedelta(seconds=number)).isoformat(),
    }
    return Message("web", f"m{number}", orjson.dumps(said), AT)


@pytest.mark.parametrize("fatal", [COMMIT, b"MERGE"], ids=["commit", "autocommit"])
async def test_a_tenth_of_the_answers_lost(fatal, graph, fragile, proxy, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(projecting, "BATCH_MESSAGES", TOGETHER)
    journal = Journal.open(tmp_path / "journal")
    intake = Intake(fragile, ResolutionSettings())
    proxy.fatal, proxy.share = fatal, 0.1
    with Archive.open(tmp_path / "archive") as archive:
        projector = Projector(fragile, journal, archive)
        await journal.append([event(number) for number in range(EVENTS)])
        while await projector.step():  # nothing is raised: whoever writes is told of none of it
            pass
        while await intake.catch_up():
            pass
    assert proxy.lost >= EVENTS // TOGETHER // 20
    told = Counter({row["id"]: row["hangings"] for row in await graph.read(_TOLD)})
    assert told == Counter(f"m{number}" for number in range(EVENTS))
    assert await graph.read(_LEFT) == [{"pending": 0, "quarantined": 0, "homeless": 0}]
    assert (await journal.counts())["web"] == JournalCounts(accepted=EVENTS, applied=EVENTS)
    journal.close()
