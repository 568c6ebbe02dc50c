"""One real embedded server: shared, killed, found again, stopped."""

import asyncio
import json
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from graph import embedded
from graph.connection import open_graph
from graph.embedded import ensure_running, stop_embedded
from graph.errors import EmbeddedError
from graph.server import Home
from graph.settings import GraphSettings
from tests.graph.processes import is_gone

pytestmark = pytest.mark.store

OPEN_AND_TELL = """
import asyncio, json, sys
from graph.connection import open_graph
from graph.settings import GraphSettings

async def main():
    settings = GraphSettings(data_dir=sys.argv[1], heap_mb=384, page_cache_mb=64, read_seconds=120)
    async with open_graph(settings, announce=lambda message: None) as graph:
        rows = await graph.read("SHOW SETTINGS YIELD name, value WHERE name = $name RETURN value", name=sys.argv[2])
        print(json.dumps([rows[0]["value"], graph.salt.hex()]))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphSettings]:
    """A data folder of this module's own."""
    folder = tmp_path_factory.mktemp("data dir")
    own = GraphSettings(data_dir=folder, heap_mb=384, page_cache_mb=64, neo4j_uri=None, read_seconds=120)
    yield own
    stop_embedded(own)


def processes(settings: GraphSettings) -> tuple[psutil.Process, psutil.Process]:
    """Server and watchdog of the data folder."""
    found = embedded._processes(Home.of(settings))
    [server] = [process for process in found if "java" in process.name()]
    [watchdog] = [process for process in found if process != server]
    return server, watchdog


async def test_processes_that_open_at_once_share_one_server(settings: GraphSettings) -> None:
    command = [sys.executable, "-c", OPEN_AND_TELL, str(settings.data_dir), "server.bolt.listen_address"]
    running = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(3)
    ]
    answers = [json.loads((await process.communicate())[0]) for process in running]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == f"127.0.0.1:{Home.of(settings).port.read_text()}"
    assert processes(settings)  # exactly one server and one watchdog, still there


def test_the_folder_is_private_and_the_password_is_nowhere_else(settings: GraphSettings) -> None:
    password = ensure_running(settings).password
    assert password.isalnum(), "a hyphen in front would be an option of the tool that sets it"
    home = Home.of(settings)
    for path in (settings.data_dir, home.path, home.password.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.password.stat().st_mode) == 0o600
    holders = [
        path for path in home.path.rglob("*") if path.is_file() and password.encode() in path.read_bytes()
    ]
    assert holders == [home.password]


async def test_a_killed_server_comes_back_under_an_open_graph(settings: GraphSettings) -> None:
    async with open_graph(settings) as graph:
        await graph.write("UNWIND range(1, 1000) AS i MERGE (:Source {name: toString(i)})")
        before, _ = processes(settings)
        before.kill()
        assert await graph.read("MATCH (s:Source) RETURN count(s) AS sources") == [{"sources": 1000}]
        after, _ = processes(settings)
        assert after.pid != before.pid


async def test_a_killed_watchdog_leaves_no_orphan_and_nothing_to_mend(settings: GraphSettings) -> None:
    ensure_running(settings)
    server, watchdog = processes(settings)
    watchdog.kill()
    async with open_graph(settings) as graph:
        assert server.pid != processes(settings)[0].pid
        assert await graph.read("MATCH (s:Source) RETURN count(s) AS sources") == [{"sources": 1000}]
    assert is_gone(server)


def test_stopping_is_quick_and_told(settings: GraphSettings) -> None:
    ensure_running(settings)
    started = time.monotonic()
    assert stop_embedded(settings)
    assert time.monotonic() - started < 30
    assert not embedded._processes(Home.of(settings))
    assert not stop_embedded(settings)


def test_stopping_where_nothing_ever_ran_makes_no_folder(tmp_path: Path) -> None:
    assert not stop_embedded(GraphSettings(data_dir=tmp_path / "absent"))
    assert not (tmp_path / "absent").exists()


def test_a_data_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be used"):
        ensure_running(GraphSettings(data_dir=tmp_path / "file"))


def test_a_port_that_somebody_else_took_is_not_waited_for(tmp_path: Path) -> None:
    home = Home.of(GraphSettings(data_dir=tmp_path))
    home.create()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home.port.write_text(str(port))
        assert embedded._free_port(home) not in (0, port)
    assert embedded._free_port(home) == port
