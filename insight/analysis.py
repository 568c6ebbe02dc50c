"""The columnar copy: touchpoints and who they are of in a DuckDB file, for questions about all journeys at once."""

import asyncio
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import structlog

from graph.changes import settled_number
from graph.errors import AnalysisDueError, AnalysisHeldError, GraphTimeoutError, OnefoldError
from graph.transactions import Graph
from insight.analysis_copying import copy_all, copy_since
from insight.analysis_tables import create, rebuild_journeys
from insight.sessions import SessionSettings

log = structlog.get_logger()

_FILE = "analysis.duckdb"
_CONFIG: dict[str, Any] = {
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_PATIENCE_SECONDS = 1.5
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one question, and up to when the graph had been copied (UTC)."""

    rows: list[tuple[Any, ...]]
    copied_at: datetime


class Analysis:
    """One copy of one graph, opened at the first question and brought up to date before each.

    It is never the truth: a file that cannot be read, or that is of another state of the graph, is made again.
    """

    def __init__(
        self, graph: Graph, settings: SessionSettings, folder: Path, patience: float = _PATIENCE_SECONDS
    ) -> None:
        """`patience`: for so many seconds a question waits until the copy is up to date."""
        self._graph = graph
        self._settings = settings
        self._folder = folder
        self._patience = patience
        self._database: duckdb.DuckDBPyConnection | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._copied = 0
        graph.at_close(self, self.close)

    async def ask(self, question: str, parameters: Mapping[str, Any]) -> Answer:
        """Answer one SELECT statement.

        Brings the copy up to date first; when that takes long, answers from the copy as it is. Raises AnalysisDueError
        when there is none yet, AnalysisHeldError when another process has it, GraphTimeoutError after 20 seconds.
        """
        await self._bring_up_to_date()
        database = self._opened().cursor()

        def run() -> Answer:
            rows = database.execute(question, dict(parameters)).fetchall()
            copied = database.execute("SELECT moment FROM copied").fetchall()
            return Answer(rows, copied[0][0].replace(tzinfo=UTC))

        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.to_thread(run)), _ANSWER_SECONDS)
        except TimeoutError:
            database.interrupt()
            raise GraphTimeoutError("The question takes too long: ask of a shorter time.") from None

    async def refresh(self) -> None:
        """Bring the copy up to date, however long that takes."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(_tell)
        await asyncio.shield(self._refreshing)

    async def close(self) -> None:
        """Stop copying and close the file."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._refreshing
        if self._database is not None:
            self._database.close()
            self._database = None

    async def _bring_up_to_date(self) -> None:
        try:
            await asyncio.wait_for(self.refresh(), self._patience)
        except TimeoutError:
            if self._opened().execute("SELECT number FROM copied").fetchall():
                return
            raise AnalysisDueError(
                f"The touchpoints are being copied for analysis, {self._copied:,} so far: ask again in a while."
            ) from None

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._database is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = self._connect()
            create(self._database)
        return self._database

    def _connect(self) -> duckdb.DuckDBPyConnection:
        config = _CONFIG | {"temp_directory": str(self._folder / "spill")}
        try:
            return duckdb.connect(self._folder / _FILE, config=config)
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise AnalysisHeldError(
                    "Another process analyses in this data folder: ask that one."
                ) from None
        except duckdb.Error:  # a process was killed while it wrote
            pass
        shutil.rmtree(self._folder)
        self._folder.mkdir(mode=0o700)
        return duckdb.connect(self._folder / _FILE, config=config)

    async def _refresh(self) -> None:
        at, number = datetime.now(UTC), await settled_number(self._graph)
        database = self._opened().cursor()
        rules = _text(self._settings)
        state = database.execute("SELECT number, sessions FROM copied").fetchall()
        since = state[0][0] if state and state[0][1] == rules and 0 < state[0][0] <= number else None
        database.execute("BEGIN")
        try:
            if since is None:
                self._copied = 0
                await copy_all(self._graph, database, self._count)
            elif since < number:
                await copy_since(self._graph, database, since, self._count)
            if since != number:
                await asyncio.to_thread(rebuild_journeys, database, self._settings, everybody=since is None)
            database.execute("DELETE FROM copied")
            database.execute("INSERT INTO copied VALUES (?, ?, ?)", [number, at.replace(tzinfo=None), rules])
            await asyncio.to_thread(database.execute, "COMMIT")
        finally:
            database.close()  # what is not committed is taken back

    def _count(self, rows: int) -> None:
        self._copied += rows


def _text(settings: SessionSettings) -> str:
    """The settings as text, equal for equal settings."""
    rules = settings.model_dump()
    return repr({name: sorted(rule) if isinstance(rule, frozenset) else rule for name, rule in rules.items()})


def _tell(refreshing: asyncio.Task[None]) -> None:
    """Nobody may be waiting any more for a copying that fails: the log has it."""
    if not refreshing.cancelled() and (error := refreshing.exception()):
        code = error.code if isinstance(error, OnefoldError) else type(error).__name__
        log.warning("analysis_copying_failed", code=code)
