"""Figures as ratios to the bare engines, in one command: `python -m benchmarks [--quick] [SECTION …]`.

Sections are load, bulk, resolve, serve, identify, events, notify and workbench. Each runs in a process of its own, on
one embedded graph in a temporary folder; the figures are printed and written to `benchmarks/results/`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import HEAD
from benchmarks.stage import ROOT
from graph.embedded import stop_embedded
from graph.settings import GraphSettings

SECTIONS = ("load", "bulk", "resolve", "serve", "identify", "events", "notify", "workbench")


def main() -> int:
    """Run the chosen sections one after the other; answers 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", choices=[*SECTIONS, []], help="which ones; all if none is named"
    )
    parser.add_argument(
        "--quick", action="store_true", help="less data, fewer rounds: minutes instead of ten"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="onefold-benchmarks-"))
    print(f"{HEAD}\n{'-' * len(HEAD)}", flush=True)
    started, failed = time.monotonic(), 0
    try:
        for section in options.sections or SECTIONS:
            command = [sys.executable, "-m", f"benchmarks.{section}", "--data-dir", str(folder)]
            failed += (
                subprocess.run([*command, *["--quick"] * options.quick], cwd=ROOT, check=False).returncode
                != 0
            )
    finally:
        stop_embedded(GraphSettings(data_dir=folder, neo4j_uri=None))
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.monotonic() - started:.0f} s in all; peak memory is without the graph server's")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
