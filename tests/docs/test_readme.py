"""The commands of README and docs: each exists, takes its options, and the README's own file loads as it says."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.cli import app
from graph.connection import Graph
from graph.settings import GraphSettings

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    {*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "examples").glob("*.md")}
)
ONEFOLD = Path(sys.executable).with_name("onefold")
_FENCE = re.compile(r"```(\w*)[^\n]*\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`(onefold [^`\n]+)`")


def commands(path: Path) -> Iterator[str]:
    """Every `onefold …` of a page, in blocks and in sentences, without what follows a pipe or redirection."""
    text = path.read_text(encoding="utf-8")
    for language, block in _FENCE.findall(text):
        if language in {"", "sh", "console"}:
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line for line in lines if line.startswith("onefold"))
    yield from _INLINE.findall(_FENCE.sub("", text))


def documented() -> list[str]:
    found = {re.split(r"\s[>|#]\s?|\s{2,}#", line)[0].strip() for path in PAGES for line in commands(path)}
    return sorted(found)


def resolved(line: str) -> tuple[list[str], list[str]]:
    """The names of the command in a line, and the options it is given."""
    words = shlex.split(line.replace("…", ""))[1:]
    group = typer.main.get_command(app)
    names: list[str] = []
    while words and words[0] in getattr(group, "commands", {}):
        names.append(words.pop(0))
        group = group.commands[names[-1]]  # type: ignore[attr-defined]
    assert not hasattr(group, "commands") or not words or words[0].startswith("-"), f"no such command: {line}"
    return names, [word.partition("=")[0] for word in words if word.startswith("--")]


@pytest.mark.parametrize("line", documented())
def test_every_command_exists_with_its_options(line: str) -> None:
    names, options = resolved(line)
    shown = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0
    for option in options:
        assert option in shown.output, f"{' '.join(names)} has no {option}"


def test_make_help_lists_the_two_commands() -> None:
    listed = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert "make demo" in listed
    assert "make test" in listed


def test_every_make_target_of_the_pages_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets


def own_file_block() -> list[str]:
    """The commands of the README that load a file of one's own."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Your own file")[2]
    block = next(block for language, block in _FENCE.findall(section) if language == "sh")
    return [line.split(" #")[0].strip() for line in block.splitlines() if line.startswith("onefold")]


@pytest.mark.flow
@pytest.mark.store
async def test_the_readmes_own_file_loads_as_it_says(
    graph: Graph, graph_settings: GraphSettings, tmp_path: Path
) -> None:
    assert graph
    shutil.copy(PROJECT / "examples" / "senzing_truthset" / "customers.csv", tmp_path / "people.csv")
    given = {
        **os.environ,
        "ONEFOLD_DATA_DIR": str(graph_settings.data_dir),
        "PATH": f"{ONEFOLD.parent}{os.pathsep}{os.environ['PATH']}",
    }
    if graph_settings.neo4j_uri:
        given["ONEFOLD_NEO4J_URI"] = graph_settings.neo4j_uri
        given["ONEFOLD_NEO4J_PASSWORD"] = graph_settings.neo4j_password.get_secret_value()
    lines = own_file_block()
    assert len(lines) >= 4
    for line in lines:
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", line, cwd=tmp_path, env=given, stdout=-1, stderr=-1
        )
        _, told = await shell.communicate()
        assert shell.returncode == 0, f"{line}: {told.decode()}"
    rows = (tmp_path / "clusters.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "source,record_id,profile_id,valid_from,valid_until"
    assert len(rows) > 50
