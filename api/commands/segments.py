"""Commands for segments: refresh."""

from typing import TYPE_CHECKING, Any

import typer

from api.commands.terminal import Config, DataDir, Json, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph

app = typer.Typer(help="Segments.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Segments of onefold.toml."""


@app.command()
def refresh(config: Config = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Bring segment memberships in line with the rules; `resolve` does this too."""
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from insight.following import rebuild_segments

    definitions = read_configuration(config or ApiSettings().config_file).definitions

    async def work(graph: "Graph") -> dict[str, Any]:
        return (await rebuild_segments(graph, definitions)).changes()

    changes = run(data_dir, work)
    show(as_json, {"segments": changes}, None if changes else "  no segments are defined")
