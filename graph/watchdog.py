"""Owns one embedded Neo4j server: runs it, stops it when nobody uses it, and takes it along when it dies.

Run as a script by its path, isolated, so that it imports nothing of ours and nothing from the current
folder: `python -I watchdog.py HOME JAVA IDLE_SECONDS`. It leaves its parent and session at once. A shell,
the reaper, waits on a pipe that only this process holds: however this process ends, the pipe closes and
the reaper stops the server.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

_REAPER = """\
read -r done && exit
kill -TERM "$1" 2>/dev/null || exit
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 1; kill -0 "$1" 2>/dev/null || exit; done
kill -KILL "$1" 2>/dev/null
"""
_TICK = 0.5
_STOP_SECONDS = 60


def main(home: Path, java: str, idle_seconds: float) -> int:
    """Run the server until it ends, is idle, or this process is asked to stop; return its exit code."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    with (home / "logs" / "console.log").open("wb") as console:
        server = subprocess.Popen(
            [java, f"@{home / 'conf' / 'java.args'}"],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )
    reaper = _start_reaper(server)
    while server.poll() is None and not asked.wait(_TICK):
        if reaper.poll() is not None:
            reaper = _start_reaper(server)
        if _is_idle(home, idle_seconds):
            _stop_if_still_idle(home, idle_seconds, server)
    _stop(server)
    reaper.communicate(b"done\n")
    return server.returncode


def _start_reaper(server: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _REAPER, "onefold-reaper", str(server.pid)], stdin=subprocess.PIPE
    )


def _is_idle(home: Path, idle_seconds: float) -> bool:
    try:
        return time.time() - (home / "last-used").stat().st_mtime > idle_seconds
    except FileNotFoundError:
        return True  # the folder is gone: nobody can find this server any more


def _stop_if_still_idle(home: Path, idle_seconds: float, server: subprocess.Popen[bytes]) -> None:
    try:
        lock = (home / "lock").open("a")
    except FileNotFoundError:
        _stop(server)
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody is opening the graph right now
        if _is_idle(home, idle_seconds):
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    os.setsid()
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
