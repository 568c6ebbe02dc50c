"""Commands around the service: serve, down, doctor, version, and the hidden schema."""

import asyncio
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from api.commands.terminal import DataDir, Json, announce, graph_settings, show


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(down)
    app.command()(doctor)
    app.command()(version)
    app.command(hidden=True)(schema)


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65_535, show_default="8000")] = None,
    development: Annotated[
        bool, typer.Option("--dev", help="With the GraphQL explorer at /graphql.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Serve GraphQL and REST until Ctrl-C."""
    from api.logs import configure_logs
    from api.server import listen
    from api.server import serve as serve_app
    from api.settings import ApiSettings
    from graph.connection import open_graph

    given = {"host": host, "port": port, "development": development or None}
    settings = ApiSettings().model_copy(update={name: one for name, one in given.items() if one is not None})
    configure_logs(quiet=False)

    def ready(address: str) -> None:
        addresses = {
            "address": address,
            "graphql": f"{address}/graphql",
            "workbench": f"{address}/steward",
            "openapi": f"{address}/openapi.json",
        }
        ways = f"GraphQL: {address}/graphql, workbench: {address}/steward"
        show(as_json, addresses, f"Onefold answers at {address} ({ways}). Ctrl-C stops it.")

    async def work() -> None:
        listening = listen(settings)
        within = graph_settings(data_dir)
        async with open_graph(within, announce) as graph:
            await serve_app(settings, graph, listening, ready, within.data_dir)

    asyncio.run(work())


def down(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Stop the embedded graph of this data folder."""
    from graph.embedded import stop_embedded

    stopped = stop_embedded(graph_settings(data_dir))
    show(
        as_json,
        {"stopped": stopped},
        "The graph is stopped." if stopped else "No embedded graph was running.",
    )


def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say what is installed, which graph is used, what it holds, what is wrong and how to mend it."""
    from api.diagnosis import diagnose

    diagnosis = asyncio.run(diagnose(graph_settings(data_dir), announce))
    problems = [f"  ✗ {problem['what']}\n    → {problem['mend']}" for problem in diagnosis["problems"]]
    shown = {name: value for name, value in diagnosis.items() if name not in ("problems", "ok")}
    from api.commands.terminal import figures

    show(as_json, diagnosis, "\n".join([figures(shown), "", *(problems or ["  ✓ nothing is wrong"])]))
    if not diagnosis["ok"]:
        raise typer.Exit(1)


def version(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say which Onefold this is."""
    _ = data_dir
    show(as_json, {"version": installed_version("onefold")}, f"onefold {installed_version('onefold')}")


def schema(
    out: Annotated[Path | None, typer.Argument(help="File to write.", show_default="stdout")] = None,
) -> None:
    """Print the GraphQL schema."""
    from api.schema import schema_text

    if out is None:
        typer.echo(schema_text(), nl=False)
    else:
        out.write_text(schema_text(), encoding="utf-8")
