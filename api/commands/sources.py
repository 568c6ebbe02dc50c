"""Commands around sources: the catalogue, and a new mapping over history."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.terminal import DataDir, Json, progress_bars, run, show

if TYPE_CHECKING:
    from graph.sources import Source
    from graph.transactions import Graph
    from loaders.remap import RemapReport


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(sources)
    app.command()(remap)


def sources(
    name: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Only this source, with its fields.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what comes from where: owner, lawful basis, freshness, rejected rows, fields."""
    from graph.quarantine import count_quarantined_of_each
    from graph.sources import list_sources

    async def work(graph: "Graph") -> "tuple[list[Source], dict[str, dict[str, int]]]":
        return await list_sources(graph), await count_quarantined_of_each(graph)

    known, waiting = run(data_dir, work)
    chosen = [one for one in known if name in (None, one.name)]
    shown = [_shown(one, waiting.get(one.name, {})) for one in chosen]
    show(
        as_json,
        {"sources": shown},
        "\n".join(_lines(one, name is not None) for one in shown) or "  no sources",
    )


def remap(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping", help="The new mapping of its rows.", exists=True, dir_okay=False, readable=True
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read all that SOURCE ever sent again: under a new mapping or new rules. Run `onefold resolve` afterwards."""
    from loaders.mapping import read_mapping
    from loaders.remap import remap as apply

    known = read_mapping(mapping) if mapping else None

    async def work(graph: "Graph") -> "RemapReport":
        with progress_bars(as_json) as bars:
            return await apply(graph, source, known, bars.step)

    report = run(data_dir, work)
    removed = {"records_removed": report.records_removed, "touchpoints_removed": report.touchpoints_removed}
    show(as_json, {**asdict(report.load), **removed})


def _shown(one: "Source", waiting: dict[str, int]) -> dict[str, Any]:
    said = {name: value for name, value in asdict(one).items() if name not in ("fields", "mapping")}
    newest = one.newest_at or one.last_loaded_at
    return {
        **said,
        "rejected_share": one.rejected_share,
        "age_seconds": round((datetime.now(UTC) - newest).total_seconds()) if newest else None,
        "quarantine": waiting,
        "fields": [
            {"column": field.column, "mapped_to": field.mapped_to, "fill_rate": field.fill_rate}
            for field in one.fields
        ],
    }


def _lines(shown: dict[str, Any], whole: bool) -> str:
    loaded = f"{shown['last_loaded_at']:%Y-%m-%d %H:%M}" if shown["last_loaded_at"] else "never"
    lines = [
        f"  {shown['name']:<20} owner {shown['owner'] or '–'}, basis {shown['lawful_basis'] or '–'}, "
        f"loaded {loaded}, {shown['rows']:,} rows, rejected {shown['rejected_share']:.1%}, "
        f"in quarantine {sum(shown['quarantine'].values()):,}"
    ]
    if whole:
        lines += [f"    {code}: {rows:,} waiting" for code, rows in shown["quarantine"].items()]
        lines += [
            f"    {one['column']:<24} {one['fill_rate']:>6.1%}  {one['mapped_to'] or '–'}"
            for one in shown["fields"]
        ]
    return "\n".join(lines)
