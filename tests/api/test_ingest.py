"""What became of events: in GraphQL, for Prometheus and on the command line; and answers while the graph is away."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as commands
from api.keys import issue_key
from api.settings import ApiSettings
from graph import breaker
from graph.connection import Graph
from graph.vocabulary import Role
from loaders.journal import Journal, Message

pytestmark = pytest.mark.store

QUERY = (
    "{ ingest { pending lagSeconds sources { source accepted duplicate rejected applied pending failed } } }"
)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    """Three messages of one source; one has been applied, one is new, one came twice, one cannot be used."""
    journal = Journal.open(tmp_path / "journal")
    now = datetime.now(UTC)
    one, two = (Message("web", name, b"{}", now) for name in ("m1", "m2"))
    await journal.append([one])
    await journal.settle((await journal.oldest(1))[0].position, {})
    await journal.append([two, two, Message("web", "m3", b"{", now, rejection=("json_invalid", "No JSON."))])
    yield journal
    journal.close()


@pytest.fixture
async def admin(graph: Graph, journal: Journal) -> AsyncIterator[httpx.AsyncClient]:
    key, _ = await issue_key(graph, Role.ADMIN)
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph, journal))
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold", headers=headers) as client:
        yield client
    graph.breaker.is_open = False


COUNTS = {"accepted": 2, "duplicate": 1, "rejected": 1, "applied": 1, "pending": 1, "failed": 0}


async def test_graphql_and_the_command_show_the_same_counts(
    admin: Any, journal: Journal, tmp_path: Path
) -> None:
    answer = (await admin.post("/graphql", json={"query": QUERY})).json()["data"]["ingest"]
    assert answer["sources"] == [{"source": "web", **COUNTS}]
    assert answer["pending"] == 1
    assert answer["lagSeconds"] >= 0
    told = CliRunner().invoke(commands, ["ingest", "--data-dir", str(tmp_path), "--json"])
    assert json.loads(told.stdout)["sources"] == {"web": COUNTS}


async def test_a_service_without_a_journal_says_so(ask: Any) -> None:
    assert await ask(QUERY) == {"data": {"ingest": None}}


async def test_figures_tell_the_counts_and_the_lag(admin: Any) -> None:
    figures = (await admin.get("/metrics")).text
    for state, count in COUNTS.items():
        assert f'onefold_journal_messages{{source="web",state="{state}"}} {count}.0' in figures
    assert "onefold_journal_lag_seconds" in figures
    assert "onefold_graph_available 1.0" in figures


async def test_while_the_breaker_is_open_reads_are_told_to_come_again(
    admin: Any, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = {"query": '{ profile(id: "p1") { id } }'}
    assert (await admin.post("/graphql", json=profile)).status_code == 200
    graph.breaker.is_open = True
    refused: list[Exception] = []
    refusal = breaker._refusal

    def refusing() -> Exception:
        refused.append(refusal())
        return refused[-1]

    monkeypatch.setattr(breaker, "_refusal", refusing)
    asked = [await admin.get("/v1/profiles/p1"), await admin.post("/graphql", json=profile)]
    assert len(refused) == len(asked), "a refused read is not tried again"
    for answer in asked:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (
        asked[0].json()["code"] == asked[1].json()["errors"][0]["extensions"]["code"] == "graph_unavailable"
    )
    assert (await admin.get("/health/ready")).status_code == 503
    assert "onefold_graph_available 0.0" in (await admin.get("/metrics")).text
