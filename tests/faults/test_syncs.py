"""`onefold sync` as a process: what it prints, a source that fails beside one that does not, kill -9 in the middle."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from graph.connection import Graph
from graph.settings import GraphSettings
from graph.syncs import read_sync

pytestmark = [pytest.mark.store, pytest.mark.flow]

ONEFOLD = Path(sys.executable).with_name("onefold")
ROWS = 6_000
MAPPING = """
[source]
name = "crm"
[record]
id = "id"
[attributes]
given_name = "first"
[identifiers]
email = "mail"
"""
CONFIGURATION = """
[sources.crm]
mapping = "crm.toml"
sql = { address = "sqlite:///${CRM}", table = "customers" }
watermark = "changed_at"
overlap = "0s"
deletes = "compare"

[sources.broken]
mapping = "crm.toml"
sql = { address = "sqlite:////nowhere/at/all.db", table = "customers" }
"""
_COUNT = "MATCH (r:SourceRecord) WHERE r.removed_at IS NULL RETURN count(r) AS records"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    connection.execute(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, first TEXT, mail TEXT, changed_at INTEGER)"
    )
    connection.executemany(
        "INSERT INTO customers VALUES (?, ?, ?, ?)",
        ((n, f"Ada{n}", f"ada{n}@example.org", n) for n in range(ROWS)),
    )
    return connection


@pytest.fixture
def start(graph: Graph, graph_settings: GraphSettings, tmp_path: Path) -> Start:
    (tmp_path / "crm.toml").write_text(MAPPING)
    (tmp_path / "onefold.toml").write_text(CONFIGURATION)
    given = {
        **os.environ,
        "CRM": str(tmp_path / "crm.db"),
        "ONEFOLD_DATA_DIR": str(graph_settings.data_dir),
        "ONEFOLD_SYNC_PAUSE_SECONDS": "0",
    }
    if graph_settings.neo4j_uri:
        given["ONEFOLD_NEO4J_URI"] = graph_settings.neo4j_uri
        given["ONEFOLD_NEO4J_PASSWORD"] = graph_settings.neo4j_password.get_secret_value()

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [ONEFOLD, "sync", *arguments, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=given, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True)

    return begin


async def ended(process: subprocess.Popen[str]) -> tuple[int, Any]:
    out, _ = await asyncio.to_thread(process.communicate, timeout=240)
    return process.returncode, json.loads(out) if out else {}


async def records(graph: Graph) -> int:
    return (await graph.read(_COUNT))[0]["records"]


async def _says(true: bool) -> bool:
    return true


async def until(process: subprocess.Popen[str], reached: Callable[[], Awaitable[object]]) -> None:
    """Wait until something is so, or the process has ended before."""
    while not await reached() and process.poll() is None:  # noqa: ASYNC110 - another process says nothing
        await asyncio.sleep(0.02)


async def test_a_killed_sync_is_taken_up(graph: Graph, database: sqlite3.Connection, start: Start) -> None:
    staging = graph.settings.data_dir / "staging"
    before = set(staging.glob("*"))
    first = start("crm")
    await until(first, lambda: _says(set(staging.glob("*")) > before))
    first.kill()  # while it reads
    assert (await ended(first))[0] == -9
    assert await records(graph) == 0

    second = start("crm")
    await until(second, lambda: records(graph))
    second.kill()  # while it writes
    assert (await ended(second))[0] == -9
    assert 0 < await records(graph) < ROWS
    assert (await read_sync(graph, "crm")).watermark is None

    code, said = await ended(start("crm"))
    assert (code, said["sources"][0]["load"]["lines"]) == (0, ROWS)
    assert await records(graph) == ROWS

    database.execute("DELETE FROM customers WHERE id < 10")
    database.execute("UPDATE customers SET first = 'Grace', changed_at = ? WHERE id = 10", (ROWS,))
    code, said = await ended(start())
    crm, broken = said["sources"]
    assert code == 1
    assert (crm["load"]["lines"], crm["load"]["applied"], crm["removed"]) == (2, 1, 10)
    assert broken["error"]["code"] == "origin_failed"
    assert await records(graph) == ROWS - 10
