"""What commands share: their options, an open graph, one JSON object on stdout, progress on stderr."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from graph.settings import GraphSettings
    from graph.transactions import Graph

T = TypeVar("T")

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Folder of the embedded graph.", file_okay=False, show_default="your data folder"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Configuration: resolution, segments, sources.", show_default="./onefold.toml"
    ),
]


def graph_settings(data_dir: Path | None) -> "GraphSettings":
    """The settings of the graph, in the folder that was asked for."""
    from graph.settings import GraphSettings

    return GraphSettings(data_dir=data_dir.resolve()) if data_dir else GraphSettings()


def run(data_dir: Path | None, work: "Callable[[Graph], Awaitable[T]]") -> T:
    """Open the graph, await `work` on it, and close it."""
    from api.logs import configure_logs
    from graph.connection import open_graph

    configure_logs(quiet=True)

    async def opened() -> T:
        async with open_graph(graph_settings(data_dir), announce) as graph:
            return await work(graph)

    return asyncio.run(opened())


def announce(message: str) -> None:
    """Say on stderr what takes long."""
    sys.stderr.write(f"onefold: {message} …\n")
    sys.stderr.flush()


def show(as_json: bool, result: Mapping[str, Any], text: str | None = None) -> None:
    """Print a result: one JSON object, or for people `text` (by default its top-level figures, one a line)."""
    if as_json:
        import orjson

        typer.echo(orjson.dumps(result, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE), nl=False)
    elif text is not None:
        typer.echo(text)
    else:
        typer.echo(figures(result))


def figures(result: Mapping[str, Any]) -> str:
    """Names and values in two columns, nested names joined."""
    rows = list(_flat(result))
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)


def _flat(result: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in result.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name} ")
        elif isinstance(value, float):
            yield f"{above}{name}", f"{value:,.3f}"
        else:
            yield f"{above}{name}", f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def progress_bars(as_json: bool) -> "Generator[Bars]":
    """Progress bars on stderr, shown only to a person at a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=as_json or not console.is_terminal,
    ) as progress:
        bars = Bars(progress)
        yield bars
        bars.finish()


class Bars:
    """Feeds progress bars from the callbacks of loading and resolving, one bar for each step."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._current = ""

    def step(self, name: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` is done of a step; the step before it is over."""
        if name != self._current:
            self.finish()
            self._current = name
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done, total=total)

    def of(self, name: str) -> Callable[[int, int | None], None]:
        """The callback of a work that is a single step."""
        return lambda done, total: self.step(name, done, total)

    def finish(self) -> None:
        """Show the present step as done."""
        if self._current:
            self._bars.update(self._tasks[self._current], total=1, completed=1)
