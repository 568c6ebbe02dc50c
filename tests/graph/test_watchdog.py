"""The watchdog's promises, kept with a small stand-in for the server: a script that waits."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from graph import embedded
from tests.graph.processes import command_line, is_gone

T = TypeVar("T")

WAITING = """\
#!/bin/sh
echo $$ > "$(dirname "$0")/pid"
while :; do sleep 0.1; done
"""


class Kennel:
    """A home with a watchdog and its stand-in server."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for name in ("conf", "logs"):
            (home / name).mkdir(parents=True)
        (home / "last-used").touch()
        self.script = home.parent / "server.sh"
        self.script.write_text(WAITING)
        self.script.chmod(0o700)

    def start(self, idle_seconds: float) -> None:
        script = [str(self.script), str(idle_seconds)]
        subprocess.run([sys.executable, "-I", str(embedded._WATCHDOG), str(self.home), *script], check=True)
        self.server = psutil.Process(eventually(self._read_pid))
        self.watchdog = self.server.parent()

    def _read_pid(self) -> int:
        pid = self.home.parent / "pid"
        return int(pid.read_text() or 0) if pid.exists() else 0

    def reapers(self) -> list[psutil.Process]:
        return [child for child in self.watchdog.children() if "onefold-reaper" in command_line(child)]


def eventually(find: Callable[[], T], seconds: float = 10) -> T:
    """What `find` returns, as soon as that is true."""
    until = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)
    return found


@pytest.fixture
def kennel(tmp_path: Path) -> Iterator[Kennel]:
    kennel = Kennel(tmp_path / "home")
    yield kennel
    for process in (kennel.watchdog, kennel.server):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_an_unused_server_is_stopped(kennel: Kennel) -> None:
    kennel.start(idle_seconds=1)
    eventually(lambda: is_gone(kennel.server) and is_gone(kennel.watchdog))


def test_a_used_server_goes_on(kennel: Kennel) -> None:
    kennel.start(idle_seconds=2)
    for _ in range(8):
        (kennel.home / "last-used").touch()
        time.sleep(0.4)
    assert not is_gone(kennel.server)


def test_a_server_that_is_being_opened_is_not_stopped(kennel: Kennel) -> None:
    kennel.start(idle_seconds=1)
    with (kennel.home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(2.5)
        assert not is_gone(kennel.server)
    eventually(lambda: is_gone(kennel.server))


def test_a_server_whose_folder_is_gone_is_stopped(kennel: Kennel) -> None:
    kennel.start(idle_seconds=60)
    shutil.rmtree(kennel.home)
    eventually(lambda: is_gone(kennel.server) and is_gone(kennel.watchdog))


def test_a_killed_watchdog_takes_the_server_along(kennel: Kennel) -> None:
    kennel.start(idle_seconds=60)
    kennel.watchdog.send_signal(signal.SIGKILL)
    eventually(lambda: is_gone(kennel.server))


def test_a_killed_reaper_is_replaced(kennel: Kennel) -> None:
    kennel.start(idle_seconds=60)
    [first] = eventually(kennel.reapers)
    first.kill()
    eventually(lambda: kennel.reapers() not in ([], [first]))
    kennel.watchdog.kill()
    eventually(lambda: is_gone(kennel.server))


def test_a_killed_server_ends_its_watchdog_and_reaper(kennel: Kennel) -> None:
    kennel.start(idle_seconds=60)
    [reaper] = eventually(kennel.reapers)
    os.kill(kennel.server.pid, signal.SIGKILL)
    eventually(lambda: is_gone(kennel.watchdog) and is_gone(reaper))


def test_asking_the_watchdog_stops_the_server(kennel: Kennel) -> None:
    kennel.start(idle_seconds=60)
    kennel.watchdog.terminate()
    eventually(lambda: is_gone(kennel.server) and is_gone(kennel.watchdog))
