"""Commands for rows that could not be used: list, mend, replay."""

import sys
from collections.abc import Awaitable, Callable
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import DataDir, Json, run, show
from graph.errors import NotFoundError

if TYPE_CHECKING:
    from graph.quarantine import Quarantined
    from graph.transactions import Graph
    from loaders.replay import Replay, Replayed

app = typer.Typer(help="Rows that could not be used.", no_args_is_help=True)

_Source = Annotated[str | None, typer.Option("--source", help="Only rows of this source.")]
_Code = Annotated[str | None, typer.Option("--code", help="Only rows with this reason code.")]
_Mapping = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help="A mended mapping.", exists=True, dir_okay=False, show_default="the last one used"
    ),
]
_PAGE = 1_000
_SHOWN = 50


@app.command("list")
def list_rows(
    source: _Source = None,
    code: _Code = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Most rows shown.")] = 50,
    raw: Annotated[bool, typer.Option("--raw", help="With the rows' text (personal data).")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List the rows that wait, and how many of each code there are."""
    from graph.quarantine import count_quarantined, read_quarantined

    async def work(graph: "Graph") -> "tuple[dict[str, int], list[Quarantined]]":
        counts = await count_quarantined(graph, source)
        return counts, await read_quarantined(graph, size=limit, source=source, code=code)

    counts, rows = run(data_dir, work)
    lines = [f"  {name:<24} {count:,}" for name, count in counts.items()] or ["  nothing waits"]
    for row in rows:
        text = f"\n      {row.raw}" if raw else ""
        lines.append(f"  {row.key}  {row.source}  {row.file}:{row.line}  {row.code}: {row.reason}{text}")
    show(as_json, {"counts": counts, "rows": [_shown(row, raw) for row in rows]}, "\n".join(lines))


@app.command()
def replay(
    source: _Source = None,
    code: _Code = None,
    mapping: _Mapping = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read rows again and take in what can be used now. Run `onefold resolve` afterwards."""
    from graph.quarantine import read_quarantined

    async def work(graph: "Graph", replaying: "Replay") -> "list[Replayed]":
        results: list[Replayed] = []
        after = ""
        while page := await read_quarantined(graph, size=_PAGE, after=after, source=source, code=code):
            results += await replaying.all(page)
            after = page[-1].key
        return results

    _tell(_replaying(data_dir, mapping, work), as_json)


@app.command()
def mend(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key of the row, as `quarantine list` shows it.")],
    row: Annotated[
        str,
        typer.Argument(
            metavar="ROW", help="What it should say: a JSON object of its columns; - reads stdin."
        ),
    ],
    mapping: _Mapping = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Put ROW in the place of a row that could not be used, and take it in."""
    from graph.quarantine import find_quarantined

    text = sys.stdin.read() if row == "-" else row

    async def work(graph: "Graph", replaying: "Replay") -> "list[Replayed]":
        found = [one for one in await find_quarantined(graph, [key]) if one.released_at is None]
        if not found:
            raise NotFoundError("No row waits under this key: see `onefold quarantine list`.")
        return [await replaying.mended(found[0], text)]

    _tell(_replaying(data_dir, mapping, work), as_json)


def _replaying(
    data_dir: Path | None, mapping: Path | None, work: "Callable[[Graph, Replay], Awaitable[list[Replayed]]]"
) -> "list[Replayed]":
    from loaders.door import open_door
    from loaders.mapping import read_mapping
    from loaders.replay import Replay

    known = read_mapping(mapping) if mapping else None

    async def opened(graph: "Graph") -> "list[Replayed]":
        async with open_door(graph) as door:
            return await work(graph, Replay(graph, door, getuser(), known))

    return run(data_dir, opened)


def _tell(results: "list[Replayed]", as_json: bool) -> None:
    still = [{"key": one.key, "code": one.code, "reason": one.reason} for one in results if one.code]
    counts = {"released": len(results) - len(still), "waiting": len(still)}
    lines = [f"  released {counts['released']:,}, waiting {counts['waiting']:,}"]
    lines += [f"  {one['key']}  {one['code']}: {one['reason']}" for one in still[:_SHOWN]]
    show(as_json, {**counts, "rows": still}, "\n".join(lines))


def _shown(row: "Quarantined", raw: bool) -> dict[str, object]:
    shown = {
        name: getattr(row, name) for name in ("key", "source", "file", "line", "code", "reason", "at", "form")
    }
    return {**shown, "raw": row.raw} if raw else shown
