"""Fetching the server's jars: once, verified, from a registry of our own on loopback."""

import hashlib
import os
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from graph.errors import DownloadError
from graph.jars import Jar, fetch_jars, locked_jars, server_version
from graph.settings import GraphSettings

CONTENT = {
    "/org/neo4j/neo4j/1.0/neo4j-1.0.jar": b"server",
    "/io/netty/native/2/native-2-linux.jar": b"native",
}


def lock(**contents: bytes) -> list[Jar]:
    server, native = contents.get("server", b"server"), contents.get("native", b"native")
    return [
        Jar("org.neo4j:neo4j:1.0", len(server), hashlib.sha256(server).hexdigest()),
        Jar("io.netty:native:2:linux", len(native), hashlib.sha256(native).hexdigest()),
    ]


@pytest.fixture
def asked() -> list[str]:
    """The jars that were asked for."""
    return []


@pytest.fixture
def settings(tmp_path: Path, asked: list[str]) -> Iterator[GraphSettings]:
    """Settings whose registry is a web server of this test."""

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = CONTENT.get(self.path)
            if content:
                asked.append(self.path)
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield GraphSettings(cache_dir=tmp_path, jar_repository=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def quiet(_: str) -> None:
    return


def test_jars_are_fetched_once(settings: GraphSettings, asked: list[str]) -> None:
    said: list[str] = []
    paths = fetch_jars(settings, said.append, lock())
    assert [path.read_bytes() for path in paths] == [b"server", b"native"]
    assert said[0].startswith("fetching the graph server")
    assert fetch_jars(settings, said.append, lock()) == paths
    assert sorted(asked) == sorted(CONTENT)


def test_a_damaged_jar_is_fetched_again(settings: GraphSettings, asked: list[str]) -> None:
    server, _ = fetch_jars(settings, quiet, lock())
    server.write_bytes(b"seRver")
    fetch_jars(settings, quiet, lock())
    assert server.read_bytes() == b"server"
    assert len(asked) == 3


def test_a_jar_with_another_time_is_read_again_but_not_fetched(
    settings: GraphSettings, asked: list[str]
) -> None:
    server, _ = fetch_jars(settings, quiet, lock())
    os.utime(server, (0, 0))
    fetch_jars(settings, quiet, lock())
    assert len(asked) == 2


@pytest.mark.parametrize("other", [b"xerver", b"longer than the server"])
def test_a_wrong_checksum_is_refused(settings: GraphSettings, tmp_path: Path, other: bytes) -> None:
    with pytest.raises(DownloadError, match=r"neo4j-1.0.jar that does not match its checksum"):
        fetch_jars(settings, quiet, lock(server=other))
    assert not list(tmp_path.rglob("*.jar"))


def test_an_unreachable_registry_is_told_in_one_sentence(tmp_path: Path) -> None:
    nowhere = GraphSettings(cache_dir=tmp_path, jar_repository="http://127.0.0.1:1")
    with pytest.raises(DownloadError, match="ONEFOLD_NEO4J_URI"):
        fetch_jars(nowhere, quiet, lock())


def test_a_registry_without_the_jar_is_told(settings: GraphSettings) -> None:
    with pytest.raises(DownloadError):
        fetch_jars(settings, quiet, [*lock(), Jar("org.example:absent:1", 1, "00")])


def test_the_shipped_lock_is_whole() -> None:
    jars = locked_jars()
    assert len({jar.name for jar in jars}) == len(jars) > 200
    assert server_version(jars).startswith("2026.")
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)
    assert all(re.fullmatch(r"[\w.-]+(:[\w.-]+){2,3}", jar.coordinate) for jar in jars)
