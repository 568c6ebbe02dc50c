"""The command that shows how a file would be read, without writing anything."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.terminal import DataDir, Json, run, show

if TYPE_CHECKING:
    from graph.transactions import Graph
    from loaders.record_preview import RecordPreview
    from loaders.rows import BadRow, Row

_CANDIDATES = 3


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(preview)


def preview(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    mapping: Annotated[
        Path, typer.Option("--mapping", help="Mapping of the file.", exists=True, dir_okay=False)
    ],
    rows: Annotated[int, typer.Option("--rows", min=1, max=1_000, help="How many rows to show.")] = 5,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show how the first rows of FILE would be read, and which people they could be. Writes nothing."""
    from loaders.load import read_feed
    from loaders.mapping import read_mapping

    feed = read_feed(file, read_mapping(mapping))
    chosen = list(islice(feed.rows, rows))

    async def work(graph: "Graph") -> list[dict[str, Any]]:
        from loaders.facts import RowMapper
        from loaders.record_preview import preview_row

        mapper = RowMapper(feed.mapping, graph.salt)
        return [await _shown(graph, row, preview_row(mapper, row)) for row in chosen]

    shown = run(data_dir, work)
    show(as_json, {"rows": shown}, "\n\n".join("\n".join(_lines(one)) for one in shown))


async def _shown(graph: "Graph", row: "Row | BadRow", read: "RecordPreview") -> dict[str, Any]:
    from resolution.search import search_profiles

    record = read.record
    found = await search_profiles(graph, record.attributes, record.identifiers, _CANDIDATES) if record else []
    return {
        "line": row.line,
        "usable": read.code is None,
        "code": read.code,
        "reason": read.reason,
        "removed": read.removed,
        "written": dict(read.written),
        "record_key": record.key if record else None,
        "kind": record.kind.value if record else None,
        "attributes": dict(record.attributes) if record else {},
        "identifiers": [[one.kind, one.value] for one in record.identifiers] if record else [],
        "blocks": dict(read.blocks),
        "problems": dict(read.problems),
        "touchpoint": read.touchpoint.key if read.touchpoint else None,
        "candidates": [
            {"profile_id": one.profile_id, "probability": one.probability, "outcome": one.outcome.value}
            for one in found
        ],
    }


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    if not shown["usable"]:
        yield f"  line {shown['line']}  rejected, {shown['code']}: {shown['reason']}"
        return
    if shown["removed"]:
        yield f"  line {shown['line']}  the record is removed at its source"
        return
    yield f"  line {shown['line']}  {shown['record_key']}  {shown['kind']}"
    yield from (f"    {name:<18} {value}" for name, value in shown["attributes"].items())
    yield from (f"    {kind:<18} {value}  (identifier)" for kind, value in shown["identifiers"])
    yield from (f"    {name:<18} left out: {code}" for name, code in shown["problems"].items())
    yield from (f"    {name:<18} {value}" for name, value in shown["blocks"].items())
    for one in shown["candidates"]:
        yield f"    could be {one['profile_id']}  {one['probability']:.3f}  {one['outcome']}"
