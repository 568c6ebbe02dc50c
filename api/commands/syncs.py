"""Commands that follow a source: sync."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.terminal import Config, DataDir, Json, announce, figures, progress_bars, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph
    from loaders.origins import MappedOrigin, Origin


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(sync)


def sync(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="Its name in the configuration.", show_default="all"),
    ] = None,
    every: Annotated[
        str | None, typer.Option("--every", help="Go on, so often: 30s, 5m, 2h, 1d.", show_default="once")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Load what has changed in databases, APIs and folders. Run `onefold resolve` afterwards."""
    from loaders.syncs import mapped_origins

    chosen = mapped_origins(_chosen(sources or [], config))
    period = _period(every)

    async def work(graph: "Graph") -> bool:
        good = True
        async for _ in _rounds(period):
            reports = [await _sync_one(graph, one, full=full, as_json=as_json) for one in chosen]
            good = not any("error" in report for report in reports)
            show(as_json, {"sources": reports}, "\n\n".join(map(figures, reports)))
        return good

    if not run(data_dir, work):
        raise typer.Exit(1)


def _chosen(names: list[str], config: Any) -> "dict[str, Origin]":
    from api.configuration import read_configuration
    from api.settings import ApiSettings

    path = config or ApiSettings().config_file
    known = read_configuration(path).sources
    if not known:
        raise typer.BadParameter(f"{path.name} lists no [sources]")
    if unknown := sorted(set(names) - set(known)):
        raise typer.BadParameter(f"no such source: {unknown[0]}; {path.name} lists {', '.join(known)}")
    return {name: known[name] for name in names or known}


def _period(every: str | None) -> timedelta | None:
    from loaders.watermarks import duration

    try:
        return duration(every) if every else None
    except ValueError as error:
        raise typer.BadParameter(f"--every: {error}") from error


async def _rounds(period: timedelta | None) -> AsyncIterator[None]:
    """Once, or again and again; a round that took longer than the period is followed at once."""
    while True:
        started = monotonic()
        yield
        if period is None:
            return
        await asyncio.sleep(max(0.0, period.total_seconds() - (monotonic() - started)))


async def _sync_one(graph: "Graph", source: "MappedOrigin", *, full: bool, as_json: bool) -> dict[str, Any]:
    """Sync one source and say what came of it; a failure does not keep the others waiting."""
    from graph.errors import OnefoldError
    from loaders.syncs import sync as bring_up_to_date

    try:
        with progress_bars(as_json) as bars:
            return asdict(await bring_up_to_date(graph, source, full=full, progress=bars.step))
    except OnefoldError as error:
        announce(f"{source.name}: {error}")
        return {"source": source.name, "error": {"code": error.code, "message": str(error)}}
