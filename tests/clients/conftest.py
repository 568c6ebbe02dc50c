"""A started service with faults in front of it, and the real clients of Segment and RudderStack."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import platformdirs
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.event_requests import allow_browsers
from api.keys import issue_key
from api.server import listen
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role
from loaders.archive import Archive
from loaders.journal import Journal
from loaders.projector import Projector

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "clients"
_NODE = 20


@dataclass
class Faulty:
    """The service as a client may find it: its first request is put off (429), of its second the answer is lost: it
    is taken, and 503 is what the client hears."""

    app: ASGIApp
    off: bool = False
    _answers: list[int] = field(default_factory=list)

    def statuses(self) -> list[int]:
        """What was answered, in order."""
        return self._answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.off or scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        nth = len(self._answers)
        self._answers.append(429 if nth == 0 else 503 if nth == 1 else 200)
        if nth == 1:
            await self.app(scope, receive, _unheard)
        if nth > 1:
            await self.app(scope, receive, send)
            return
        busy = Response('{"code": "busy", "message": "Again."}', self._answers[nth], {"retry-after": "1"})
        await allow_browsers(Request(scope), busy)(scope, receive, send)


async def _unheard(_message: Message) -> None:
    """An answer that does not arrive."""


@dataclass
class Service:
    """A started service: its address, its faults, and where its messages go."""

    address: str
    faults: Faulty
    graph: Graph
    journal: Journal
    archive: Archive

    async def arrived(self, source: str, calls: int) -> dict[str, int]:
        """Wait until `calls` messages of a source were accepted; then touchpoints by type as the graph has them."""
        async with asyncio.timeout(60):
            while (await self._accepted(source)) < calls:
                await self.journal.grown.wait()
        while await Projector(self.graph, self.journal, self.archive).step():
            pass
        rows = await self.graph.read(
            "MATCH (t:Touchpoint {source: $source}) RETURN t.type AS type, count(t) AS count", source=source
        )
        return {row["type"]: row["count"] for row in rows}

    async def _accepted(self, source: str) -> int:
        self.journal.grown.clear()
        counts = (await self.journal.counts()).get(source)
        return counts.accepted if counts else 0

    async def key(self, source: str) -> str:
        return (await issue_key(self.graph, Role.INGEST, source=source))[0]


@asynccontextmanager
async def serving(app: ASGIApp | FastAPI) -> AsyncIterator[str]:
    """Serve an app on a free port of this machine; gives its address."""
    listening = listen(ApiSettings(port=0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server._serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()


@pytest.fixture
async def service(graph: Graph, tmp_path: Path) -> AsyncIterator[Service]:
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(closing(Journal.open(tmp_path / "journal")))
        archive = stack.enter_context(Archive.open(tmp_path / "archive"))
        faults = Faulty(create_app(ApiSettings(), graph, journal))
        address = await stack.enter_async_context(serving(faults))
        yield Service(address, faults, graph, journal, archive)


@pytest.fixture(name="serving")
def _serving() -> Callable[[ASGIApp | FastAPI], AbstractAsyncContextManager[str]]:
    """Serves an app: `async with serving(app) as address:`."""
    return serving


@pytest.fixture(scope="session")
def npm_packages() -> Path:
    """The folder with the locked npm packages."""
    return _npm_packages(HERE)


@pytest.fixture(scope="session")
def typescript_packages() -> Path:
    """The folder with the locked packages of the TypeScript example."""
    return _npm_packages(EXAMPLES / "typescript")


def _npm_packages(project: Path) -> Path:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: .ci/run says how")
    # Not `npm ci`: it asks for optional packages of every platform to be in the lock.
    command = ["npm", "install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
    return _installed(project / "package-lock.json", ["package.json"], command)


@pytest.fixture(scope="session")
def python() -> Path:
    """An interpreter with the locked Python clients, which want older packages than Onefold does."""
    return _interpreter(HERE / "requirements.lock")


@pytest.fixture(scope="session")
def generating_python() -> Path:
    """An interpreter with the locked packages of the Python example."""
    return _interpreter(EXAMPLES / "python" / "requirements.lock")


def _interpreter(lock: Path) -> Path:
    folder = _installed(lock, [], [sys.executable, "-m", "venv", "venv"])
    interpreter = folder / "venv" / "bin" / "python"
    if not (folder / "ready").exists():
        command = [
            str(interpreter),
            "-m",
            "pip",
            "install",
            "-q",
            "--require-hashes",
            "-r",
            "requirements.lock",
        ]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
        (folder / "ready").touch()
    return interpreter


def _installed(lock: Path, others: list[str], command: list[str]) -> Path:
    """A folder of the cache where a command has installed what a lock names, once for each lock."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = Path(platformdirs.user_cache_dir("onefold")) / "clients" / digest
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in (lock.name, *others):
            shutil.copy(lock.with_name(name), folder / name)
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
        (folder / "installed").touch()
    return folder


