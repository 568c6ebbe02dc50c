"""A PostgreSQL cluster of the tests' own, on loopback: Debian's package `postgresql`, no service of the machine."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

_FAST = ("-F", "-c", "full_page_writes=off", "-c", "unix_socket_directories=")


def binaries() -> Path:
    """The folder of PostgreSQL's programs; fails on a build server without them, skips elsewhere."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        message = (
            "PostgreSQL IS NOT INSTALLED, so that syncing from it is NOT TESTED: apt-get install postgresql"
        )
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return Path(initdb).resolve().parent


@contextmanager
def postgresql() -> Generator[str]:
    """The address of an empty database of a cluster that lives as long as the context."""
    programs = binaries()
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="onefold-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, "-D", data, *arguments]
        subprocess.run(command, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run("initdb", "--no-sync", "--auth=trust", "--username=onefold", "--encoding=UTF8")
        options = " ".join([*_FAST, "-p", str(port), "-c", "listen_addresses=127.0.0.1"])
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        try:
            yield f"postgresql://onefold@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
