"""The command that explains a pair of records: a readable table, or JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import Config, DataDir, Json, run, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from graph.transactions import Graph
    from resolution.explanation import Reason
    from resolution.pairs import PairExplanation

_PIPED_WIDTH = 140
"""Columns of a table that no terminal limits."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(why)


def why(
    left: Annotated[str, typer.Argument(help="Key of one record, such as crm:1.")],
    right: Annotated[str, typer.Argument(help="Key of the other record.")],
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say why two records are, or are not, taken for one: every comparison with its weight, and what else decides."""
    from api.configuration import read_configuration
    from api.explanations import pair_explanation
    from api.settings import ApiSettings
    from resolution.pairs import why_records

    settings = read_configuration(config or ApiSettings().config_file).resolution

    async def work(graph: "Graph") -> "PairExplanation":
        return await why_records(graph, left, right, settings)

    found = run(data_dir, work)
    if as_json:
        show(as_json, asdict(pair_explanation(found)))
    else:
        _print(found)


def _print(found: "PairExplanation") -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPED_WIDTH)
    for part in _parts(found):
        console.print(part)


def _parts(found: "PairExplanation") -> "Iterator[RenderableType]":
    from rich.padding import Padding
    from rich.text import Text

    from resolution.sentences import pair_sentences

    yield _table(found)
    for sentence in pair_sentences(found):
        yield Padding(Text(f"• {_plain(sentence)}"), (0, 0, 0, 1))


def _table(found: "PairExplanation") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from resolution.explanation import signed

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for record in (found.left, found.right):
        table.add_column(Text(_plain(record.key)), overflow="fold", max_width=32)
    table.add_column("finding")
    for name in ("m", "u", "rarity", "weight", "total"):
        table.add_column(name, justify="right", no_wrap=True)
    prior = signed(found.waterfall.prior)
    table.add_row("any two records", "", "", "", "", "", "", prior, prior)
    for reason in found.waterfall.reasons:
        if reason.left.shown or reason.right.shown:
            table.add_row(*_cells(reason), style="" if reason.speaks else "dim")
    weight = signed(found.waterfall.weight)
    table.add_section()
    table.add_row(found.outcome.value, "", "", "", "", "", "", "", weight, style="bold")
    return table


def _cells(reason: "Reason") -> "Iterator[RenderableType]":
    """Values are text and nothing else: what a record says never styles or steers the terminal."""
    from rich.text import Text

    from resolution.explanation import signed

    yield reason.comparison.replace("_", " ")
    yield Text(_plain(reason.left.shown or "–"))
    yield Text(_plain(reason.right.shown or "–"))
    yield reason.level
    yield _share(reason.m)
    yield _share(reason.u)
    yield signed(reason.adjustment) if abs(reason.adjustment) >= 0.05 else ""
    yield signed(reason.weight) if reason.speaks else ""
    yield signed(reason.total)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2g}"


def _plain(text: str) -> str:
    """Text without control characters, which could steer a terminal, and without marks that turn its direction."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
