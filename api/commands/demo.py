"""The command that shows everything: demo."""

import asyncio
import json
import time
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from api.commands.terminal import DataDir, Json, announce, graph_settings, progress_bars, show
from graph.errors import ConfigurationError

if TYPE_CHECKING:
    import socket

    from rich.console import RenderableType

    from api.demonstration import Report
    from api.settings import ApiSettings
    from graph.transactions import Graph

_KEY_DAYS = 7
_WIDTH = 92


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Show everything and exit.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Load and resolve the example data, show what comes out, and leave the API running."""
    from api.logs import configure_logs
    from api.server import serve
    from graph.connection import open_graph

    configure_logs(quiet=True)

    async def work() -> None:
        started = time.perf_counter()
        within = graph_settings(data_dir)
        async with open_graph(within, announce) as graph:
            report, key = await _loaded(graph, time.perf_counter() - started, as_json)
            if once:
                _print(report, key, None, as_json)
            else:
                settings, listening = _anywhere()
                show_all = partial(_print, report, key, as_json=as_json)
                await serve(settings, graph, listening, show_all, within.data_dir)

    asyncio.run(work())


async def _loaded(graph: "Graph", started: float, as_json: bool) -> "tuple[Report, str]":
    """Load and resolve the example; what happened, and a key to look at it."""
    from api.demonstration import demonstrate
    from api.keys import issue_key
    from graph.vocabulary import Role

    with progress_bars(as_json) as bars:
        report = await demonstrate(graph, bars.step)
    report.seconds = {"start": round(started, 2), **report.seconds}
    key, _ = await issue_key(graph, Role.ADMIN, timedelta(days=_KEY_DAYS))
    return report, key


def _anywhere() -> "tuple[ApiSettings, socket.socket]":
    """Settings and socket of an API with the example's segments and the explorer: at the usual port, or a free one."""
    from api.demonstration import EXAMPLE
    from api.server import listen
    from api.settings import ApiSettings

    settings = ApiSettings(development=True, config_file=EXAMPLE / "onefold.toml")
    try:
        return settings, listen(settings)
    except ConfigurationError:
        settings = settings.model_copy(update={"port": 0})
        return settings, listen(settings)


def _print(report: "Report", key: str, address: str | None, as_json: bool) -> None:
    if as_json:
        show(True, {**asdict(report), "key": key, "address": address})
        return
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False)
    width = min(_WIDTH, console.width - 4)
    for part in (_figures(report), _question(report, width), _addresses(key, report.email, address)):
        console.print()
        console.print(Padding(part, (0, 2)))
    console.print()


def _figures(report: "Report") -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    rows = [
        (
            "records",
            f"{report.records:,}",
            f"from six files; {report.quarantined} rows in quarantine, with their reasons",
        ),
        ("touchpoints", f"{report.touchpoints:,}", "visits, e-mails, purchases"),
        ("people", f"{report.people:,}", "one profile each"),
        ("organisations", f"{report.organisations:,}", "never merged with people"),
        ("visitors", f"{report.visitors:,}", "browsers and devices nobody has logged in on"),
    ]
    if report.evaluation is not None:
        pairwise = report.evaluation.pairwise
        rows += [
            ("", "", ""),
            (
                "precision",
                f"{pairwise.precision:.3f}",
                "part of the joined pairs that are one person in truth",
            ),
            (
                "recall",
                f"{pairwise.recall:.3f}",
                "part of the pairs that are one person in truth and were joined",
            ),
        ]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan")
    table.add_column(justify="right", style="bold")
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*row)
    steps = "   ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    heading = "What came out, from the graph of an earlier run" if report.kept else "What came out"
    return Group(Text(heading, style="bold"), "", table, "", Text(steps, style="dim"))


def _question(report: "Report", width: int) -> "RenderableType":
    from rich.console import Group
    from rich.syntax import Syntax
    from rich.text import Text

    from api.demonstration import QUESTION

    return Group(
        Text(f"A question in GraphQL: who is {report.email}?", style="bold"),
        "",
        Syntax(QUESTION, "graphql", theme="ansi_dark", background_color="default"),
        "",
        Syntax(pretty(report.answer, width), "json", theme="ansi_dark", background_color="default"),
    )


def pretty(value: Any, width: int = _WIDTH, margin: str = "", label: str = "") -> str:
    """JSON text in which whatever fits on a line of `width`, after its margin and label, stays on one."""
    line = label + json.dumps(value, ensure_ascii=False)
    if len(margin) + len(line) < width or not value or not isinstance(value, dict | list):
        return line
    inner = margin + "  "
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        parts = [pretty(part, width, inner, f"{json.dumps(name)}: ") for name, part in named.items()]
    else:
        parts = [pretty(part, width, inner) for part in cast("list[Any]", value)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{label}{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{margin}{closing}"


def _addresses(key: str, email: str, address: str | None) -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("API key", f"{key}  [dim](administrator, {_KEY_DAYS} days)[/]")
    if address is None:
        table.add_row("next", "onefold demo  [dim](without --once: serves what is there)[/]")
        return Group(Text("Look and ask yourself", style="bold"), "", table)
    table.add_row("workbench", f"{address}/steward  [dim](sign in with the key)[/]")
    table.add_row("explorer", f"{address}/graphql")
    table.add_row("REST", f"{address}/v1/lookup?email={email}")
    table.add_row("", f'[dim]curl -H "Authorization: Bearer KEY" "{address}/v1/lookup?email={email}"[/]')
    note = Text("The API runs until Ctrl-C; the graph stops by itself, or by `onefold down`.", style="dim")
    return Group(Text("Look and ask yourself", style="bold"), "", table, "", note)
