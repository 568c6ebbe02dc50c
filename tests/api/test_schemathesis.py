"""Requests made up from the descriptions themselves, by schemathesis, against a real server: no failure of ours, and
no status, type or body that the description does not have."""

import asyncio
import os
import shutil
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
GRAPHQL = Path(__file__).parents[2] / "docs" / "schema.graphql"
SETTINGS = """
[[operations]]
include-path = "/v1/changes"
parameters = { "query.wait" = 0 }
"""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
async def address(world: Graph) -> AsyncIterator[str]:
    """The address of an app that is served over a socket."""
    app = create_app(ApiSettings(requests_per_second=0, missed_lookups=0), world)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def explored(world: Graph, folder: Path, *arguments: str) -> str:
    """What schemathesis says, asking as an administrator; fails with it when it found something."""
    key, _ = await issue_key(world, Role.ADMIN)
    command = (
        str(SCHEMATHESIS),
        "run",
        *arguments,
        "--header",
        f"Authorization: Bearer {key}",
        "--seed",
        "6",
    )
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "answered", "PYTHONPATH": str(Path(__file__).parent)}
    process = await asyncio.create_subprocess_exec(
        *command, "--no-color", cwd=folder, env=environment, stdout=PIPE, stderr=STDOUT
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    return said


async def explore(world: Graph, folder: Path, address: str, examples: int, phases: str) -> None:
    """Explore REST by its description, and GraphQL by its schema."""
    (folder / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    amount = ("--max-examples", str(examples), "--generation-deterministic")
    rest = (f"{address}/openapi.json", "--exclude-path", "/graphql", "--checks", CHECKS)
    await explored(world, folder, *rest, "--phases", phases, *amount)
    shutil.copy(GRAPHQL, folder)
    graphql = ("schema.graphql", "--url", f"{address}/graphql", "--checks", "answered")
    await explored(world, folder, *graphql, *amount)


async def test_descriptions_hold(world: Graph, address: str, tmp_path: Path) -> None:
    await explore(world, tmp_path, address, 2, "fuzzing")


@pytest.mark.soak
async def test_descriptions_hold_for_long(world: Graph, address: str, tmp_path: Path) -> None:
    await explore(world, tmp_path, address, 100, "examples,coverage,fuzzing")
