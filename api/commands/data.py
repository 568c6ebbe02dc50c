"""Commands that move data: map, load, export."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import DataDir, Json, progress_bars, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph

_ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]

export_app = typer.Typer(help="Write what was found to files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("map")(map_file)
    app.command()(load)


def map_file(
    file: _ExistingFile,
    source: Annotated[str | None, typer.Option("--source", help="Name of the source.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Draft a mapping for FILE from its column names and content, as TOML on stdout."""
    from loaders.drafting import draft_mapping

    _ = data_dir
    sys.stdout.write(draft_mapping(file, source))


def load(
    file: _ExistingFile,
    mapping: Annotated[
        Path, typer.Option("--mapping", help="Mapping of the file.", exists=True, dir_okay=False)
    ],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Load FILE into the graph; the same file again changes nothing. Run `onefold resolve` afterwards."""
    from loaders.load import LoadReport, load_file
    from loaders.mapping import read_mapping

    known = read_mapping(mapping)

    async def work(graph: "Graph") -> LoadReport:
        with progress_bars(as_json) as bars:
            return await load_file(graph, file, known, bars.of(f"loading {file.name}"))

    report = run(data_dir, work)
    show(as_json, asdict(report))
    if report.failed_threshold:
        sys.stderr.write(
            "onefold: more than 5 % of the rows were rejected: look at `quarantine` for the reasons.\n"
        )
        raise typer.Exit(1)


@export_app.command("clusters")
def export_clusters(
    out: Annotated[Path, typer.Argument(help="File to write, .csv or .parquet.", dir_okay=False)],
    with_visitors: Annotated[bool, typer.Option("--with-visitors", help="Anonymous visitors too.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write source, record_id and profile_id of every record."""
    from api.exports import export_clusters as export

    async def work(graph: "Graph") -> int:
        return await export(graph, out, with_visitors=with_visitors)

    show(as_json, {"rows": run(data_dir, work), "file": str(out)})
