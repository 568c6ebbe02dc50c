"""Commands for identifiers that must not be taken in: add, list, remove."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import DataDir, Json, graph_settings, run, show
from graph.errors import InputError
from graph.unusable import UnusableValueError

if TYPE_CHECKING:
    from graph.facts import Identifier
    from graph.suppressions import Suppression
    from graph.transactions import Graph

app = typer.Typer(help="Identifiers that must not be taken in again.", no_args_is_help=True)

_Kind = Annotated[str, typer.Argument(metavar="KIND", help="email, phone, user_id, …")]
_Value = Annotated[
    str, typer.Argument(metavar="VALUE", help="The value, or - to read values from stdin, one a line.")
]
_Country = Annotated[
    str | None, typer.Option("--country", help="Where national phone numbers are read, as DE.")
]
_PAGE = 1_000


@app.command()
def add(
    kind: _Kind,
    value: _Value,
    reason: Annotated[str, typer.Option("--reason", help="Why; names nobody.")] = "",
    country: _Country = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Refuse identifiers at every door from now on. What is in the graph already stays."""
    from graph.suppressions import suppress

    found = _identifiers(kind, value, country)

    async def work(graph: "Graph") -> int:
        count = await suppress(graph, found, author=getuser(), reason=reason, at=datetime.now(UTC))
        await _copy(graph, data_dir)
        return count

    show(as_json, {"suppressed": run(data_dir, work), "given": len(found)})


@app.command("list")
def list_suppressions(
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List what is refused, by key: the values themselves are kept nowhere."""
    from graph.suppressions import read_suppressions

    async def work(graph: "Graph") -> "list[Suppression]":
        found: list[Suppression] = []
        while page := await read_suppressions(
            graph, size=_PAGE, after=found[-1].key if found else "", kind=kind
        ):
            found += page
        return found

    found = run(data_dir, work)
    lines = [f"  {one.key}  {one.since:%Y-%m-%d}  {one.reason}" for one in found]
    rows = [{name: one for name, one in asdict(row).items() if name != "until"} for row in found]
    show(as_json, {"suppressions": rows}, "\n".join(lines) or "  nothing is suppressed")


@app.command()
def remove(
    kind: _Kind, value: _Value, country: _Country = None, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Take identifiers in again."""
    from graph.identifiers import identifier_key
    from graph.suppressions import lift_suppressions

    found = _identifiers(kind, value, country)

    async def work(graph: "Graph") -> int:
        keys = [identifier_key(one, graph.salt) for one in found]
        count = await lift_suppressions(graph, keys, datetime.now(UTC))
        await _copy(graph, data_dir)
        return count

    show(as_json, {"removed": run(data_dir, work), "given": len(found)})


async def _copy(graph: "Graph", data_dir: Path | None) -> None:
    """Bring the copy in the data folder up to date, so that a service that uses it knows at once."""
    from loaders.suppressions import Suppressions

    with Suppressions.open(graph_settings(data_dir).data_dir) as suppressions:
        await suppressions.refresh(graph)


def _identifiers(kind: str, value: str, country: str | None) -> "list[Identifier]":
    from graph.identifiers import clean_identifier

    values = [line.strip() for line in sys.stdin if line.strip()] if value == "-" else [value]
    found: list[Identifier] = []
    for number, text in enumerate(values, start=1):
        try:
            found.append(clean_identifier(kind, text, country=country))
        except UnusableValueError as error:
            raise InputError(f"Value {number} is no {kind} ({error.code}): {error}") from None
    return found
