"""The typed clients of the examples: generated from the committed schema, checked, and asking a started service."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = [pytest.mark.store, pytest.mark.flow]

PROJECT = Path(__file__).parents[2]
_ADA = """
CREATE (p:Profile {id: 'p1', kind: 'PERSON', record_count: 1, given_name: 'Ada', surname: 'Lovelace', city: 'London',
  golden: '{}', created_at: datetime(), updated_at: datetime()})
"""


async def _run(folder: Path, *command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(120):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture
def example(tmp_path: Path) -> Any:
    """Copies an example to where its generated files may stand, beside the committed schema."""

    def copied(name: str) -> Path:
        (tmp_path / "docs").mkdir()
        shutil.copy(PROJECT / "docs" / "schema.graphql", tmp_path / "docs")
        leaving = shutil.ignore_patterns("node_modules", "generated", "build", "onefold_client")
        folder = tmp_path / "examples" / "clients" / name
        shutil.copytree(PROJECT / "examples" / "clients" / name, folder, ignore=leaving)
        return folder

    return copied


@pytest.fixture
async def shows(graph: Graph, serving: Any) -> Any:
    """Has a client show Ada with the key of a role that may see her name, and of one that may not."""
    await graph.write(_ADA)

    async def shown(folder: Path, *command: str) -> None:
        async with serving(create_app(ApiSettings(), graph)) as address:
            for role, name in ((Role.READER, "Ada Lovelace"), (Role.ANALYST, "(redacted) (redacted)")):
                key, _ = await issue_key(graph, role)
                said = await _run(folder, *command, "p1", ONEFOLD_URL=address, ONEFOLD_KEY=key)
                assert f"{name}, London: 1 records, p1" in said

    return shown


async def test_typescript(example: Any, typescript_packages: Path, shows: Any) -> None:
    folder = example("typescript")
    (folder / "node_modules").symlink_to(typescript_packages / "node_modules")
    await _run(folder, "npm", "run", "generate")
    await _run(folder, "npm", "run", "check")
    await shows(folder, "npm", "start", "--")
    page = folder / "profile.ts"
    page.write_text(page.read_text().replace("shown(givenName)", "givenName?.trim()"))
    with pytest.raises(AssertionError, match="does not exist on type"):  # it may be redacted
        await _run(folder, "npm", "run", "check")


async def test_python(example: Any, generating_python: Path, shows: Any) -> None:
    folder = example("python")
    await _run(folder, str(generating_python), "-m", "ariadne_codegen")
    await shows(folder, str(generating_python), "show.py")
