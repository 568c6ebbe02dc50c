"""Commands that move data: map, load, ingest, export."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import Config, DataDir, Json, graph_settings, progress_bars, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph

_ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]

export_app = typer.Typer(help="Write what was found to files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("map")(map_file)
    app.command()(load)
    app.command()(ingest)


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
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)],
    mapping: Annotated[
        list[Path],
        typer.Option(
            "--mapping",
            help="Mapping of the files; given as often as there are files, each has its own, in their order.",
            exists=True,
            dir_okay=False,
        ),
    ],
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Load FILES into the graph; the same files again change nothing. Run `onefold resolve` afterwards.

    A large first load is imported offline, resolved already.
    """
    from api.configuration import read_configuration
    from api.first_load import staged_resolver
    from api.settings import ApiSettings
    from loaders.load import LoadReport, load_feeds, read_feed
    from loaders.mapping import read_mapping

    if len(mapping) not in (1, len(files)):
        raise typer.BadParameter("give one mapping for all files, or one for each of them")
    known = [read_mapping(path) for path in mapping]
    known = known * len(files) if len(known) == 1 else known
    settings = read_configuration(config or ApiSettings().config_file).resolution

    async def work(graph: "Graph") -> LoadReport:
        with progress_bars(as_json) as bars:
            feeds = [read_feed(file, one, bars.step) for file, one in zip(files, known, strict=True)]
            resolver = staged_resolver(settings, graph.salt, bars.step)
            return await load_feeds(graph, feeds, progress=bars.step, resolver=resolver)

    show(as_json, asdict(run(data_dir, work)))


def ingest(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say what became of the events that `onefold serve` took, and how far the graph is behind."""
    from api.ingest import ingested
    from loaders.journal import read_journal

    counts, lag_seconds = read_journal(graph_settings(data_dir).data_dir / "journal")
    sources = {
        one.source: {k: v for k, v in asdict(one).items() if k != "source"} for one in ingested(counts)
    }
    pending = sum(one.pending for one in counts.values())
    show(as_json, {"pending": pending, "lag_seconds": round(lag_seconds, 1), "sources": sources})


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
