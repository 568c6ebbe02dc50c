"""Commands for indicators: rebuild."""

from typing import TYPE_CHECKING, Any

import typer

from api.commands.terminal import Config, DataDir, Json, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph

app = typer.Typer(help="Indicators.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Indicators of onefold.toml."""


@app.command()
def rebuild(config: Config = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Work all values out anew from the touchpoints, and the segments that follow; the same facts give the same."""
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from insight.following import catch_up
    from insight.indicators import rebuild_indicators

    definitions = read_configuration(config or ApiSettings().config_file).definitions

    async def work(graph: "Graph") -> dict[str, Any]:
        await rebuild_indicators(graph, definitions.indicators)
        return (await catch_up(graph, definitions)).changes()

    changes = run(data_dir, work)
    show(as_json, {"indicators": sorted(definitions.indicators), "segments": changes})