Run = Callable[..., Awaitable[None]]


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a client to its end: `await run("segment_node.mjs", address, key)`."""

    async def started(name: str, *arguments: str) -> None:
        command = _node_command(request, name) if name.endswith(".mjs") else _python_command(request, name)
        process = await asyncio.create_subprocess_exec(
            *command, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(90):
            said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()

    return started


def _python_command(request: pytest.FixtureRequest, name: str) -> list[str]:
    return [str(request.getfixturevalue("python")), str(HERE / name)]


def _node_command(request: pytest.FixtureRequest, name: str) -> list[str]:
    """Node looks for packages beside the script."""
    said = subprocess.run(["node", "--version"], capture_output=True, check=True, timeout=30).stdout
    if int(said.decode().lstrip("v").partition(".")[0]) < _NODE:
        pytest.skip(f"the clients need Node {_NODE}")
    packages: Path = request.getfixturevalue("npm_packages")
    if "/" in name:
        folder = name.partition("/")[0]
        shutil.copytree(HERE / folder, packages / folder, dirs_exist_ok=True)
    else:
        shutil.copy(HERE / name, packages / name)
    return ["node", str(packages / name)]


class Steward:
    """A running script of the folder `workbench`: what it tells, line by line, and a way to let it go on."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> Any:
        """The next value that the script tells; fails with what it says when it has ended instead."""
        assert self._process.stdout
        async with asyncio.timeout(120):
            line = await self._process.stdout.readline()
        if not line:
            await self.ended()
            pytest.fail("the script ended without a word")
        return json.loads(line)

    def go_on(self) -> None:
        """Let a script that waits go on."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")

    async def ended(self) -> None:
        """Wait for the end of the script; fails with what it says when it fails."""
        assert self._process.stderr
        async with asyncio.timeout(120):
            said = (await self._process.stderr.read()).decode()
            assert await self._process.wait() == 0, said[-3000:]


Steer = Callable[..., AbstractAsyncContextManager[Steward]]


@pytest.fixture
def steer(request: pytest.FixtureRequest) -> Steer:
    """A steward in a real browser: `async with steer("queue", address, key, …) as steward:`."""

    @asynccontextmanager
    async def steering(script: str, address: str, *keys: str, **more: str) -> AsyncIterator[Steward]:
        command = _node_command(request, f"workbench/{script}.mjs")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, _chromium(), address, *keys,
            stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **more},
        )  # fmt: skip
        try:
            yield Steward(process)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    return steering


Browse = Callable[..., AbstractAsyncContextManager[None]]


def _chromium() -> str:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium is installed: .ci/run says how")
    return program


@pytest.fixture
async def pages(npm_packages: Path) -> AsyncIterator[str]:
    """The address of the pages, which is another origin than the service's."""
    site = Starlette()
    site.mount("/node_modules", StaticFiles(directory=npm_packages / "node_modules"))
    site.mount("/", StaticFiles(directory=HERE / "pages"))
    async with serving(site) as address:
        yield address


Look = Callable[..., AbstractAsyncContextManager[asyncio.StreamReader]]


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Look:
    """What a browser shows of a page, line by line: `async with look("page.html", address, key) as lines:`."""

    @asynccontextmanager
    async def looking(page: str, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
        command = _node_command(request, "live_page.mjs")
        address = f"{page}?" + "&".join(quote(one, safe="") for one in arguments)
        process = await asyncio.create_subprocess_exec(
            *command, _chromium(), address, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout
            yield process.stdout
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    return looking


@pytest.fixture
def browse(pages: str, tmp_path: Path) -> Browse:
    """A headless browser on a page of another origin: `async with browse("page.html", address, key):`."""
    program = _chromium()
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    )

    @asynccontextmanager
    async def browsing(name: str, *arguments: str) -> AsyncIterator[None]:
        page = f"{pages}/{name}?" + "&".join(quote(one, safe="") for one in arguments)
        folder = tmp_path / name
        process = await asyncio.create_subprocess_exec(
            program, *flags, f"--user-data-dir={folder}", "--remote-debugging-port=0", page,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            await process.wait()

    return browsing
